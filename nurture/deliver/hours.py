"""The send window at the last moment: a mail that comes too late for it waits for the next one.

It was open when the mail was decided on; since then the server may have been away, or wanted it later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from nurture.core.campaign import Campaign
from nurture.core.model import Contact
from nurture.core.schedule import find_zone, next_allowed

CampaignOf = Callable[[int], Campaign]
"""The campaign's version of an id."""

_NEVER_OPEN = timedelta(days=1)


def may_leave_at(contact: Contact, campaign: Campaign, now: datetime) -> datetime:
    """`now` where the campaign's window is open on the contact's clock, else when it opens.

    One that does not open within a year, with quiet days without end, is looked at again in a day.
    """
    zone = find_zone(contact.timezone, campaign.timezone)
    try:
        return next_allowed(now, campaign.policy.window, zone)
    except ValueError:
        return now + _NEVER_OPEN
