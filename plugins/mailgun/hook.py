"""What Mailgun tells of mails: failures, complaints, deliveries and unsubscribes.

Mailgun signs a timestamp and a token with HMAC-SHA256, and not the event
(https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks). So a signature is
good for one event only: a token that comes again with another one is refused. The fields:
https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-structure.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_snake

from nurture import Feedback, FeedbackError, FeedbackKind, Severity, UtcTime, parse_json

OLDEST = 12 * 3600
"""Seconds that a signature may be old: Mailgun tries to deliver an event for eight hours."""

AHEAD = 300
"""Seconds by which clocks may differ."""

TOKENS_AT_MOST = 200_000
"""Tokens that are remembered; of more than that within `OLDEST`, the first are forgotten."""


class MailgunHook:
    """One event a call; `key` is the account's HTTP webhook signing key."""

    name = "mailgun"

    def __init__(self, key: str, now: Callable[[], float] = time.time) -> None:
        self._key = key.encode()
        self._now = now
        self._tokens: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        call = parse_json(_Call, body)
        self._check(call, body)
        told = _told(call.event_data)
        return [] if told is None else [told]

    def _check(self, call: _Call, body: bytes) -> None:
        sealed = call.signature
        signed = f"{sealed.timestamp}{sealed.token}".encode()
        expected = hmac.new(self._key, signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), sealed.signature.encode()):
            raise FeedbackError("the signature is wrong")
        if not sealed.timestamp.isdecimal() or not -AHEAD <= self._now() - int(sealed.timestamp) <= OLDEST:
            raise FeedbackError(f"the call is of {sealed.timestamp}: too long ago, or yet to come")
        # The same event may well come again with the same token, when our first answer got lost.
        event = hashlib.sha256(body).digest()
        with self._lock:
            if self._tokens.setdefault(sealed.token, event) != event:
                raise FeedbackError("the token was used before, for something else")
            while len(self._tokens) > TOKENS_AT_MOST:
                self._tokens.popitem(last=False)


# --- what Mailgun says ------------------------------------------------------------------------------


def _dashed(name: str) -> str:
    return to_snake(name).replace("_", "-")


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=_dashed, coerce_numbers_to_str=True)


class _Signature(_Part):
    timestamp: str
    token: str = Field(min_length=1)
    signature: str


class _Status(_Part):
    code: str | None = None
    message: str | None = None
    description: str | None = None


class _Headers(_Part):
    message_id: str = ""


class _Message(_Part):
    headers: _Headers = _Headers()


class _Event(_Part):
    event: str
    id: str = ""
    timestamp: UtcTime
    recipient: str = ""
    severity: str | None = None
    reason: str | None = None
    delivery_status: _Status = _Status()
    message: _Message = _Message()


class _Call(_Part):
    signature: _Signature
    event_data: _Event


_KINDS = {
    "failed": FeedbackKind.BOUNCE,
    "delivered": FeedbackKind.DELIVERED,
    "complained": FeedbackKind.COMPLAINT,
    "unsubscribed": FeedbackKind.UNSUBSCRIBE,
}

_SUPPRESSED = {
    # Why Mailgun did not even try: it remembers what became of mails to this address.
    "suppress-bounce": (FeedbackKind.BOUNCE, Severity.HARD, "userunknown"),
    "suppress-complaint": (FeedbackKind.COMPLAINT, None, ""),
    "suppress-unsubscribe": (FeedbackKind.UNSUBSCRIBE, None, ""),
    "old": (FeedbackKind.BOUNCE, Severity.SOFT, "expired"),
}


def _told(event: _Event) -> Feedback | None:
    kind = _KINDS.get(event.event)
    # A temporary failure is none yet: Mailgun goes on trying, and says when it has given up.
    if kind is None or event.severity == "temporary" or not event.recipient:
        return None
    severity: Severity | None = None
    reason = ""
    if kind is FeedbackKind.BOUNCE:
        kind, severity, reason = _SUPPRESSED.get(event.reason or "", (kind, None, ""))
    status = event.delivery_status
    words = status.message or status.description or ""
    return Feedback(
        kind,
        event.recipient,
        event.timestamp,
        # Mailgun's ids are unique within a day only.
        f"{event.id} {event.timestamp:%Y-%m-%d}",
        message_id=event.message.headers.message_id,
        severity=severity,
        reply=f"{status.code} {words}" if status.code and not words.startswith(status.code) else words,
        reason=reason,
    )
