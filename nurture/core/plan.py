"""What `decide` decides by: the profile, the campaigns and the plugin rules, made ready once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nurture.core.campaign import Campaign
from nurture.core.engagement import SignalRules
from nurture.core.facts import Rules
from nurture.core.model import Change, Contact, Value
from nurture.core.profile import Profile

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

    def __post_init__(self) -> None:
        live = sorted((self.campaigns[version] for version in self.live), key=precedence)
        object.__setattr__(self, "signal_rules", SignalRules(self.profile.signals, self.rules))
        object.__setattr__(self, "live_campaigns", tuple(live))


def precedence(campaign: Campaign) -> tuple[int, str]:
    """Sorts campaigns: the highest priority first, then by name."""
    return -campaign.policy.priority, campaign.name
