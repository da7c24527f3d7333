"""Applies what is told of people who were won or lost: stored, and the contact put where it leads.

A batch is one transaction, and the number of its statements does not depend on its size. The same outcome
again changes nothing; what names nobody whom we know is kept aside, with the reason, and can be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.model import DecisionRecord, Lifecycle, Outcome
from nurture.core.outcomes import (
    OWN_HANDOVER,
    Consequence,
    Identity,
    Standing,
    ToldOutcome,
    consequence,
    problem_with,
)
from nurture.core.words import on_one_line
from nurture.ingest.emails import clean_email
from nurture.ingest.phones import clean_phone
from nurture.store import consents, journey, outcomes, records, retention, settling, unmatched
from nurture.store.engine import Store
from nurture.store.outcomes import NewOutcome
from nurture.store.unmatched import Unmatched
from nurture.tokens import Signer

REASON_AT_MOST = 500
"""Characters of sales' own words that are kept."""

RETRIED_AT_ONCE = 1_000
RETRYING = "match outcomes"
"""The chore of trying again what is nobody's."""

ERASED = "the person was erased, or must not be written to, so it is not kept"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch: the outcomes that are new, how many were known, those that are nobody's, and
    how many contacts went to each lifecycle.
    """

    outcomes: tuple[Outcome, ...] = ()
    known: int = 0
    unmatched: tuple[Unmatched, ...] = ()
    moved: Mapping[Lifecycle, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Owned:
    """A told outcome with the contact that it is of, and the hand-over where one is named."""

    told: ToldOutcome
    contact_id: int
    handover_id: int | None


class OutcomeBook:
    """Applies batches in transactions of its own; observers are told after the commit.

    `country` is where telephone numbers are from that name none.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        signer: Signer,
        *,
        country: str,
        observe_outcomes: Callable[[Sequence[Outcome]], None],
        observe_decisions: Callable[[Sequence[int], Sequence[DecisionRecord]], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._signer = signer
        self._country = country
        self._observe_outcomes = observe_outcomes
        self._observe_decisions = observe_decisions

    def apply(self, batch: Sequence[ToldOutcome], source: str) -> Applied:
        """Applies a batch; `source` says by whom or what it was told. Raised when the database is away:
        StoreError.
        """
        return self._apply([(one, _sourced(source, one.line)) for one in batch])

    def retry(self) -> Applied:
        """Tries again to match what is kept aside. The answer's `unmatched` is what stays there."""
        done = [Applied()]
        last = 0
        while True:
            with self._store.read() as connection:
                rows = unmatched.after(connection, last, RETRIED_AT_ONCE)
            if not rows:
                return together(done)
            done.append(self._apply([(row.told, row.source) for row in rows]))
            last = rows[-1].id

    def retry_a_little(self) -> int:
        """Tries a batch of what is kept aside once more, each once a day; answers with how many it saw."""
        with self._store.read() as connection:
            if not unmatched.after(connection, 0, 1):
                return 0
        now = self._clock.now()
        with self._store.write() as connection:
            last = retention.take_turn(connection, RETRYING, now)
            rows = [] if last is None else unmatched.after(connection, last, RETRIED_AT_ONCE)
            if last is not None:
                full = len(rows) == RETRIED_AT_ONCE
                retention.come_to(connection, RETRYING, rows[-1].id if full else None)
        if rows:
            self._apply([(row.told, row.source) for row in rows])
        return len(rows)

    def _apply(self, batch: Sequence[tuple[ToldOutcome, str]]) -> Applied:
        now = self._clock.now()
        told = {one.digest: (one, source) for one, source in (_plain(each) for each in batch)}
        with self._store.write() as connection:
            owned, aside = self._matched(connection, told, now)
            unmatched.keep(connection, [one for one in aside if one.reason != ERASED], now)
            unmatched.drop(connection, [digest for digest in told if digest in owned])
            new, led = _recorded(connection, owned, {d: source for d, (_, source) in told.items()}, now)
        self._observe_outcomes(new)
        pairs = [(outcome.contact_id, led[outcome.id].record) for outcome in new]
        self._observe_decisions([id_ for id_, _ in pairs], [record for _, record in pairs])
        return Applied(new, len(batch) - len(new) - len(aside), tuple(aside), _counted(led.values()))

    def _matched(
        self, connection: sa.Connection, told: Mapping[bytes, tuple[ToldOutcome, str]], now: datetime
    ) -> tuple[dict[bytes, _Owned], list[Unmatched]]:
        """By digest what has an owner, and what has none with the reason."""
        who = {
            digest: [pair for pair in map(self._normal, one.who) if pair is not None]
            for digest, (one, _) in told.items()
        }
        wanted = {pair for pairs in who.values() for pair in pairs}
        owners = settling.owners(connection, wanted)
        never = self._suppressed(connection, wanted - owners.keys())
        owned: dict[bytes, _Owned] = {}
        aside: list[Unmatched] = []
        for digest, (one, source) in told.items():
            pairs = who[digest]
            found = {owners[pair] for pair in pairs if pair in owners}
            problem = problem_with(one, now)
            if problem is None and len(found) == 1:
                named = (int(value) for kind, value in owners.keys() & set(pairs) if kind == OWN_HANDOVER)
                owned[digest] = _Owned(one, found.pop(), next(named, None))
            else:
                reason = problem or (_several(found) if found else self._nobody(one, pairs, never))
                aside.append(Unmatched(one, source, reason))
        return owned, aside

    def _normal(self, pair: Identity) -> Identity | None:
        """As identities are stored; None for an address or a number that cannot be one."""
        kind, value = pair
        if kind == "email":
            email, _ = clean_email(value)
            return None if email is None else (kind, email)
        if kind == "phone":
            phone, _ = clean_phone(value, self._country)
            return None if phone is None else (kind, phone)
        return kind, value.strip()

    def _suppressed(self, connection: sa.Connection, pairs: Iterable[Identity]) -> frozenset[Identity]:
        """Those of unknown addresses that are on the suppression list: their owners were erased."""
        hashes = {self._signer.address_hash(pair[1]): pair for pair in pairs if pair[0] in ("email", "phone")}
        return frozenset(hashes[each] for each in consents.suppressed(connection, hashes))

    @staticmethod
    def _nobody(told: ToldOutcome, pairs: Sequence[Identity], never: frozenset[Identity]) -> str:
        if any(pair in never for pair in pairs):
            return ERASED
        named = " and ".join(f"{_kind_words(kind)} {value!r}" for kind, value in told.who)
        return f"nobody is known by {named}"


def _recorded(
    connection: sa.Connection, owned: Mapping[bytes, _Owned], sources: Mapping[bytes, str], now: datetime
) -> tuple[tuple[Outcome, ...], dict[int, Consequence]]:
    """Stores what is new with what follows from it: outcome id → consequence."""
    told_of = {one.contact_id for one in owned.values()}
    if told_of:
        settling.hold_handovers(connection, told_of)
    held = consents.existing_contacts(connection, told_of)
    stood = settling.standings(connection, held) if held else {}
    new = [
        _new(digest, one, sources[digest], stood[one.contact_id], now)
        for digest, one in sorted(owned.items())
        if one.contact_id in stood
    ]
    stored = outcomes.record_outcomes(connection, new, now)
    if not stored:
        return (), {}
    people = {outcome.contact_id for outcome in stored}
    holding = {id_: all_[-1] for id_, all_ in outcomes.outcomes_of(connection, people).items()}
    led = {one.id: consequence(one, holding[one.contact_id], stood[one.contact_id]) for one in stored}
    moved = {
        one.contact_id: led[one.id].lifecycle for one in stored if led[one.id].record.what == one.result.value
    }
    settling.move(connection, moved)
    answered = {
        standing.handover_id: one.source
        for one in stored
        if one.contact_id in moved
        and (standing := stood[one.contact_id]).open
        and standing.handover_id is not None
    }
    settling.accept(connection, answered, now)
    records.add_records(connection, [(one.contact_id, led[one.id].record) for one in stored], now)
    journey.wake(connection, people, now)
    return stored, led


def _new(digest: bytes, one: _Owned, source: str, standing: Standing, now: datetime) -> NewOutcome:
    told = one.told
    given = standing.given_at is not None and standing.given_at <= told.at
    return NewOutcome(
        one.contact_id,
        told.result,
        min(told.at, now),
        source,
        told.value,
        told.currency,
        told.reason,
        one.handover_id or (standing.handover_id if given else None),
        digest,
    )


def _plain(each: tuple[ToldOutcome, str]) -> tuple[ToldOutcome, str]:
    """Fit to be stored: no database takes every character."""
    told, source = each
    reason = None if told.reason is None else (on_one_line(told.reason)[:REASON_AT_MOST] or None)
    who = tuple((kind, on_one_line(value)) for kind, value in told.who if on_one_line(value))
    return replace(told, reason=reason, who=who, key=on_one_line(told.key)), on_one_line(source)


def _sourced(source: str, line: int | None) -> str:
    return source if line is None else f"{source}, line {line}"


def _several(found: set[int]) -> str:
    return f"it names several contacts: {', '.join(map(str, sorted(found)))}"


def _kind_words(kind: str) -> str:
    names = {"email": "the address", "phone": "the number", OWN_HANDOVER: "hand-over"}
    return names.get(kind, kind.replace("external:", "the id of "))


def _counted(led: Iterable[Consequence]) -> dict[Lifecycle, int]:
    counts: dict[Lifecycle, int] = {}
    for one in led:
        before, after = one.record.evidence["from"], one.lifecycle
        if before != after.value:
            counts[after] = counts.get(after, 0) + 1
    return counts


def together(parts: Sequence[Applied]) -> Applied:
    """What became of several batches."""
    moved: dict[Lifecycle, int] = {}
    for part in parts:
        for lifecycle, count in part.moved.items():
            moved[lifecycle] = moved.get(lifecycle, 0) + count
    return Applied(
        tuple(one for part in parts for one in part.outcomes),
        sum(part.known for part in parts),
        tuple(one for part in parts for one in part.unmatched),
        moved,
    )
