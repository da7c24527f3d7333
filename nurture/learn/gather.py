"""The table from the database: of each lead what was known, and what they had done, when sales got them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from nurture.core.engagement import SignalRules, find_matches
from nurture.core.facts import Rules
from nurture.core.model import Account, Contact, Signal, Value
from nurture.core.past import Merge, person_then
from nurture.core.profile import SignalRule
from nurture.learn.atoms import LONGEST_CHOICE
from nurture.learn.leaks import Provenance
from nurture.learn.table import Deeds, Filling, Table
from nurture.learn.writing import membership_of, subject_of
from nurture.store import snapshots
from nurture.store.bulk import chunks
from nurture.store.ended import (
    Ended,
    ended_people,
    people_without_end,
    sure_signals_before,
)
from nurture.store.pasts import merges_of

BATCH = 500
COMPARED = 20_000
"""So many people without an outcome are looked at, for what is known of them."""

_CONTACT = ("source", "country", "city", "locale", "timezone", "job_title")
_ONLY_WHETHER = ("phone", "company")
"""Fields of the contact of which only whether they are known says anything of others."""
_ACCOUNT = ("country", "region", "sector", "employees")
_KNOWN = "known"


@dataclass(frozen=True)
class Gathered:
    """The leads with their ends, and when their fields were filled."""

    table: Table
    provenance: Provenance


@dataclass
class _Counts:
    """Of how many leads each field is known now, and of how many only since after they were decided on."""

    now: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Wanted:
    """What is gathered: ends from `since` on, with `answers` also sales' answers where there is no outcome.

    The `signals` are counted as engagement counts them, each for one point that halves every `half_life`;
    those that are `kept` are there even where nobody did it.
    """

    signals: tuple[SignalRule, ...]
    kept: Collection[str]
    half_life: timedelta
    rules: Rules
    since: datetime | None = None
    answers: bool = False


def gather(
    connection: sa.Connection, wanted: Wanted, progress: Callable[[str], None] = lambda words: None
) -> Gathered:
    """Everybody who was won or lost, in batches."""
    return _Gathering(wanted).run(connection, progress)


class _Gathering:
    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.rules = SignalRules([replace(rule, points=1) for rule in wanted.signals], wanted.rules)
        self.fillings: dict[str, Filling] = {}
        self.interests: list[tuple[str, ...]] = []
        self.amounts = {rule.id: array("d") for rule in wanted.signals}
        self.won = array("b")
        self.at = array("d")
        self.counts = _Counts()

    def run(self, connection: sa.Connection, progress: Callable[[str], None]) -> Gathered:
        wanted = self.wanted
        for ends in ended_people(connection, BATCH, since=wanted.since, answers=wanted.answers):
            self._take(connection, ends)
            progress(f"reading leads: {len(self.won):,}")
        others = _known_of_others(connection)
        return Gathered(self._table(), self._provenance(*others))

    def _take(self, connection: sa.Connection, ends: list[Ended]) -> None:
        ids = [one.contact_id for one in ends]
        merges = merges_of(connection, ids)
        signals = sure_signals_before(connection, ends)
        people = {person.id: (person, firm) for person, firm in snapshots.contacts_of(connection, ids)}
        for end in ends:
            if end.contact_id in people:
                told, did = merges.get(end.contact_id, ()), signals.get(end.contact_id, ())
                self._add(*people[end.contact_id], told, did, end)

    def _add(
        self,
        today: Contact,
        firm_today: Account | None,
        merges: Sequence[Merge],
        signals: tuple[Signal, ...],
        end: Ended,
    ) -> None:
        person, firm = person_then(today, firm_today, merges, end.decided_at)
        then, now = dict(fields_of(person, firm)), dict(fields_of(today, firm_today))
        self.counts.now.update(now.keys())
        self.counts.late.update(name for name, value in now.items() if then.get(name) != value)
        for subject, value in then.items():
            filling = self.fillings.setdefault(subject, Filling())
            filling.fill_to(len(self.won))
            filling.add(value)
        self.interests.append(person.interests)
        did = dict.fromkeys(self.amounts, 0.0)
        for match in find_matches(signals, self.rules, self.wanted.half_life, end.decided_at):
            did[match.rule.id] += match.points
        for rule, amounts in self.amounts.items():
            amounts.append(did[rule])
        self.won.append(end.won)
        self.at.append(end.decided_at.timestamp())

    def _table(self) -> Table:
        count = len(self.won)
        columns = []
        for subject in sorted(self.fillings):
            self.fillings[subject].fill_to(count)
            columns.append(self.fillings[subject].column(subject))
        named = {item for some in self.interests for item in some if len(item) <= LONGEST_CHOICE}
        for item in sorted(named):
            filling = Filling()
            for some in self.interests:
                filling.add(item in some)
            columns.append(filling.column(membership_of(item, "contact.interests")))
        deeds = [Deeds(rule, np.array(amounts)) for rule, amounts in self.amounts.items()]
        deeds += [Deeds(rule, np.zeros(count)) for rule in self.wanted.kept if rule not in self.amounts]
        return Table(
            tuple(columns), np.array(self.won, dtype=bool), np.array(self.at), self._different(deeds)
        )

    def _different(self, deeds: Iterable[Deeds]) -> tuple[Deeds, ...]:
        """Without those that nobody did, or that count just what another one counts."""
        found: dict[object, Deeds] = {np.zeros(len(self.won)).tobytes(): Deeds("", np.zeros(0))}
        for deed in deeds:
            found.setdefault(deed.rule if deed.rule in self.wanted.kept else deed.amounts.tobytes(), deed)
        return tuple(found.values())[1:]

    def _provenance(self, elsewhere: Mapping[str, float], others: int) -> Provenance:
        late = {name: self.counts.late[name] / known for name, known in self.counts.now.items()}
        return Provenance(late, elsewhere, others)


def fields_of(contact: Contact, account: Account | None) -> Iterator[tuple[str, Value]]:
    """What is known of a person and their firm, by how conditions ask for it; lists are left out."""
    for name in _CONTACT:
        yield from _field("contact", name, getattr(contact, name))
    for name in _ONLY_WHETHER:
        yield from _field("contact", name, _KNOWN if getattr(contact, name) else None)
    for name, answer in contact.answers.items():
        yield from _field("answers", name, answer)
    if account is not None:
        for name in _ACCOUNT:
            yield from _field("account", name, getattr(account, name))
        for name, fact in account.facts.items():
            yield from _field("account", name, fact)


def _field(root: str, name: str, value: Any) -> Iterator[tuple[str, Value]]:
    if value is not None and isinstance(value, str | int | float | bool):
        yield subject_of(root, name), value


def _known_of_others(connection: sa.Connection) -> tuple[dict[str, float], int]:
    """Of which share of the people without an outcome each field is known, and how many were looked at."""
    ids = sorted(people_without_end(connection, COMPARED))
    known = Counter[str]()
    for some in chunks(ids, BATCH):
        for person, firm in snapshots.contacts_of(connection, some):
            known.update(name for name, _ in fields_of(person, firm))
    return {name: count / len(ids) for name, count in known.items()}, len(ids)
