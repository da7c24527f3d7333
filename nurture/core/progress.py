"""How far a walk along a campaign's steps has come: its place, its effects, its notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from nurture.core.campaign import Campaign, HandOverStep, Step
from nurture.core.facts import SnapshotFacts
from nurture.core.model import (
    AddTo,
    DecisionRecord,
    Enrolment,
    EnrolmentState,
    Order,
    RemoveFrom,
    Send,
    Value,
    What,
)
from nurture.core.outgoing import Look


class Walked(NamedTuple):
    """Where an enrolment came to. `next_at` is when time alone moves it on; None: never.

    `memberships` are other campaigns to enter or to leave; `handover` the step that gives them to sales;
    `passed` the steps that were taken and left, in order.
    """

    enrolment: Enrolment
    effects: list[Send | Order]
    records: list[DecisionRecord]
    next_at: datetime | None
    memberships: list[AddTo | RemoveFrom]
    handover: HandOverStep | None
    passed: tuple[str, ...] = ()


class Progress:
    """A walk under way: where it has come to, what it has done, and why."""

    __slots__ = (
        "arrived",
        "campaign",
        "done",
        "effects",
        "enrolment",
        "facts_here",
        "handover",
        "lap",
        "left",
        "look",
        "memberships",
        "next_at",
        "notes",
        "passed",
        "since",
        "step",
    )

    def __init__(self, look: Look, campaign: Campaign, enrolment: Enrolment, arrived: bool) -> None:
        self.look = look
        self.campaign = campaign
        self.enrolment = enrolment
        self.arrived = arrived
        self.step = enrolment.step
        self.since = enrolment.since
        self.done = list(enrolment.done)
        self.lap = enrolment.lap
        self.left = False
        self.passed: list[str] = []
        self.effects: list[Send | Order] = []
        self.memberships: list[AddTo | RemoveFrom] = []
        self.handover: HandOverStep | None = None
        self.notes: list[dict[str, Any]] = []
        self.next_at: datetime | None = None
        self.facts_here: SnapshotFacts | None = None

    def go(self, step: Step, following: str | None, since: datetime | None = None) -> bool:
        """On to the `following` step, whose clock starts at `since` (where not given, as this one's)."""
        if step.id not in self.done:
            self.done.append(step.id)
        self.step = following
        self.since = self.since if since is None else since
        self.arrived = True
        return True

    def wait_until(self, step: Step, following: str | None, ends: datetime) -> bool:
        if ends > self.look.now:
            self.next_at = ends
            return False
        return self.go(step, following, ends)

    def end(self) -> None:
        if self.arrived:
            self.since = self.look.now
            track = self.enrolment.track.value
            self.note("track_ended", f"nothing more to do in {track}; rests until the stage changes")

    def facts(self) -> SnapshotFacts:
        if self.facts_here is None:
            self.facts_here = self.look.facts.within(self.campaign, self.enrolment.entered_at)
        return self.facts_here

    def note(self, what: What, reason: str, **more: str | Mapping[str, Value]) -> None:
        self.notes.append({"what": what, "reason": reason, **more})

    def records(self) -> list[DecisionRecord]:
        return [
            DecisionRecord(
                campaign=self.campaign.name, version=self.campaign.version, next_at=self.next_at, **note
            )
            for note in self.notes
        ]

    def place(self) -> Enrolment:
        before = self.enrolment
        if self.step == before.step and len(self.done) == len(before.done) and self.lap == before.lap:
            return before
        return Enrolment(
            id=before.id,
            contact_id=before.contact_id,
            campaign=before.campaign,
            version_id=before.version_id,
            occurrence=before.occurrence,
            track=before.track,
            step=self.step,
            since=self.since,
            entered_at=before.entered_at,
            done=tuple(self.done),
            state=EnrolmentState.EXITED if self.left else before.state,
            ended_at=self.look.now if self.left else before.ended_at,
            lap=self.lap,
        )
