"""The mail that asks somebody to confirm what a form said: not of any campaign, and due at any hour."""

from __future__ import annotations

from nurture.core.campaign import Campaign, Policy
from nurture.core.consent import CONFIRMATION
from nurture.language.conditions import parse

CONFIRMING = Campaign(
    name=CONFIRMATION,
    profile="",
    purpose="",
    locale="",
    timezone="UTC",
    audience=parse("false"),
    reenter=None,
    # They have just asked for it, and wait for it.
    policy=Policy(),
    tracks={},
    steps={},
    handover=None,
)
"""What the sender takes it for."""
