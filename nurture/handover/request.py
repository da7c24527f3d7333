"""What the desk is asked with: one contact whose decision says "hand over", and all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.core.campaign import Campaign
from nurture.core.model import Account, Contact, HandOver, RuleFinding, Sent, Signal


@dataclass(frozen=True, slots=True)
class HandoverRequest:
    """One hand-over to be opened. `signals` are oldest first; `campaign` is the version that decided.

    `prospect_at` is how much fit the profile asks for, where that is known.
    """

    contact: Contact
    account: Account | None
    effect: HandOver
    fit: tuple[RuleFinding, ...]
    campaign: Campaign
    signals: tuple[Signal, ...] = ()
    sent: tuple[Sent, ...] = ()
    prospect_at: int | None = None


@dataclass(frozen=True, slots=True)
class TemplateNote:
    """What a template's front matter says for sales: what the mail is `about`, what to `ask` its reader."""

    about: str = ""
    ask: str = ""
