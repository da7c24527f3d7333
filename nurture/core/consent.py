"""The one gate in front of every message.

It is asked when a message is decided on; delivery asks consent and suppression again when the message leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nurture.core.channels import Channel
from nurture.core.model import Contact, Lifecycle, Snapshot
from nurture.core.words import minute

_ALLOWED: frozenset[Lifecycle] = frozenset({Lifecycle.CONTACT})
WHY_NOT = {
    Lifecycle.LEAD: "is a lead that does not meet the data standard yet",
    Lifecycle.JUNK: "is junk",
    Lifecycle.PROSPECT: "is with sales",
    Lifecycle.ACCEPTED: "is with sales",
    Lifecycle.CUSTOMER: "is a customer",
    Lifecycle.DISQUALIFIED: "is disqualified",
    Lifecycle.RECYCLED: "is left alone until a date",
    Lifecycle.LOST: "is lost",
}
"""Why nothing is sent to a person in this lifecycle, said of the person; `why_not` knows their date, too."""


def why_not(contact: Contact, now: datetime) -> str:
    """Why nothing is sent to this contact at `now`, who is none of those that campaigns write to."""
    if contact.lifecycle is not Lifecycle.RECYCLED:
        return WHY_NOT[contact.lifecycle]
    if contact.recycle_at is None or contact.recycle_at <= now:
        return "is back from sales, and goes on at the next look"
    return f"is left alone until {minute(contact.recycle_at)}"


TRACKING = "tracking"
"""The purpose under which a person agrees, or not, that we note what they open and click."""


CONFIRMATION, CONFIRMATION_VERSION = "@confirmation", 0
"""Under which campaign and version the mail goes out that asks somebody to confirm what a form said; no
campaign can be called so."""


def may_track(said: bool | None, *, required: bool) -> bool:
    """Whether a mail may tell us of its reader: an open pixel, links that lead through us.

    `said` is their word on it, None where there is none; `required`: silence is no yes. A no always holds.
    """
    return said is True if required else said is not False


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a message may be sent. `rule` is a stable code for what decided, `reason` the words."""

    allowed: bool
    rule: str
    reason: str


def may_send(
    snapshot: Snapshot, purpose: str, lifecycle: Lifecycle, channel: Channel = Channel.MAIL
) -> Permission:
    """Whether the contact may be sent a campaign's message for `purpose` while they are in `lifecycle`.

    Only contacts get campaign messages. With a prospect or an accepted one sales talks; whoever is
    recycled rests until they are a contact again.
    """
    if snapshot.suppressed:
        return Permission(False, "suppressed", "the address is on the suppression list")
    if channel is Channel.MAIL and not snapshot.contact.email:
        return Permission(False, "no_address", "there is no e-mail address")
    if channel is Channel.SMS and not snapshot.contact.phone:
        return Permission(False, "no_phone", "there is no telephone number")
    if lifecycle not in _ALLOWED:
        return Permission(False, "lifecycle", f"the person {WHY_NOT[lifecycle]}")
    if purpose not in snapshot.consents and purpose not in snapshot.assumed:
        return Permission(False, "consent", f"there is no consent for {purpose}")
    return _GRANTED


_GRANTED = Permission(True, "consent", "")
