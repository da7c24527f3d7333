"""What the world tells us about mails that went out: bounces, complaints, replies.

One value for all ways in (a returned mail, a provider's webhook, a refusal at the door), and the table that
says what each reason means for the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedbackKind(StrEnum):
    """What was told. `delivered` is what some providers say of a mail that has arrived."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    DELIVERED = "delivered"


class Severity(StrEnum):
    """Whose fault a bounce is.

    `hard`: the address takes no mail and never will. `soft`: it takes none now. `ours`: it refused us, and
    not the address: a policy, a block list, our authentication, the content.
    """

    HARD = "hard"
    SOFT = "soft"
    OURS = "ours"


HARD_REASONS = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
"""Reasons for which no mail will ever arrive. `notaccept`: the domain says that it takes no mail at all."""

OUR_REASONS = frozenset(
    {
        *("authfailure", "badreputation", "blocked", "contenterror", "failedstarttls", "mesgtoobig"),
        *("norelaying", "notcompliantrfc", "policyviolation", "rejected", "requireptr", "securityerror"),
        *("spamdetected", "ratelimited", "syntaxerror", "toomanyconn", "virusdetected"),
    }
)
"""Reasons that lie with the sender or the mail: they say nothing about the address."""


def severity_of(reason: str) -> Severity:
    """What a coded reason means for the address; one that is not known is soft."""
    if reason in HARD_REASONS:
        return Severity.HARD
    return Severity.OURS if reason in OUR_REASONS else Severity.SOFT


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that was told about one recipient.

    `key` names the notice: two with one key are the same, however often it comes. `outbox_id` or
    `message_id` (with or without its <>) say which of our mails it is about, where that is known; `address`
    is the recipient's, empty where only the mail is known.

    For a bounce: `status` is the code of RFC 3463 (`5.1.1`), `reply` the server's own words, `reason` one of
    the coded reasons; where `severity` or `reason` is missing it is found from the others. `subject` is that
    of a reply.
    """

    kind: FeedbackKind
    address: str
    at: datetime
    key: str
    outbox_id: int | None = None
    message_id: str = ""
    severity: Severity | None = None
    status: str = ""
    reply: str = ""
    reason: str = ""
    subject: str = ""
