"""The feedback hook `postmark`: bounces, complaints, deliveries and unsubscribes that Postmark tells of.

    [plugin.postmark]
    password = "…"        # better: NURTURE_PLUGIN__POSTMARK__PASSWORD in the environment

Postmark signs nothing; it logs in (RFC 7617), as https://postmarkapp.com/developer/webhooks/webhooks-overview
says: its webhook's address is `https://nurture:PASSWORD@…/hooks/postmark`. The fields:
https://postmarkapp.com/developer/webhooks/bounce-webhook and the pages beside it. Postmark names a mail by an
id of its own, so what it tells is matched by the address.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_pascal

from nurture import (
    Feedback,
    FeedbackError,
    FeedbackHook,
    FeedbackKind,
    PluginConfig,
    Severity,
    UtcTime,
    hookimpl,
    parse_json,
)

API_VERSION = 1


class Options(BaseModel):
    """[plugin.postmark]: the name and the password with which Postmark logs in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    username: str = Field(default="nurture", min_length=1, pattern="^[^:]+$")
    password: SecretStr = Field(min_length=12)


@hookimpl
def register_feedback_hooks(config: PluginConfig) -> Sequence[FeedbackHook]:
    return [Postmark(config.options("postmark", Options))]


class Postmark:
    """One event a call."""

    name = "postmark"

    def __init__(self, options: Options) -> None:
        pair = f"{options.username}:{options.password.get_secret_value()}"
        self._authorization = b"Basic " + base64.b64encode(pair.encode())

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        given = headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            raise FeedbackError("wrong name or password")
        shape = _SHAPES.get(parse_json(_Event, body).record_type)
        told = None if shape is None else parse_json(shape, body).told()
        return [] if told is None else [told]


class _Event(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)

    record_type: str

    def told(self) -> Feedback | None:
        """What it tells us; None where that is nothing."""
        return None


class _Bounce(_Event):
    id: int = Field(alias="ID")
    type: str
    email: str = Field(min_length=1)
    bounced_at: UtcTime
    details: str | None = None
    description: str | None = None

    def told(self) -> Feedback | None:
        meant = _BOUNCES.get(self.type, (FeedbackKind.BOUNCE, Severity.SOFT, ""))
        if meant is None:
            return None
        kind, severity, reason = meant
        reply = self.details or self.description or ""
        key = f"bounce {self.id}"
        return Feedback(kind, self.email, self.bounced_at, key, severity=severity, reason=reason, reply=reply)


class _Complaint(_Bounce):
    type: str = "SpamComplaint"


class _Delivery(_Event):
    message_id: str = Field(alias="MessageID")
    recipient: str = Field(min_length=1)
    delivered_at: UtcTime
    details: str | None = None

    def told(self) -> Feedback | None:
        key = f"delivered {self.message_id}"
        return Feedback(
            FeedbackKind.DELIVERED, self.recipient, self.delivered_at, key, reply=self.details or ""
        )


class _SubscriptionChange(_Event):
    recipient: str = Field(min_length=1)
    changed_at: UtcTime
    suppress_sending: bool
    suppression_reason: str | None = None
    origin: str | None = None

    def told(self) -> Feedback | None:
        # Of bounces and complaints Postmark tells by themselves; what the firm itself did is no news.
        if not self.suppress_sending or self.suppression_reason != "ManualSuppression":
            return None
        if self.origin != "Recipient":
            return None
        key = f"left {self.changed_at.isoformat()}"
        return Feedback(FeedbackKind.UNSUBSCRIBE, self.recipient, self.changed_at, key)


_SHAPES: Mapping[str, type[_Event]] = {
    "Bounce": _Bounce,
    "SpamComplaint": _Complaint,
    "Delivery": _Delivery,
    "SubscriptionChange": _SubscriptionChange,
}

_Meaning = tuple[FeedbackKind, Severity | None, str]

_BOUNCES: Mapping[str, _Meaning | None] = {
    # https://postmarkapp.com/developer/api/bounce-api, "bounce types"; one that is not here is soft.
    "HardBounce": (FeedbackKind.BOUNCE, Severity.HARD, ""),
    "BadEmailAddress": (FeedbackKind.BOUNCE, Severity.HARD, "userunknown"),
    "SpamNotification": (FeedbackKind.BOUNCE, Severity.OURS, "spamdetected"),
    "VirusNotification": (FeedbackKind.BOUNCE, Severity.OURS, "virusdetected"),
    "Blocked": (FeedbackKind.BOUNCE, Severity.OURS, "blocked"),
    "DMARCPolicy": (FeedbackKind.BOUNCE, Severity.OURS, "authfailure"),
    "SMTPApiError": (FeedbackKind.BOUNCE, Severity.OURS, "rejected"),
    "TemplateRenderingFailed": (FeedbackKind.BOUNCE, Severity.OURS, "contenterror"),
    "SpamComplaint": (FeedbackKind.COMPLAINT, None, ""),
    "Unsubscribe": (FeedbackKind.UNSUBSCRIBE, None, ""),
    "AutoResponder": (FeedbackKind.AUTO_REPLY, None, ""),
    "AddressChange": (FeedbackKind.AUTO_REPLY, None, ""),
    "ChallengeVerification": (FeedbackKind.AUTO_REPLY, None, ""),
    "Subscribe": None,
    "OpenRelayTest": None,
    "InboundError": None,
    "ManuallyDeactivated": None,
    "Unconfirmed": None,
}
