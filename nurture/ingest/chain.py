"""The enrichers that a profile names."""

from __future__ import annotations

from collections.abc import Mapping

from nurture.core.profile import Profile
from nurture.errors import PluginError, did_you_mean
from nurture.plug.contracts import AnyEnricher


def chain_of(profile: Profile, enrichers: Mapping[str, AnyEnricher]) -> list[AnyEnricher]:
    """The profile's enrichers in its order. Raised when it names one that is not loaded: PluginError."""
    for name in profile.enrich:
        if name not in enrichers:
            raise PluginError(
                f"profile {profile.name}: there is no enricher {name!r}{did_you_mean(name, enrichers)}",
                hint="an enricher is there when its plugin is in plugins.load",
            )
    return [enrichers[name] for name in profile.enrich]
