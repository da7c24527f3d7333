"""What sales is to do about a contact, until when, and what follows if it does not: for `explain`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nurture.core.campaign import LEAD, NEXT, Campaign
from nurture.core.words import minute
from nurture.handover.answers import ACCEPTED
from nurture.handover.questions import PATIENCE
from nurture.handover.roster import policy_of
from nurture.store.handovers import HandoverRow

CampaignOf = Callable[[int], Campaign]
"""The id of a campaign's version → the campaign."""


def sales_words(rows: Sequence[HandoverRow], campaign_of: CampaignOf) -> Iterator[str]:
    """A sentence for each hand-over that waits for sales, or that sales has taken and not given back."""
    for row in rows:
        called = f"hand-over {row.id}"
        who = row.assignee or f"team {row.team}"
        if row.paused and row.asked_at is not None:
            until = minute(row.asked_at + PATIENCE)
            yield (
                f"{called} ({who}): sales has asked for {row.asked_for}; it waits until that is known, "
                f"at most until {until}"
            )
        elif row.answer is None:
            yield f"{called}: {who} is to answer{_by_when(row, campaign_of(row.version_id))}"
        elif row.answer == ACCEPTED and row.returned_at is None:
            yield f"{called}: {who} has it, and has accepted it"


def _by_when(row: HandoverRow, campaign: Campaign) -> str:
    if row.answer_by is None:
        return "; there is no deadline"
    words = f" by {minute(row.answer_by)}"
    if row.escalated_at is not None:
        to = row.escalated_to or "nobody, since nobody leads the team"
        return f"{words}, and has not; told on {minute(row.escalated_at)}: {to}"
    if row.reminded_at is not None:
        words += f", and was reminded on {minute(row.reminded_at)}"
    elif row.next_look is not None and row.next_look < row.answer_by:
        words += f", and is reminded on {minute(row.next_look)}"
    return f"{words}; {_after(policy_of(campaign, row.team).escalate)}"


def _after(escalate: str) -> str:
    """What follows when the deadline has passed."""
    if not escalate:
        return "after that nothing follows"
    if escalate == NEXT:
        return "after that the next in turn gets it"
    return f"after that {'whoever leads the team' if escalate == LEAD else escalate} is told"
