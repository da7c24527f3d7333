"""What a campaign's conditions ask for."""

from __future__ import annotations

from collections.abc import Iterator

from nurture.core.campaign import Campaign, ChooseStep, GoalStep, WaitForStep
from nurture.core.predicate import Condition

_NUMBERS = frozenset({("fit",), ("engagement",), ("contact", "fit"), ("contact", "engagement")})


def asks_numbers(campaign: Campaign) -> bool:
    """Whether a condition asks for fit or engagement, so that a new number alone may lead elsewhere."""
    return any(path in _NUMBERS for condition in conditions_of(campaign) for path in condition.names().paths)


def conditions_of(campaign: Campaign) -> Iterator[Condition]:
    """Every condition about a contact: the audience's, the exit's, and those of the steps."""
    yield campaign.audience
    if campaign.exit_when is not None:
        yield campaign.exit_when
    for step in campaign.steps.values():
        match step:
            case WaitForStep(condition=condition) | GoalStep(condition=condition):
                yield condition
            case ChooseStep(branches=branches):
                yield from (branch.when for branch in branches if branch.when is not None)
