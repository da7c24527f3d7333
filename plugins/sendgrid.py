"""The feedback hook `sendgrid`: what SendGrid's signed Event Webhook tells of, in batches.

    [plugin.sendgrid]
    public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE…"     # "Verification Key" in SendGrid's mail settings

The signature is ECDSA with SHA-256 over the timestamp and the body. It and the fields are described beneath
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events: "Getting Started with the Event Webhook
Security Features" and "Event Webhook Reference". `smtp-id` is the Message-ID that we gave the mail.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field

from nurture import (
    Feedback,
    FeedbackError,
    FeedbackHook,
    FeedbackKind,
    PluginConfig,
    SettingsError,
    Severity,
    UtcTime,
    hookimpl,
    parse_json,
)

API_VERSION = 1

OLDEST = 36 * 3600
"""Seconds that a call may be old: SendGrid tries to deliver one for 24 hours."""

AHEAD = 300
"""Seconds by which clocks may differ."""


class Options(BaseModel):
    """[plugin.sendgrid]: the key that SendGrid shows when the signed Event Webhook is switched on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_key: str


@hookimpl
def register_feedback_hooks(config: PluginConfig) -> Sequence[FeedbackHook]:
    return [SendGrid(config.options("sendgrid", Options))]


class SendGrid:
    """Raised when the key in the settings is none: SettingsError."""

    name = "sendgrid"

    def __init__(self, options: Options, now: Callable[[], float] = time.time) -> None:
        self._key = _loaded(options.public_key)
        self._now = now

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        timestamp = headers.get("x-twilio-email-event-webhook-timestamp", "")
        signature = headers.get("x-twilio-email-event-webhook-signature", "")
        try:
            signed = timestamp.encode() + body
            self._key.verify(base64.b64decode(signature, validate=True), signed, ec.ECDSA(hashes.SHA256()))
        except (ValueError, InvalidSignature) as error:
            raise FeedbackError("the signature is wrong") from error
        if not timestamp.isdecimal() or not -AHEAD <= self._now() - int(timestamp) <= OLDEST:
            raise FeedbackError(f"the call is of {timestamp}: too long ago, or yet to come")
        told = [_told(event) for event in parse_json(list[_Event], body)]
        return [one for one in told if one is not None]


def _loaded(written: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode("".join(written.split()), validate=True))
    except ValueError as error:
        raise SettingsError("plugin.sendgrid.public_key is not SendGrid's verification key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SettingsError("plugin.sendgrid.public_key is not a key for ECDSA")
    return key


# --- what SendGrid says -----------------------------------------------------------------------------


class _Event(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    event: str
    timestamp: UtcTime
    sg_event_id: str = ""
    email: str = ""
    message_id: str = Field(default="", alias="smtp-id")
    reason: str | None = None
    status: str | None = None
    response: str | None = None
    classification: str | None = Field(default=None, alias="bounce_classification")


_KINDS = {
    "bounce": FeedbackKind.BOUNCE,
    "dropped": FeedbackKind.BOUNCE,
    "delivered": FeedbackKind.DELIVERED,
    "spamreport": FeedbackKind.COMPLAINT,
    "unsubscribe": FeedbackKind.UNSUBSCRIBE,
    "group_unsubscribe": FeedbackKind.UNSUBSCRIBE,
}

_DROPPED = {
    # Why SendGrid did not even try: it remembers what became of mails to this address.
    "Bounced Address": (FeedbackKind.BOUNCE, Severity.HARD, "userunknown"),
    "Invalid": (FeedbackKind.BOUNCE, Severity.HARD, "userunknown"),
    "Unsubscribed Address": (FeedbackKind.UNSUBSCRIBE, None, ""),
    "Spam Reporting Address": (FeedbackKind.COMPLAINT, None, ""),
}

_CLASSIFIED = {
    "Invalid Address": "userunknown",
    "Reputation": "badreputation",
    "Content": "contenterror",
    "Frequency or Volume Too High": "ratelimited",
}
"""SendGrid's classification of a bounce → our reason; the others say less than the server's words."""


def _told(event: _Event) -> Feedback | None:
    kind = _KINDS.get(event.event)
    if kind is None or not (event.email or event.message_id):
        return None
    if not event.sg_event_id:
        raise FeedbackError(f"an event ({event.event}) has no sg_event_id")
    severity, reason = None, ""
    if event.event == "dropped":
        kind, severity, reason = _DROPPED.get(event.reason or "", (kind, Severity.OURS, "rejected"))
    elif kind is FeedbackKind.BOUNCE:
        reason = _CLASSIFIED.get(event.classification or "", "")
    return Feedback(
        kind,
        event.email,
        event.timestamp,
        event.sg_event_id,
        message_id=event.message_id,
        severity=severity,
        status=event.status or "",
        reply=event.reason or event.response or "",
        reason=reason,
    )
