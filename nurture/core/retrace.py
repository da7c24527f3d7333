"""Where somebody stood in a campaign at some moment, retraced from what was recorded until then.

The database keeps only where they stand now. But every step that decides something leaves a record, or a
message; what leaves none (waits, splits, goals that are come to by walking) follows from the campaign alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from nurture.core.campaign import (
    Branch,
    Campaign,
    ChooseStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.facts import SnapshotFacts
from nurture.core.model import DecisionRecord, Enrolment, EnrolmentState, Snapshot, Stage
from nurture.core.moments import moment_of
from nurture.core.schedule import find_zone
from nurture.core.steps import reachable, ways_out
from nurture.core.telling import Kept
from nurture.core.walk import choose_arm

_MOST = 1_000
"""So many steps are passed at once at most: a loop in which no time passes."""


@dataclass(frozen=True, slots=True)
class Moved:
    """From `at` on the campaign ran in another version; `place` says where an enrolment stands in it."""

    at: datetime
    campaign: Campaign
    place: Callable[[Enrolment, Campaign, Campaign], Enrolment | None]


@dataclass(frozen=True, slots=True)
class Retraced:
    """The place, and whether the records led there without a gap."""

    place: Enrolment
    exact: bool


Happening: TypeAlias = Kept | Moved


def retrace(
    entered: Enrolment,
    campaign: Campaign,
    happenings: Sequence[Happening],
    snapshot: Snapshot,
    until: datetime,
) -> Retraced:
    """Where the enrolment `entered`, as it was in `campaign` when it began, had come to at `until`.

    `happenings` are those of this time in the campaign and the changes of stage since it began, in order,
    none later than `until`; `snapshot` is the contact's picture, for dates that stand in fields.
    """
    tracer = _Tracer(entered, campaign, snapshot)
    for happening in happenings:
        tracer.take(happening)
    tracer.pass_by(until)
    return Retraced(tracer.place(), tracer.exact)


class _Tracer:
    """An enrolment on its way through what happened."""

    def __init__(self, entered: Enrolment, campaign: Campaign, snapshot: Snapshot) -> None:
        self.campaign = campaign
        self.snapshot = snapshot
        self.entered = entered
        self.track = entered.track
        self.step = entered.step
        self.since = entered.since
        self.done: list[str] = list(entered.done)
        self.lap = entered.lap
        self.ended_at: datetime | None = None
        self.exact = True

    def place(self) -> Enrolment:
        return replace(
            self.entered,
            version_id=self.campaign.version_id,
            track=self.track,
            step=self.step,
            since=self.since,
            done=tuple(self.done),
            lap=self.lap,
            state=EnrolmentState.ACTIVE if self.ended_at is None else EnrolmentState.EXITED,
            ended_at=self.ended_at,
        )

    def take(self, happening: Happening) -> None:
        if isinstance(happening, Moved):
            self.pass_by(happening.at)
            moved = happening.place(self.place(), self.campaign, happening.campaign)
            self.campaign = happening.campaign
            if moved is not None:
                self.step, self.done = moved.step, list(moved.done)
        else:
            self._record(happening)

    def pass_by(self, until: datetime) -> None:
        """Over the steps that leave no record, as far as their time had come."""
        for _ in range(_MOST):
            step = self._here()
            if step is None or not self._passes(step, until):
                return

    # --- what was recorded -----------------------------------------------------------------------------

    def _record(self, kept: Kept) -> None:
        at, record = kept
        if record.what == "stage_changed":
            self.pass_by(at)
            self._change_track(Stage(str(record.evidence["to"])), at)
            return
        if record.what == "track_ended":
            self._come_to(None, at)
            self.since = at
            return
        if record.what == "exited" and record.step is None:
            self.ended_at = at
            return
        given = self.campaign.steps.get(record.rule or "")
        if record.what == "handed_over" and isinstance(given, HandOverStep):
            self._come_to(given.id, at)
            self._go(given, given.next, at)
            return
        if record.step is None or record.step not in self.campaign.steps:
            return
        if record.what == "goal_reached":
            self.pass_by(at)
            self.step, self.since = record.step, at
            return
        self._come_to(record.step, at)
        if record.what != "not_sent":
            self._took(self.campaign.steps[record.step], record, at)

    def _change_track(self, stage: Stage, at: datetime) -> None:
        if stage is not self.track:
            self.track, self.step, self.since = stage, self.campaign.tracks.get(stage), at

    def _come_to(self, step_id: str | None, at: datetime) -> None:
        """To the step that a record tells of: over those that leave none, else by a leap."""
        for _ in range(_MOST):
            step = self._here()
            if self.step == step_id or step is None or not self._passes(step, at, towards=(step_id,)):
                break
        if self.step != step_id:
            self.exact, self.step, self.since = False, step_id, at

    def _took(self, step: Step, record: DecisionRecord, at: datetime) -> None:
        match step:
            case ChooseStep():
                branch = _branch(step, record.rule)
                self._go(step, step.next if branch is None else branch.first or step.next)
            case WaitForStep() if record.what == "timed_out":
                self._go(step, step.on_timeout, min(self.since + step.up_to, at))
            case ExitStep():
                self._go(step, None, at)
                self.ended_at = at
            case _ if record.what in ("done", "not_done", "split", "not_waited"):
                self._go(step, self._following(step))
            case _:
                self._go(step, self._following(step), at)

    # --- what was not ----------------------------------------------------------------------------------

    def _here(self) -> Step | None:
        return None if self.step is None else self.campaign.steps.get(self.step)

    def _passes(self, step: Step, until: datetime, *, towards: tuple[str | None, ...] = ()) -> bool:
        """Whether a step that leaves no record was passed by `until`; with `towards` it surely was."""
        match step:
            case GoToStep():
                self._go_to(step)
            case SplitStep() | GoalStep():
                self._go(step, self._following(step))
            case _ if step.id in self.done:
                self._go(step, self._again(step, until, towards))
            case WaitStep() | WaitUntilStep():
                ends = self._ends(step)
                if ends is None or (ends > until and not towards):
                    return False
                self._go(step, step.next, min(ends, until))
            case _:
                return False
        return True

    def _again(self, step: Step, now: datetime, towards: tuple[str | None, ...]) -> str | None:
        """Where a step that was done already leads: the way that was taken then, or is chosen anew."""
        if isinstance(step, ChooseStep):
            taken = next((one for one in step.branches if one.first in self.done), None)
            return self._chosen_anew(step, now, towards) if taken is None else taken.first
        if isinstance(step, WaitForStep):
            timed_out = step.on_timeout in self.done and step.next not in self.done
            return step.on_timeout if timed_out else step.next
        return self._following(step)

    def _chosen_anew(self, step: ChooseStep, now: datetime, towards: tuple[str | None, ...]) -> str | None:
        """A choice is recorded once only: of a later one what came after tells, else the conditions do."""
        ways = [one.first or step.next for one in step.branches] + [step.next]
        for way in ways if towards else ():
            if way == towards[0] or towards[0] in set(reachable(self.campaign.steps, way)):
                return way
        facts = self._facts(now)
        holds = (one for one in step.branches if one.when is None or one.when.test(facts))
        branch = next(holds, None)
        return step.next if branch is None else branch.first or step.next

    def _following(self, step: Step) -> str | None:
        if isinstance(step, SplitStep):
            arm = choose_arm(self.snapshot.contact.id, self.campaign.name, step)
            return step.next if arm is None else arm.first or step.next
        return next((way.to for way in ways_out(step)), None)

    def _ends(self, step: WaitStep | WaitUntilStep) -> datetime | None:
        if isinstance(step, WaitStep):
            return self.since + step.duration
        zone = find_zone(self.snapshot.contact.timezone, self.campaign.timezone)
        moment = moment_of(step.until, self.since, zone, self._facts(self.since), again=self.lap > 0)
        return None if moment is None else max(moment, self.since)

    def _go(self, step: Step, following: str | None, since: datetime | None = None) -> None:
        if step.id not in self.done:
            self.done.append(step.id)
        self.step = following
        self.since = self.since if since is None else since

    def _go_to(self, step: GoToStep) -> None:
        if not step.repeats:
            self._go(step, step.target)
            return
        self.lap += 1
        self.done = [one for one in self.done if one not in step.repeats or self._is_reached(one)]
        self.step = step.target

    def _is_reached(self, step_id: str) -> bool:
        step = self.campaign.steps.get(step_id)
        return isinstance(step, GoalStep) and step.condition.test(self._facts(self.since)) is True

    def _facts(self, now: datetime) -> SnapshotFacts:
        contact = self.snapshot.contact
        facts = SnapshotFacts(self.snapshot, contact.fit, contact.engagement, self.track, now)
        return facts.within(self.campaign, self.entered.entered_at)


def _branch(step: ChooseStep, rule: str | None) -> Branch | None:
    for branch in step.branches:
        if rule == ("else" if branch.when is None else branch.when.source):
            return branch
    return None
