"""What `plan` and `publish` show of what would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.journey.differences import CampaignChange
    from nurture.journey.preview import Preview


_NOT_COUNTED: Mapping[str, int] = MappingProxyType({})


def plan_lines(preview: Preview, newcomers: Mapping[str, int] = _NOT_COUNTED) -> Iterator[str]:
    """Line by line: the profile, each campaign with its steps and people, the mails.

    `newcomers` are those who were never in a campaign and are in its new audience, where they were counted.
    """
    if not preview.campaigns and preview.profile is None:
        yield "nothing changes: what is live is what the files say"
        return
    if preview.profile is not None:
        yield f"profile {preview.profile}: everybody is scored anew"
    for campaign in preview.campaigns:
        yield from _campaign_lines(campaign)
        if (count := newcomers.get(campaign.name)) is not None:
            who = "1 contact is" if count == 1 else f"{count} contacts are"
            yield f"  {who} in its audience and {'was' if count == 1 else 'were'} never in it"
    forecast = preview.forecast
    if forecast is not None:
        sampled = f", from a sample of {forecast.sample}" if forecast.sample < forecast.people else ""
        yield (
            f"mails if nothing else happens: {forecast.first_day} in the first day "
            f"(now {forecast.first_day_now}), {forecast.first_week} in the first week "
            f"(now {forecast.first_week_now}); {forecast.people} contacts{sampled}"
        )


def _campaign_lines(campaign: CampaignChange) -> Iterator[str]:
    yield f"{campaign.name}: {campaign.kind}"
    marks = {"new": "+", "gone": "-", "moved": ">", "changed": "~"}
    yield from (f"  {marks[each.change]} {each.step}: {each.words}" for each in campaign.steps)
    yield from (f"  ~ {key.replace('_', ' ')}" for key in campaign.keys)
    for group in campaign.groups:
        here = f"at {group.step}" if group.step else "at the end of a track"
        onwards = f", go to {group.goes_to}" if group.goes_to not in ("", group.step) else ""
        yield f"  {group.people} {here}{onwards}: {group.then}"
    yield from (f"  STRANDED: {each.sentence()}" for each in campaign.stranded)
