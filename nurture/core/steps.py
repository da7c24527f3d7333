"""What a step does, in a few words, and where it leads: for pictures, plans, checks and explanations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nurture.core.campaign import (
    ChooseStep,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    OnDate,
    OnField,
    OnWeekday,
    SendStep,
    SplitStep,
    Step,
    Until,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.words import WEEKDAYS, field_words, length


class Way(NamedTuple):
    """One way out of a step: the step it leads to (None: the end of the track), and what it is called."""

    to: str | None
    label: str = ""


def ways_out(step: Step) -> tuple[Way, ...]:
    """Every way that a contact can leave a step by; none where the enrolment ends there."""
    match step:
        case ChooseStep(branches=branches):
            named = [
                # A branch without steps goes on behind the choose, as an arm without steps does.
                Way(each.first or step.next, "else" if each.when is None else each.when.source)
                for each in branches
            ]
            open_end = all(each.when is not None for each in branches)
            return (*named, Way(step.next, "none of these")) if open_end else tuple(named)
        case SplitStep(arms=arms):
            return tuple(Way(arm.first or step.next, f"{arm.name} {arm.weight} %") for arm in arms)
        case WaitForStep():
            return (Way(step.next, "happened"), Way(step.on_timeout, "timed out"))
        case GoToStep(target=target):
            return (Way(target),)
        case ExitStep():
            return ()
        case _:
            return (Way(step.next),)


def takes_time(step: Step) -> bool:
    """Whether time surely passes in a step, so that a loop through it does not spin."""
    return isinstance(step, WaitStep) or (
        isinstance(step, WaitUntilStep) and isinstance(step.until, OnWeekday)
    )


def reachable(steps: Mapping[str, Step], first: str | None) -> Iterator[str]:
    """The ids of the steps that can be come to from `first`, itself included, each once."""
    seen: set[str] = set()
    waiting = [first]
    while waiting:
        step_id = waiting.pop()
        if step_id is None or step_id in seen or step_id not in steps:
            continue
        seen.add(step_id)
        yield step_id
        waiting += [way.to for way in ways_out(steps[step_id])]


def step_words(step: Step) -> str:
    """What a step does: `sends orientation/welcome`, `waits 3 days`."""
    match step:
        case SendStep(template=template):
            return f"sends {template}"
        case WaitStep(duration=duration):
            return f"waits {length(duration)}"
        case WaitUntilStep(until=until):
            return f"waits until {until_words(until)}"
        case WaitForStep(condition=condition, up_to=up_to):
            return f"waits up to {length(up_to)} for this: {condition.words()}"
        case ChooseStep():
            return "chooses"
        case SplitStep():
            return "splits"
        case DoStep(action=action):
            return f"does {action}"
        case GoalStep(condition=condition):
            return f"goal: {condition.words()}"
        case ExitStep(reason=reason):
            return f"ends the campaign: {reason}"
        case GoToStep(target=target):
            return f"goes on at {target}"
        case HandOverStep(team=team):
            return f"hands over to {team}" if team else "hands over to sales"


def until_words(until: Until) -> str:
    """A moment: `2026-12-01 09:00`, `Tue 09:00`, `14 days before renewal`."""
    match until:
        case OnDate(at=at):
            return f"{at:%Y-%m-%d %H:%M}"
        case OnWeekday(days=days, at=at):
            return f"{', '.join(WEEKDAYS[day - 1] for day in sorted(days))} {at:%H:%M}"
        case OnField(path=path, offset=offset):
            name = field_words(".".join(path))
            if not offset:
                return name
            side = "before" if offset.total_seconds() < 0 else "after"
            return f"{length(abs(offset))} {side} {name}"
