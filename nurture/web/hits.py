"""What a request can leave behind, and how a group of them is stored in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa

from nurture.core.consent import TRACKING
from nurture.core.model import Signal, SignalClass, SignalKind, Value, Wishes
from nurture.store import consents, opt_ins, preferences, signals
from nurture.store.consents import ConsentChange
from nurture.store.former import now_known_as
from nurture.store.opt_ins import Confirmation
from nurture.store.preferences import Preferred
from nurture.store.signals import NewSignal
from nurture.tokens import LinkFacts, OpenFacts, UnsubscribeFacts, VisitorFacts
from nurture.web.classify import LOOKED, TRAPPED, classify


@dataclass(frozen=True, slots=True)
class Hit:
    """An open or a click; or, `trapped`, whoever followed the link that no person can see.

    `headers` are the few that tell a prefetch, by their lower-case names; `origin` is what `Origins` makes of
    where it came from.
    """

    facts: LinkFacts | OpenFacts
    at: datetime
    method: str
    user_agent: str
    headers: Mapping[str, str]
    origin: Mapping[str, str] = field(default_factory=dict)
    trapped: bool = False

    @property
    def kind(self) -> str:
        """The kind of signal that it is."""
        if self.trapped:
            return TRAPPED
        return SignalKind.CLICKED if isinstance(self.facts, LinkFacts) else SignalKind.OPENED


@dataclass(frozen=True, slots=True)
class Visited:
    """Somebody who came by a mail reads a page of the firm's."""

    facts: VisitorFacts
    at: datetime
    url: str
    user_agent: str
    origin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody, or something, asked for a page that leads out of the mails, and pressed nothing.

    Kept in memory only, unless a click of the same mail comes close to it.
    """

    facts: UnsubscribeFacts
    at: datetime
    way: str
    origin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Somebody wants no more mail; `how` says by which way (one-click, page)."""

    facts: UnsubscribeFacts
    at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose on their preference page.

    `purposes` are those that they turned on or off; `stop`: no mail at all, whatever the purpose. `wishes`
    None: as they were. `address_hash` is that of their address, `proof` what can be shown of the page that
    they saw.
    """

    facts: UnsubscribeFacts
    at: datetime
    purposes: Mapping[str, bool]
    wishes: Wishes | None
    stop: bool
    address_hash: bytes | None
    proof: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody pressed the button that confirms a consent; `proof` is what can be shown of that."""

    facts: UnsubscribeFacts
    at: datetime
    proof: Mapping[str, Value]


Happened: TypeAlias = Hit | Visited | Unsubscribed | Chosen | Confirmed

STOPPED = "asked for no mail at all"
"""Why an address is suppressed whose owner said so; the only reason that they can take back themselves."""

CONSENTED = "consented"
"""The signal that a confirmed consent leaves."""

PREFERENCES = "preferences"
"""The signal that a changed preference leaves."""


def store_group(
    connection: sa.Connection,
    group: Sequence[tuple[bytes, Happened]],
    now: datetime,
    *,
    fresh: bool = False,
) -> tuple[Signal, ...]:
    """Stores what happened, each under its own key, and wakes the contacts.

    The number of statements does not depend on the size of the group. `fresh` says that none of it can have
    been stored before. Raised when that is so and a contact is gone: IntegrityError.
    """
    if not fresh or not all(isinstance(one, Hit) for _, one in group):
        group = _with_leave(connection, _since_merged(connection, group))
    chosen = [(key, one) for key, one in group if isinstance(one, Chosen)]
    changes = [_withdrawal(one) for _, one in group if isinstance(one, Unsubscribed)]
    if chosen:
        changes += _choose(connection, [one for _, one in chosen])
    confirmed = [one for _, one in group if isinstance(one, Confirmed)]
    if confirmed:
        changes += opt_ins.confirm(connection, [_confirmation(one) for one in confirmed])
    consents.change(connection, changes)
    if chosen:
        _keep_wishes(connection, [one for _, one in chosen], now)
    delivered = signals.delivered_at(
        connection, {one.facts.outbox_id for _, one in group if isinstance(one.facts, LinkFacts)}
    )
    new = [signal for key, one in group for signal in _signals(key, one, delivered, changes)]
    record = signals.record_fresh if fresh else signals.record_signals
    return record(connection, new, now)


def _since_merged(
    connection: sa.Connection, group: Sequence[tuple[bytes, Happened]]
) -> Sequence[tuple[bytes, Happened]]:
    """What mails to a contact led to that was merged into another since is that one's."""
    since = now_known_as(connection, {one.facts.contact_id for _, one in group})
    if not since:
        return group
    return [
        (key, _of(one, since[one.facts.contact_id])) if one.facts.contact_id in since else (key, one)
        for key, one in group
    ]


def _of(one: Happened, contact_id: int) -> Happened:
    facts: Any = msgspec.structs.replace(one.facts, contact_id=contact_id)
    return replace(one, facts=facts)


def _with_leave(
    connection: sa.Connection, group: Sequence[tuple[bytes, Happened]]
) -> Sequence[tuple[bytes, Happened]]:
    """Without the visits of those who refuse to be followed: their token may be older than their word."""
    visitors = {one.facts.contact_id for _, one in group if isinstance(one, Visited)}
    if not visitors:
        return group
    refused = consents.refused_of(connection, visitors)
    return [
        (key, one)
        for key, one in group
        if not (isinstance(one, Visited) and TRACKING in refused.get(one.facts.contact_id, ()))
    ]


def _signals(
    key: bytes, one: Happened, delivered: Mapping[int, datetime], changes: Sequence[ConsentChange]
) -> Iterator[NewSignal]:
    match one:
        case Hit():
            yield _tracked(key, one, delivered)
        case Visited():
            yield _visited(key, one)
        case Unsubscribed():
            yield _unsubscribed(key, one.facts, one.at, one.facts.purpose, one.how)
        case Confirmed():
            data = {**_mail(one.facts), "purpose": one.facts.purpose}
            if any(_is_of(change, one) for change in changes):
                yield NewSignal(
                    one.facts.contact_id, CONSENTED, one.at, data, SignalClass.HUMAN, "confirmed", key
                )
        case Chosen():
            yield _preferred(key, one)
            # By who it is, so that of two that came in one group each tells of its own changes.
            for change in changes:
                if change.proof is one.proof and not change.granted:
                    own = key + change.purpose.encode()
                    yield _unsubscribed(own, one.facts, one.at, change.purpose, "preferences")


def _is_of(change: ConsentChange, one: Confirmed) -> bool:
    asked = (change.contact_id, change.purpose) == (one.facts.contact_id, one.facts.purpose)
    return asked and change.granted and change.at == one.at


def _confirmation(one: Confirmed) -> Confirmation:
    facts = one.facts
    return Confirmation(facts.contact_id, facts.purpose, facts.outbox_id, one.at, one.proof)


def _choose(connection: sa.Connection, chosen: Sequence[Chosen]) -> list[ConsentChange]:
    """What these choices change of consents: what stands already stays, with its older proof."""
    people = {one.facts.contact_id for one in chosen}
    consents.hold(connection, people)
    yes, no = consents.open_of(connection, people), consents.refused_of(connection, people)
    changes = []
    for one in chosen:
        contact_id = one.facts.contact_id
        said = dict.fromkeys(yes.get(contact_id, ()), True) | dict.fromkeys(no.get(contact_id, ()), False)
        wanted = dict.fromkeys([*said, *one.purposes], False) if one.stop else one.purposes
        evidence = f"{PREFERENCES}, {_of_mail(one.facts)}"
        changes += [
            ConsentChange(contact_id, purpose, on, evidence, one.at, proof=one.proof)
            for purpose, on in sorted(wanted.items())
            if said.get(purpose) is not on
        ]
    return changes


def _keep_wishes(connection: sa.Connection, chosen: Sequence[Chosen], now: datetime) -> None:
    kept = [Preferred(one.facts.contact_id, one.wishes, one.at) for one in chosen if one.wishes is not None]
    preferences.prefer(connection, kept)
    known = [one for one in chosen if one.address_hash is not None]
    stopped = {one.address_hash: STOPPED for one in known if one.stop and one.address_hash}
    back = {one.address_hash for one in known if one.address_hash and _comes_back(one)}
    consents.lift(connection, back - stopped.keys(), STOPPED)
    consents.suppress_all(connection, stopped, now)


def _comes_back(one: Chosen) -> bool:
    return not one.stop and any(on for purpose, on in one.purposes.items() if purpose != TRACKING)


def _withdrawal(one: Unsubscribed) -> ConsentChange:
    evidence = f"{one.how}, {_of_mail(one.facts)}"
    return ConsentChange(one.facts.contact_id, one.facts.purpose, False, evidence, one.at)


def _of_mail(facts: UnsubscribeFacts) -> str:
    return f"message {facts.outbox_id} ({facts.campaign}, {facts.step})"


def _unsubscribed(key: bytes, facts: UnsubscribeFacts, at: datetime, purpose: str, how: str) -> NewSignal:
    data = {**_mail(facts), "purpose": purpose, "how": how}
    return NewSignal(facts.contact_id, SignalKind.UNSUBSCRIBED, at, data, SignalClass.HUMAN, "asked for", key)


def _preferred(key: bytes, one: Chosen) -> NewSignal:
    data: dict[str, Value] = {**_mail(one.facts), "stop": one.stop}
    data |= {f"purpose.{name}": on for name, on in one.purposes.items()}
    if one.wishes is not None:
        apart, until = one.wishes.apart, one.wishes.paused_until
        data["days_apart"] = None if apart is None else apart.days
        data["paused_until"] = None if until is None else until.isoformat()
    return NewSignal(one.facts.contact_id, PREFERENCES, one.at, data, SignalClass.HUMAN, "asked for", key)


def _tracked(key: bytes, hit: Hit, delivered: Mapping[int, datetime]) -> NewSignal:
    facts = hit.facts
    sent_at = delivered.get(facts.outbox_id)
    if hit.trapped:
        classed, why = SignalClass.MACHINE, "followed the link that no person can see"
    else:
        classed, why = classify(
            is_click=isinstance(facts, LinkFacts),
            method=hit.method,
            user_agent=hit.user_agent,
            headers=hit.headers,
            since_sent=None if sent_at is None else hit.at - sent_at,
        )
    # All that the rules looked at is kept, so that it can be classed anew by better ones.
    asked = {"method": hit.method, "agent": hit.user_agent, **hit.headers, **hit.origin}
    data: dict[str, Value] = {**_mail(facts), **asked}
    if isinstance(facts, LinkFacts):
        data["url"] = facts.url
    return NewSignal(facts.contact_id, hit.kind, hit.at, data, classed, why, key)


def _visited(key: bytes, one: Visited) -> NewSignal:
    classed, why = classify(is_click=True, method="POST", user_agent=one.user_agent)
    data: dict[str, Value] = {**_mail(one.facts), "url": one.url, "agent": one.user_agent, **one.origin}
    return NewSignal(one.facts.contact_id, SignalKind.VISITED, one.at, data, classed, why, key)


def looked_signal(one: Looked, since_merged: Mapping[int, int]) -> NewSignal:
    """What is kept of a look that stands beside a click: it counts for nothing, and tells of a scanner.

    `since_merged` says whom contacts have become part of.
    """
    data: dict[str, Value] = {**_mail(one.facts), "url": one.way, **one.origin}
    why = "a way out, looked at beside a click"
    contact_id = since_merged.get(one.facts.contact_id, one.facts.contact_id)
    return NewSignal(contact_id, LOOKED, one.at, data, SignalClass.PROBABLE, why)


def _mail(facts: LinkFacts | OpenFacts | UnsubscribeFacts | VisitorFacts) -> dict[str, Value]:
    return {"campaign": facts.campaign, "step": facts.step, "message": facts.outbox_id}
