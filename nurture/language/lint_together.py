"""What only several documents show together: campaigns for the same people, names of campaigns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from nurture.core.campaign import Campaign, DoStep
from nurture.core.expression import Literal
from nurture.language import foresight
from nurture.language.documents import Draft
from nurture.language.lint_conditions import place_of
from nurture.language.lint_steps import spot_of
from nurture.language.names import close_to, did_you_mean
from nurture.language.witness import witness

_OF_CAMPAIGNS = ("add_to", "remove_from")


def check_together(drafts: Iterable[Draft], purposes: Collection[str]) -> None:
    """Findings on campaigns in the light of the others. `purposes` are those declared; none: any will do."""
    campaigns = [(draft, draft.value) for draft in drafts if isinstance(draft.value, Campaign)]
    names = [campaign.name for _, campaign in campaigns]
    for number, (draft, campaign) in enumerate(campaigns):
        _check_audience(draft, campaign, [other for _, other in campaigns[:number]])
        if purposes:
            _check_declared(draft, campaign, purposes)
        else:
            others = {other.purpose for _, other in campaigns if other is not campaign}
            _check_purpose(draft, campaign, others)
        _check_names(draft, campaign, names)


def _check_audience(draft: Draft, campaign: Campaign, others: Sequence[Campaign]) -> None:
    """Campaigns above that enrol the same people at the same priority; of those that overlap, the first."""
    place = place_of(draft, campaign.audience)
    same = [other for other in others if _same_people(campaign, other)]
    for other in same:
        draft.reader.report.add(
            foresight.SAME_PEOPLE,
            place,
            f"the campaign {other.name} has the same audience and the same priority",
            "give one of them another priority under policy",
        )
    overlapping = ((other, _in_both(campaign, other)) for other in others if not same)
    for other, somebody in overlapping:
        if somebody is not None:
            draft.reader.report.add(
                foresight.OVERLAP,
                place,
                f"a contact with {somebody} is in the audience of {other.name} too, at the same priority",
                "give one of them another priority under policy, or tell the audiences apart",
            )
            break


def _in_both(one: Campaign, other: Campaign) -> str | None:
    """Who can be in both at once, in words. Nothing is said of those who enter by a signal or a date."""
    apart = one.policy.priority != other.policy.priority or one.profile != other.profile
    if apart or one.entries or other.entries or one.name == other.name:
        return None
    exits = [each.exit_when.root for each in (one, other) if each.exit_when is not None]
    found = witness((one.audience.root, other.audience.root), exits)
    return None if found is None else found.words() or None


def _same_people(one: Campaign, other: Campaign) -> bool:
    """Everybody is an audience too, but who enters by a signal or a date is told apart by it."""
    alike = one.audience.root == other.audience.root and one.entries == other.entries
    told_apart = isinstance(one.audience.root, Literal) and not one.entries
    return (
        alike and not told_apart and one.policy.priority == other.policy.priority and one.name != other.name
    )


def _check_purpose(draft: Draft, campaign: Campaign, others: set[str]) -> None:
    if campaign.purpose not in others and (close := close_to(campaign.purpose, others)):
        draft.reader.report.add(
            foresight.ODD_PURPOSE,
            draft.place_of("purpose"),
            f"no other campaign has the purpose {campaign.purpose}",
            f"did you mean {close}?",
        )


def _check_declared(draft: Draft, campaign: Campaign, purposes: Collection[str]) -> None:
    if campaign.purpose not in purposes:
        draft.reader.report.add(
            foresight.UNKNOWN_PURPOSE,
            draft.place_of("purpose"),
            f"there is no purpose {campaign.purpose} in nurture.toml",
            did_you_mean(campaign.purpose, purposes),
        )


def _check_names(draft: Draft, campaign: Campaign, names: list[str]) -> None:
    for step in campaign.steps.values():
        if isinstance(step, DoStep) and step.action in _OF_CAMPAIGNS:
            name = next(iter(step.parameters.values()), None)
            if isinstance(name, str) and name not in names:
                draft.reader.report.add(
                    foresight.UNKNOWN_CAMPAIGN,
                    spot_of(draft, step.id),
                    f"{step.id}: there is no campaign {name}",
                    did_you_mean(name, names),
                )
