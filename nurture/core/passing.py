"""What lies between where somebody stands in a campaign and one of its steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from nurture.core.campaign import (
    Campaign,
    ChooseStep,
    GoalStep,
    HandOverStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Enrolment
from nurture.core.moments import moment_of
from nurture.core.obstacles import Case, Lift, Obstacle
from nurture.core.schedule import find_zone
from nurture.core.steps import step_words, ways_out
from nurture.core.walk import choose_arm
from nurture.core.ways import leading_to, tracks_of, way_towards
from nurture.core.wording import words as words_of


@dataclass(slots=True)
class Passage:
    """The way from a place to a step: what stands in it, and which steps come first."""

    obstacles: list[Obstacle]
    before: list[Step]


def passage(case: Case, campaign: Campaign, enrolment: Enrolment | None, step: Step) -> Passage:
    """The way to `step` from where the contact stands, or from the beginning of their track."""
    return _Passing(case, campaign, enrolment, step).run()


class _Passing:
    """One walk along the graph: the way that would be taken now, turned towards the step where it strays."""

    def __init__(self, case: Case, campaign: Campaign, enrolment: Enrolment | None, step: Step) -> None:
        self.case = case
        self.campaign = campaign
        self.target = step
        stage = case.found.stage.stage
        on_track = (
            enrolment is not None and enrolment.track is stage and stage in tracks_of(campaign, step.id)
        )
        # On another track they begin at its beginning: what was done there is passed over.
        self.here = enrolment if on_track else None
        self.enrolment = enrolment
        self.done = frozenset() if enrolment is None else frozenset(enrolment.done)
        self.goals = leading_to(campaign, step.id)
        self.facts: SnapshotFacts = case.facts(campaign, enrolment)
        self.obstacles: list[Obstacle] = []
        self.before: list[Step] = []

    def run(self) -> Passage:
        at = self.here.step if self.here is not None else self._beginning()
        if at not in self.goals:
            self.obstacles += self._passed_by(at)
            return Passage(self.obstacles, self.before)
        self.obstacles += self._goal_before(at)
        seen: set[str] = set()
        while at is not None and at != self.target.id and at not in seen:
            seen.add(at)
            step = self.campaign.steps[at]
            if at not in self.done:
                self.before.append(step)
                self.obstacles += self._waiting(step)
            at = self._onward(step)
        self.obstacles += self._first_come()
        return Passage(self.obstacles, self.before)

    def _beginning(self) -> str | None:
        """The beginning of the track that the step is on: that of their stage, if it leads there."""
        first = self.campaign.tracks.get(self.case.found.stage.stage)
        if first in self.goals:
            return first
        return next((one for one in self.campaign.tracks.values() if one in self.goals), first)

    def _obstacle(
        self,
        code: str,
        words: str,
        lift: Lift,
        step: Step,
        *,
        needs: str = "",
        lifts_at: datetime | None = None,
        rule: str | None = None,
        told: tuple[str, ...] = (),
    ) -> Obstacle:
        records = self.case.records(told, campaign=self.campaign.name, step=step.id) if told else iter(())
        place = self.enrolment
        mine = [one for one in records if place is not None and self.case.of_this_time(one, place)]
        return Obstacle(
            code=code,
            words=words,
            lift=lift,
            lifts_at=lifts_at,
            needs=needs,
            campaign=self.campaign.name,
            version=self.campaign.version,
            step=step.id,
            rule=rule or step.id,
            evidence=tuple(mine[:1]),
        )

    # --- what was left behind --------------------------------------------------------------------------

    def _passed_by(self, at: str | None) -> Iterator[Obstacle]:
        """They stand where no way leads to the step any more: at which place did they go another way?"""
        place = self.enrolment
        behind = [
            id for id in (place.done if place else ()) if id in self.goals and id in self.campaign.steps
        ]
        jump = self._jump()
        if jump is not None:
            yield jump
        elif behind and len(ways_out(self.campaign.steps[behind[-1]])) > 1:
            yield self._turned_off(self.campaign.steps[behind[-1]])
        else:
            where = f"at {at}" if at else "at the end of their track"
            yield self._obstacle(
                "behind",
                f"they are {where}, and no way leads from there to {self.target.id}",
                Lift.NOTHING,
                self.target,
            )

    def _jump(self) -> Obstacle | None:
        """A goal reached this time that lies beyond the step."""
        if self.enrolment is None:
            return None
        for kept in self.case.records({"goal_reached"}, campaign=self.campaign.name):
            goal = self.campaign.steps.get(kept.record.step or "")
            beyond = isinstance(goal, GoalStep) and goal.id not in self.goals
            if goal is not None and beyond and self.case.of_this_time(kept, self.enrolment):
                words = f"the goal {goal.id} was reached on {self.case.told(kept.at)}, and skips it"
                return self._obstacle(
                    "goal",
                    f"{words}: {kept.record.reason}",
                    Lift.NOTHING,
                    goal,
                    rule=kept.record.rule,
                    told=("goal_reached",),
                )
        return None

    def _turned_off(self, step: Step) -> Obstacle:
        """The fork at which they went another way, with the reason as it was recorded, and as it would be."""
        if isinstance(step, SplitStep):
            return self._other_arm(step)
        told = ("chosen", "went_on", "timed_out", "not_waited")
        found = self._obstacle("way", "", Lift.NOTHING, step, rule=_rule(step, self.goals), told=told)
        then = f"at {step.id} they went another way"
        if found.evidence:
            kept = found.evidence[0]
            then += f" on {self.case.told(kept.at)}: {kept.record.reason}"
        now = self._seen_now(step)
        code = "choose" if isinstance(step, ChooseStep) else "wait_for"
        return replace(found, code=code, words=then + now)

    def _seen_now(self, step: Step) -> str:
        if isinstance(step, ChooseStep):
            condition = next((one.when for one in step.branches if self._leads(one.first or step.next)), None)
            return f"; now: {condition.evaluate(self.facts).reason}" if condition else ""
        if isinstance(step, WaitForStep):
            return f"; now: {step.condition.evaluate(self.facts).reason}"
        return ""

    # --- what is to come -------------------------------------------------------------------------------

    def _leads(self, step: str | None) -> bool:
        return step in self.goals

    def _goal_before(self, at: str | None) -> Iterator[Obstacle]:
        """A goal beyond the step that holds now: the next look jumps there."""
        for goal in self.campaign.goals:
            if at not in goal.skips or goal.id in self.goals or goal.id in self.done:
                continue
            if goal.condition.test(self.facts):
                reason = goal.condition.evaluate(self.facts).reason
                words = f"the goal {goal.id} is reached, and skips it: {reason}"
                yield self._obstacle("goal", words, Lift.NOTHING, goal, rule=goal.condition.source)

    def _onward(self, step: Step) -> str | None:
        """The step that comes next: as it would be now, or else towards the step, which is an obstacle."""
        match step:
            case ChooseStep():
                following = self._chosen(step)
            case SplitStep():
                arm = choose_arm(self.case.snapshot.contact.id, self.campaign.name, step)
                following = step.next if arm is None else arm.first or step.next
                if not self._leads(following):
                    self.obstacles.append(self._other_arm(step))
            case WaitForStep():
                # What happens is still open: the way to the step is taken.
                following = step.next if self._leads(step.next) else step.on_timeout
            case _:
                following = next(iter(ways_out(step))).to if ways_out(step) else None
        if self._leads(following):
            return following
        way = way_towards(self.campaign, step.id, self.goals)
        return way.to if way else None

    def _chosen(self, step: ChooseStep) -> str | None:
        taken = None
        if step.id in self.done:
            taken = next((one for one in step.branches if one.first in self.done), None)
        if taken is None:
            taken = next(
                (one for one in step.branches if one.when is None or one.when.test(self.facts)), None
            )
        following = step.next if taken is None else taken.first or step.next
        if not self._leads(following):
            wanted = next((one for one in step.branches if self._leads(one.first or step.next)), None)
            condition = wanted.when if wanted else None
            if condition is not None:
                reason, needs = condition.evaluate(self.facts).reason, condition.words()
            elif taken is not None and taken.when is not None:
                reason = taken.when.evaluate(self.facts).reason
                needs = words_of(taken.when.root, holds=False)
            else:
                reason, needs = "another way is open to everybody", ""
            words = f"at {step.id} they would now go another way: {reason}"
            rule = _rule(step, self.goals)
            lift = Lift.SOMETHING if needs else Lift.NOTHING
            self.obstacles.append(self._obstacle("choose", words, lift, step, needs=needs, rule=rule))
        return following

    def _other_arm(self, step: SplitStep) -> Obstacle:
        arm = choose_arm(self.case.snapshot.contact.id, self.campaign.name, step)
        name = arm.name if arm is not None else "no"
        words = (
            f"the split {step.id} puts the person into group {name}, for ever, and that does not lead there"
        )
        return self._obstacle("split", words, Lift.NOTHING, step, told=("split",))

    def _waiting(self, step: Step) -> Iterator[Obstacle]:
        """Being at a step where one waits: until when, and for what."""
        place = self.here
        if place is None or place.step != step.id:
            yield from self._must_happen(step)
            return
        since = f"at {step.id} since {self.case.told(place.since)}: {step_words(step)}"
        if isinstance(step, WaitForStep):
            yield self._waits_for(step, place, since)
            return
        until = None
        if isinstance(step, WaitStep):
            until = place.since + step.duration
        elif isinstance(step, WaitUntilStep):
            zone = find_zone(self.case.snapshot.contact.timezone, self.campaign.timezone)
            until = moment_of(step.until, place.since, zone, self.facts, again=place.lap > 0)
        if until is not None and until > self.case.now:
            words = f"{since}; until {self.case.told(until)}"
            yield self._obstacle("waiting", words, Lift.TIME, step, lifts_at=until)

    def _waits_for(self, step: WaitForStep, place: Enrolment, since: str) -> Obstacle:
        until = place.since + step.up_to
        finding = step.condition.evaluate(self.facts)
        needs = step.condition.words()
        words = f"{since}; {finding.reason}; until {self.case.told(until)} at the latest"
        if not self._leads(step.on_timeout):
            words += f", and who waits in vain does not come to {self.target.id}"
            return self._obstacle("waiting", words, Lift.SOMETHING, step, needs=needs, rule=_rule(step, None))
        if not self._leads(step.next):
            words += f", and who does it does not come to {self.target.id}"
            needs = ""
        rule = step.condition.source
        return self._obstacle("waiting", words, Lift.TIME, step, needs=needs, lifts_at=until, rule=rule)

    def _must_happen(self, step: Step) -> Iterator[Obstacle]:
        """A wait_for still to come of which only what happens leads on to the step."""
        if isinstance(step, WaitForStep) and not self._leads(step.on_timeout):
            reason = step.condition.evaluate(self.facts).reason
            words = f"who waits at {step.id} in vain does not come to {self.target.id}: {reason}"
            needs = step.condition.words()
            yield self._obstacle("wait_for", words, Lift.SOMETHING, step, needs=needs, rule=_rule(step, None))
        if isinstance(step, HandOverStep):
            words = f"{step.id} comes first and {step_words(step)}, and with sales nothing more is sent"
            needs = "an answer of sales that gives the person back"
            yield self._obstacle("hand_over", words, Lift.SOMETHING, step, needs=needs)

    def _first_come(self) -> Iterator[Obstacle]:
        """The steps that are still to be taken before, but for the one that is being waited at."""
        place = self.here
        ahead = [step for step in self.before if place is None or step.id != place.step]
        if ahead:
            told = ", ".join(f"{step.id} ({step_words(step)})" for step in ahead)
            yield self._obstacle("before", f"first come {told}", Lift.TIME, self.target)


def _rule(step: Step, goals: frozenset[str] | None) -> str | None:
    """The condition that decides: that of the branch which leads to the step, or of the wait."""
    if isinstance(step, WaitForStep):
        return step.condition.source
    if isinstance(step, ChooseStep) and goals is not None:
        wanted = next((one for one in step.branches if (one.first or step.next) in goals), None)
        return wanted.when.source if wanted and wanted.when else "else"
    return None
