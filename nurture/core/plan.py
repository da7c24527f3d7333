"""What `decide` decides by: the profile, the campaigns and the plugin rules, made ready once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nurture.core.campaign import Campaign, GoalStep, WaitForStep
from nurture.core.engagement import SignalRules
from nurture.core.facts import Rules
from nurture.core.model import Change, Contact, Value
from nurture.core.predicate import Condition
from nurture.core.profile import Profile
from nurture.core.turning import Turning, turning_parts

Parameters = Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class ActionPart:
    """What the core knows of an action: what it changes of a contact, and whether it runs outside as well."""

    changes: Callable[[Parameters, Contact], Sequence[Change]]
    runs: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything that is the same for all contacts of a batch.

    `campaigns` are those that may send, by version id: the live versions and older ones to which enrolments
    are pinned. An enrolment in any other version rests. `live` are the versions that new enrolments get.
    """

    profile: Profile
    campaigns: Mapping[int, Campaign]
    live: tuple[int, ...] = ()
    rules: Rules = field(default_factory=dict)
    actions: Mapping[str, ActionPart] = field(default_factory=dict)
    signal_rules: SignalRules = field(init=False)
    live_campaigns: tuple[Campaign, ...] = field(init=False)
    """The live campaigns, the highest priority first, by name where that is the same."""
    turning: tuple[Turning, ...] = field(init=False)
    """What is asked that time alone changes."""

    def __post_init__(self) -> None:
        live = sorted((self.campaigns[version] for version in self.live), key=precedence)
        object.__setattr__(self, "signal_rules", SignalRules(self.profile.signals, self.rules))
        object.__setattr__(self, "live_campaigns", tuple(live))
        object.__setattr__(self, "turning", turning_parts(self._conditions()))

    def _conditions(self) -> Iterator[Condition]:
        """All that is asked at any look; what is asked on arrival only (choose) is left out."""
        profile = self.profile
        yield from (rule.when for rule in profile.fit_rules)
        yield from (rule.when for rule in profile.disqualifiers)
        if profile.promote is not None:
            yield profile.promote
        for campaign in self.campaigns.values():
            yield campaign.audience
            if campaign.exit_when is not None:
                yield campaign.exit_when
            steps = campaign.steps.values()
            yield from (step.condition for step in steps if isinstance(step, WaitForStep | GoalStep))


def precedence(campaign: Campaign) -> tuple[int, str]:
    """Sorts campaigns: the highest priority first, then by name."""
    return -campaign.policy.priority, campaign.name
