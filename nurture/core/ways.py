"""Which ways lead to a step, and on whose track it is: questions to a campaign's graph alone."""

from __future__ import annotations

from nurture.core.campaign import Campaign, GoalStep
from nurture.core.model import Stage
from nurture.core.steps import Way, reachable, ways_out


def leading_to(campaign: Campaign, target: str) -> frozenset[str]:
    """The steps from which `target` can still be come to, itself included; a goal's jump is a way too."""
    before: dict[str, set[str]] = {}
    for step in campaign.steps.values():
        for way in ways_out(step):
            if way.to is not None:
                before.setdefault(way.to, set()).add(step.id)
        if isinstance(step, GoalStep):
            before.setdefault(step.id, set()).update(step.skips)
    found: set[str] = set()
    waiting = [target]
    while waiting:
        step_id = waiting.pop()
        if step_id not in found:
            found.add(step_id)
            waiting += before.get(step_id, ())
    return frozenset(found)


def tracks_of(campaign: Campaign, step: str) -> tuple[Stage, ...]:
    """The stages on whose track a step stands, in the order of the journey."""
    return tuple(
        stage for stage in Stage if step in set(reachable(campaign.steps, campaign.tracks.get(stage)))
    )


def way_towards(campaign: Campaign, step: str, goals: frozenset[str]) -> Way | None:
    """The first way out of a step that stays within `goals`; None where none does."""
    return next((way for way in ways_out(campaign.steps[step]) if way.to in goals), None)
