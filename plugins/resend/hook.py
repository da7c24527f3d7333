"""What Resend tells of mails: bounces, complaints, deliveries, and mails that it did not even try.

https://resend.com/docs/webhooks/verify-webhooks-requests: the signature is that of Svix, HMAC-SHA256 over id,
time and body. The fields: https://resend.com/docs/dashboard/webhooks/body-parameters.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from nurture import Feedback, FeedbackError, FeedbackKind, SettingsError, Severity, UtcTime, parse_json

TAG = "nurture_mail"

TOLERANCE = 300
"""Seconds that a call may be old, or clocks may differ: Svix signs each attempt anew."""


class ResendHook:
    """One event a call. Raised when the secret is none: SettingsError."""

    name = "resend"

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        try:
            self._key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError as error:
            raise SettingsError("plugin.resend.webhook_secret is not a secret of Resend: whsec_…") from error
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        call, at = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
        signed = f"{call}.{at}.".encode() + body
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        # Several signatures, while a secret is being changed.
        given = headers.get("svix-signature", "").encode().split()
        if not any(hmac.compare_digest(each, expected) for each in given):
            raise FeedbackError("the signature is wrong")
        if not at.isdecimal() or abs(self._now() - int(at)) > TOLERANCE:
            raise FeedbackError(f"the call is of {at}: too long ago, or yet to come")
        return _told(parse_json(_Event, body), call)


class _Part(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class _Tag(_Part):
    name: str
    value: str


class _Bounce(_Part):
    message: str | None = None
    type: str | None = None
    sub_type: str | None = Field(default=None, alias="subType")
    diagnostic: list[str] | None = Field(default=None, alias="diagnosticCode")


class _Failure(_Part):
    reason: str | None = None


class _Data(_Part):
    to: list[str] = []
    tags: list[_Tag] | dict[str, str] | None = None
    bounce: _Bounce | None = None
    failed: _Failure | None = None

    @property
    def outbox_id(self) -> int | None:
        """Which mail it was. Resend gives the tags as a list or as an object."""
        tags = self.tags or {}
        named = tags if isinstance(tags, dict) else {tag.name: tag.value for tag in tags}
        value = named.get(TAG, "")
        return int(value) if value.isdecimal() and len(value) < 19 else None


class _Event(_Part):
    type: str
    created_at: UtcTime
    data: _Data


_KINDS = {
    "email.bounced": FeedbackKind.BOUNCE,
    "email.failed": FeedbackKind.BOUNCE,
    "email.suppressed": FeedbackKind.BOUNCE,
    "email.complained": FeedbackKind.COMPLAINT,
    "email.delivered": FeedbackKind.DELIVERED,
}

_REASONS = {
    # subType of a bounce → our reason, where it says more than the server's words.
    "NoEmail": "userunknown",
    "MailboxFull": "mailboxfull",
    "MessageTooLarge": "mesgtoobig",
    "ContentRejected": "contenterror",
    "AttachmentRejected": "contenterror",
}

_LISTED = {"Suppressed", "OnAccountSuppressionList"}
"""Sub-types of bounces that never left: Resend does not send there any more."""


def _told(event: _Event, call: str) -> list[Feedback]:
    kind = _KINDS.get(event.type)
    if kind is None:
        return []
    severity, reason, reply = _of_bounce(event) if kind is FeedbackKind.BOUNCE else (None, "", "")
    return [
        Feedback(
            kind,
            address,
            event.created_at,
            call,
            outbox_id=event.data.outbox_id,
            severity=severity,
            reason=reason,
            reply=reply,
        )
        for address in event.data.to
    ]


def _of_bounce(event: _Event) -> tuple[Severity | None, str, str]:
    """Whose fault it is, the reason and the words; what is left open is judged by the words."""
    if event.type == "email.failed":
        failure = event.data.failed or _Failure()
        return Severity.OURS, "rejected", failure.reason or ""
    bounce = event.data.bounce or _Bounce()
    if event.type == "email.suppressed" or bounce.sub_type in _LISTED:
        return Severity.HARD, "filtered", bounce.message or "on Resend's suppression list"
    words = " ".join(bounce.diagnostic or [])
    known = _REASONS.get(bounce.sub_type or "", "")
    severity = None
    if not (known or words):
        severity = Severity.HARD if bounce.type == "Permanent" else Severity.SOFT
    return severity, known, words or bounce.message or ""
