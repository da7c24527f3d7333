"""What publishing would change, or taking a publication back: steps, people, and mails. It only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.campaign import Campaign
from nurture.core.moving import backwards, relocated
from nurture.core.plan import Plan
from nurture.journey.audience import newcomers
from nurture.journey.differences import CampaignChange, Stranded, campaign_change, refuse_stranded
from nurture.journey.forecast import Forecast, forecast, refuse_flood
from nurture.journey.plans import PlanBook
from nurture.journey.publishing import to_take_back
from nurture.language.workspace import Compiled
from nurture.store import campaigns, places
from nurture.store.places import Standing
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Preview:
    """All that would change; nothing does where `campaigns` is empty and no profile changes."""

    profile: str | None
    campaigns: tuple[CampaignChange, ...]
    forecast: Forecast | None

    @property
    def stranded(self) -> tuple[Stranded, ...]:
        return tuple(each for campaign in self.campaigns for each in campaign.stranded)

    @property
    def texts(self) -> object:
        """What of it stands in texts, and not in how many people are where: to be compared."""
        changes = [(each.name, each.kind, each.steps, each.keys) for each in self.campaigns]
        return self.profile, changes

    def refuse(self, *, limit: int, allowed: int) -> None:
        """Raised when it would strand somebody, or send too many more mails in a day: CampaignError."""
        refuse_stranded(self.stranded)
        refuse_flood(self.forecast, limit, allowed)


class Previewer:
    """Answers `nurture plan`. Within a publication it tells what that does, as things stand then."""

    def __init__(self, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def preview(
        self,
        connection: sa.Connection,
        compiled: Compiled,
        profile_name: str,
        draft: Plan,
        names: Collection[str] = (),
    ) -> Preview:
        """What would change if the files were published: all of them, or only the campaigns in `names`.

        `draft` is the plan that the files make.
        """
        last = campaigns.latest_profile(connection)
        text = compiled.the_profile(profile_name)
        profile = text.name if last is None or (last.hash != text.hash and not names) else None
        live = campaigns.live_versions(connection)
        before = {name: self._plans.version(connection, version) for name, version in live.items()}
        after = {each.name: each for each in draft.live_campaigns if not names or each.name in names}
        after |= {name: each for name, each in before.items() if names and name not in names}
        standing = places.standings(connection)
        changes = tuple(_changes(before, after, standing))
        if not changes and profile is None:
            return Preview(None, (), None)
        if last is None:
            return Preview(profile, changes, Forecast(0, 0, 0, 0, 0, 0))
        known = draft.profile if profile is not None else self._plans.current(connection).profile
        next_ones = {name: self._plans.as_next(connection, each) for name, each in after.items()}
        plan = _with(replace(draft, profile=known), next_ones)
        now = self._clock.now()
        return Preview(
            profile, changes, forecast(connection, plan, self._plans, self._signer, now, relocated)
        )

    def newcomers(self, connection: sa.Connection, preview: Preview, draft: Plan) -> dict[str, int]:
        """How many were never in a campaign whose audience, new or changed, they are in; by campaign.

        Everybody is counted, by one query each; left out where only Python could tell.
        """
        now, found = self._clock.now(), {}
        drafts = {each.name: each for each in draft.live_campaigns}
        for change in preview.campaigns:
            campaign = drafts.get(change.name)
            if campaign is None or not (change.kind == "new" or "audience" in change.keys):
                continue
            count = newcomers(connection, self._plans.as_next(connection, campaign), draft.profile, now)
            if count is not None:
                found[change.name] = count
        return found

    def preview_undo(self, connection: sa.Connection, name: str) -> Preview:
        """What would change if the last publication of a campaign were taken back.

        Raised when there is none that can be: CampaignError.
        """
        last = to_take_back(connection, name)
        ids = (last.version_id, last.before_id)
        old, new = (None if one is None else self._plans.version(connection, one) for one in ids)
        here = [each for each in places.standings(connection) if each.campaign == name]
        change = campaign_change(name, old, new, here, back=True)
        present = self._plans.current(connection)
        after = {one.name: one for one in present.live_campaigns if one.name != name}
        if new is not None:
            after[name] = self._plans.as_next(connection, new)
        plan = _with(present, after)
        now = self._clock.now()
        return Preview(None, (change,), forecast(connection, plan, self._plans, self._signer, now, backwards))


def _changes(
    before: Mapping[str, Campaign], after: Mapping[str, Campaign], standing: Collection[Standing]
) -> Iterator[CampaignChange]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is not None and new is not None and old.version == new.version:
            continue
        yield campaign_change(name, old, new, [each for each in standing if each.campaign == name])


def _with(plan: Plan, live: Mapping[str, Campaign]) -> Plan:
    """The plan with exactly these campaigns, all of them live."""
    versions = {each.version_id: each for each in live.values()}
    return replace(plan, campaigns=versions, live=tuple(sorted(versions)))
