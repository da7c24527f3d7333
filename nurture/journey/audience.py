"""Who is in an audience: asked of the database where it can answer, else in Python, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.campaign import NO_FORMER_NAMES, Campaign
from nurture.core.facts import NO_RULES, Rules, SnapshotFacts
from nurture.core.model import Snapshot
from nurture.core.predicate import Condition
from nurture.core.profile import DORMANT_AFTER, Profile
from nurture.core.settling import settled
from nurture.errors import NurtureError
from nurture.store import audience, consents, signals, snapshots
from nurture.store.audience import Person, Standing, Who
from nurture.store.conditions import NotCompiled, compile_condition, compile_roughly, speech_of

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a condition holds. `standings` add up to all of them; `examples` are the first by id.

    `in_python` names what the database could not be asked; None: it answered.
    """

    condition: str
    standings: Mapping[str, int]
    examples: Sequence[Person]
    in_python: str | None

    @property
    def people(self) -> int:
        return sum(self.standings.values())


def newcomers(connection: sa.Connection, campaign: Campaign, profile: Profile, now: datetime) -> int | None:
    """How many contacts are in the audience and were never in the campaign; None: only Python could tell."""
    try:
        who = compile_condition(
            campaign.audience,
            now=now,
            speech=speech_of(connection),
            campaign=campaign.name,
            former=campaign.former,
            settle=profile.settle,
            dormant_after=profile.dormant_after,
        )
    except NotCompiled:
        return None
    with audience.over_everybody(connection):
        return audience.standings(connection, who, campaign.name).get(Standing.NOT_YET, 0)


class Survey:
    """Asks who a condition is about at `now`; step names are those of `campaign`.

    `profile` says how long is waited before what happened counts, and before somebody is dormant.

    `fit`, `engagement` and `stage` are those of the last decision, either way. `at_once` people are in memory
    at a time.
    """

    def __init__(
        self,
        condition: Condition,
        now: datetime,
        *,
        campaign: Campaign | None = None,
        profile: Profile | None = None,
        rules: Rules = NO_RULES,
        examples: int = 0,
        at_once: int = AT_ONCE,
    ) -> None:
        self._condition = condition
        self._now = now
        self._settle = timedelta() if profile is None else profile.settle
        self._dormant_after = DORMANT_AFTER if profile is None else profile.dormant_after
        self._campaign = None if campaign is None else campaign.name
        self._former = NO_FORMER_NAMES if campaign is None else campaign.former
        self._rules = rules
        self._examples = examples
        self._at_once = at_once

    def ask(self, connection: sa.Connection, progress: Callable[[int], None]) -> Audience:
        """By one query where that is possible. `progress` is told how many people were looked at in Python.

        Raised when a plugin's rule fails: NurtureError.
        """
        try:
            who = self._compiled(connection, compile_condition)
        except NotCompiled as error:
            return self.in_python(connection, error.part, progress)
        with audience.over_everybody(connection):
            standings = audience.standings(connection, who, self._campaign)
            examples = audience.listed(connection, who, self._campaign, self._examples)
        return Audience(self._condition.source, standings, examples, None)

    def in_python(self, connection: sa.Connection, because: str, progress: Callable[[int], None]) -> Audience:
        """By looking at everybody whom the rest of the condition does not keep out."""
        perhaps = self._compiled(connection, compile_roughly)
        standings: Counter[str] = Counter()
        examples: list[Person] = []
        looked_at = 0
        with closing(audience.pieces(connection, perhaps, self._at_once)) as pieces:
            for ids in pieces:
                who = audience.these(connection, list(self._holding(connection, ids)))
                standings.update(audience.standings(connection, who, self._campaign))
                if more := self._examples - len(examples):
                    examples += audience.listed(connection, who, self._campaign, more)
                looked_at += len(ids)
                progress(looked_at)
        return Audience(self._condition.source, standings, examples, because)

    def _compiled(self, connection: sa.Connection, compiler: Callable[..., Who]) -> Who:
        return compiler(
            self._condition,
            now=self._now,
            speech=speech_of(connection),
            campaign=self._campaign,
            former=self._former,
            settle=self._settle,
            dormant_after=self._dormant_after,
        )

    def _holding(self, connection: sa.Connection, ids: Sequence[int]) -> Iterable[int]:
        """Those of `ids` for whom the condition holds. One query a subject, for all of them."""
        happened = signals.signals_of(connection, ids)
        sent = snapshots.sent_of(connection, ids)
        granted = consents.consents_of(connection, ids)
        for contact, account in snapshots.contacts_of(connection, ids):
            snapshot = Snapshot(
                contact,
                account,
                happened.get(contact.id, ()),
                sent.get(contact.id, ()),
                consents=granted.get(contact.id, frozenset()),
            )
            if self._holds(snapshot):
                yield contact.id

    def _holds(self, snapshot: Snapshot) -> bool:
        contact = snapshot.contact
        facts = SnapshotFacts(
            settled(snapshot, self._settle, self._now),
            contact.fit,
            contact.engagement,
            contact.stage,
            self._now,
            self._campaign,
            self._rules,
            former=self._former,
            dormant_after=self._dormant_after,
        )
        try:
            return self._condition.test(facts) is True
        except Exception as error:
            # Nothing in the language fails: it is what a plugin's rule made of this person.
            raise NurtureError(
                f"{self._condition.source} could not be asked of contact {contact.id}: "
                f"{type(error).__name__}: {error}",
                hint="a rule of a plugin fails: see nurture plugins",
            ) from error
