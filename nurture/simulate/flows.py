"""Watches what is decided: who came to which step, who went on where, and who was promoted when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from nurture.core.model import Decision, Enrol, Enrolment, EnrolmentState, Lifecycle, Move, Snapshot
from nurture.store import schema

Passage = tuple[str, str]
"""A campaign and a step of it."""

END = ""
"""Where a track ends: those who came to it rest there until their stage changes."""


class Flows:
    """Counts, for one part of the people. `left` is (campaign, step) → the next step, or `END` → people.

    `gone` are those who left a step for another stage, or the campaign.
    """

    def __init__(self) -> None:
        self.entered: Counter[Passage] = Counter()
        self.left: defaultdict[Passage, Counter[str]] = defaultdict(Counter)
        self.gone: Counter[Passage] = Counter()
        self.promoted: Counter[datetime] = Counter()

    def take(self, decided: Sequence[tuple[Snapshot, Decision]], now: datetime) -> None:
        """What one batch came to."""
        for snapshot, decision in decided:
            self.promoted[now] += sum(record.what == "promoted" for record in decision.records)
            for effect in decision.effects:
                if isinstance(effect, Enrol):
                    place = effect.enrolment
                    new = decision.passed.get(place.campaign, ())
                    self._walked(place.campaign, [None, *new, _standing(place)])
                elif isinstance(effect, Move):
                    before = next(one for one in snapshot.enrolments if one.id == effect.enrolment.id)
                    self._moved(before, effect.enrolment, decision.passed.get(before.campaign, ()))

    def _moved(self, before: Enrolment, after: Enrolment, new: Sequence[str]) -> None:
        stands = _standing(after)
        stood = _standing(before)
        if not new and stands == stood:
            return
        if new[:1] == (before.step,):
            self._walked(after.campaign, [*new, stands])
        elif before.track is after.track:
            self._walked(after.campaign, [stood, *new, stands])
        else:
            # Another stage: they left the one track where they stood, and came to the other one.
            self._walked(after.campaign, [stood, None])
            self._walked(after.campaign, [None, *new, stands])

    def _walked(self, campaign: str, steps: Sequence[str | None]) -> None:
        """Along these steps; the first is where they stood already (None: nowhere in the track)."""
        for here, there in pairwise(steps):
            if here and there is None:
                self.gone[campaign, here] += 1
            elif here and there is not None:
                self.left[campaign, here][there] += 1
            if there:
                self.entered[campaign, there] += 1


def standing(connection: sa.Connection) -> Counter[Passage]:
    """Who stands where at this moment. Who is with sales stands nowhere: their enrolments rest."""
    enrolment, journey = schema.enrolment, schema.journey
    rows = connection.execute(
        sa.select(enrolment.c.campaign, enrolment.c.step, sa.func.count())
        .join(journey, journey.c.contact_id == enrolment.c.contact_id)
        .where(
            enrolment.c.state == EnrolmentState.ACTIVE,
            enrolment.c.step.is_not(None),
            journey.c.lifecycle == Lifecycle.CONTACT,
        )
        .group_by(enrolment.c.campaign, enrolment.c.step)
    )
    return Counter({(campaign, step): number for campaign, step, number in rows})


def _standing(enrolment: Enrolment) -> str | None:
    """The step, or the end of the track; None where the enrolment is over."""
    return (enrolment.step or END) if enrolment.state is EnrolmentState.ACTIVE else None
