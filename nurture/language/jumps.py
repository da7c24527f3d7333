"""What jumps mean once all steps are known: where they may lead, what a loop repeats, what a goal skips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nurture.core.campaign import GoalStep, GoToStep, Step, WaitForStep
from nurture.core.model import Stage
from nurture.core.steps import takes_time, ways_out
from nurture.language import codes
from nurture.language.findings import Report
from nurture.language.names import did_you_mean
from nurture.language.yamlio import Node


@dataclass(frozen=True, slots=True)
class Jump:
    """A step that names another one; `forward`: it may only lead further down."""

    step: str
    target: str
    node: Node
    forward: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: its track, its number in the text, and the arms of splits that it is in."""

    stage: Stage
    number: int
    arms: tuple[str, ...] = ()


def check_jumps(jumps: list[Jump], order: Mapping[str, Place], report: Report) -> None:
    """Findings on jumps to nowhere, to another track, into an arm, or upwards where that is not possible."""
    for jump in jumps:
        if jump.target not in order:
            report.add(
                codes.UNKNOWN_STEP,
                jump.node,
                f"there is no step {jump.target}",
                did_you_mean(jump.target, order),
            )
            continue
        here, there = order.get(jump.step), order[jump.target]
        if here is None:
            continue
        if jump.forward and (here.stage is not there.stage or there.number <= here.number):
            report.add(
                codes.UNKNOWN_STEP,
                jump.node,
                f"{jump.target} does not come after {jump.step} in the same track",
                "a time-out goes on further down; to go back, write on_timeout: [{id: …, go_to: …}]",
            )
        elif here.stage is not there.stage:
            report.add(
                codes.OTHER_TRACK,
                jump.node,
                f"{jump.target} stands in the track {there.stage}, and {jump.step} in {here.stage}",
                "a contact changes tracks when their stage changes; go to a step of the same track",
            )
        elif here.arms[: len(there.arms)] != there.arms:
            report.add(
                codes.INTO_AN_ARM,
                jump.node,
                f"{jump.target} is for those in the arm {there.arms[-1]} only, and {jump.step} is not in it",
                "go to the split itself, or to a step behind it",
            )


def with_loops(
    steps: Mapping[str, Step], jumps: list[Jump], order: Mapping[str, Place], report: Report
) -> dict[str, Step]:
    """The steps, each go_to that leads back knowing what it repeats; a loop without time is an error."""
    found = dict(steps)
    for jump in jumps:
        step = steps.get(jump.step)
        if not isinstance(step, GoToStep) or jump.target not in steps:
            continue
        body = _body(steps, order, jump.target, jump.step)
        found[jump.step] = replace(step, repeats=body)
        if body and _spins(steps, jump.target, jump.step):
            report.add(
                codes.LOOP_WITHOUT_TIME,
                jump.node,
                f"from {jump.target} one comes back here without any time passing",
                "put a wait into the loop, on every way through it",
            )
    return found


def with_skips(steps: Mapping[str, Step], order: Mapping[str, Place]) -> dict[str, Step]:
    """The steps, each goal knowing from which steps one jumps to it: all before it in its track.

    To a goal in an arm of a split one jumps only from within that arm: who is in which arm is no matter of
    what they do.
    """
    found = dict(steps)
    for step in steps.values():
        if isinstance(step, GoalStep) and step.id in order:
            here = order[step.id]
            before = [name for name, at in order.items() if _leads(at, here)]
            found[step.id] = replace(step, skips=frozenset(before))
    return found


def _leads(at: Place, goal: Place) -> bool:
    in_its_arms = at.arms[: len(goal.arms)] == goal.arms
    return at.stage is goal.stage and at.number < goal.number and in_its_arms


def _body(steps: Mapping[str, Step], order: Mapping[str, Place], target: str, end: str) -> frozenset[str]:
    """The steps from `target` to `end` in the text; empty where no way leads from one to the other.

    Whatever jumps there are among them: each step of a circle stands between the ends of one of its jumps
    back, so that no circle is left in which a wait that is over is never begun again.
    """
    first, last = order[target], order[end]
    after = {step_id: {way.to for way in ways_out(step) if way.to} for step_id, step in steps.items()}
    if first.stage is not last.stage or first.number > last.number or end not in _closure(after, target):
        return frozenset()
    return frozenset(each for each in steps if first.number <= order[each].number <= last.number)


def _spins(steps: Mapping[str, Step], target: str, end: str) -> bool:
    """Whether there is a way from `target` to `end` on which no step surely takes time."""
    after = {step_id: _at_once(step) for step_id, step in steps.items()}
    return end in _closure(after, target)


def _at_once(step: Step) -> set[str]:
    """Where one can come from a step in the same moment."""
    if takes_time(step):
        return set()
    if isinstance(step, WaitForStep):
        return {step.next} if step.next is not None else set()
    return {way.to for way in ways_out(step) if way.to is not None}


def _closure(after: Mapping[str, set[str]], first: str) -> set[str]:
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        step_id = waiting.pop()
        if step_id not in seen and step_id in after:
            seen.add(step_id)
            waiting += after[step_id]
    return seen
