"""The transport `webhook`: posts each message as JSON, signed, to an address of your own, which sends it.

    [plugin.webhook]
    url = "https://mailer.example.com/nurture"
    secret = "…"           # better: NURTURE_PLUGIN__WEBHOOK__SECRET in the environment

The receiver checks the header `X-Nurture-Signature: t=UNIX,v1=HEX`: HEX is the HMAC-SHA256 (RFC 2104), under
the secret, of UNIX, a full stop and the body as it came. It answers 2xx when it has taken the message for
good, 429 with `Retry-After` to be left alone for a while, 400 or 422 when it will never take this one.

A message has the same `Idempotency-Key` (and `key` in the body) at every attempt. A receiver that sees by it
that it has the message already says so with `keeps_keys_hours`: then a post whose answer got lost is made
again. Without it such a message is of unknown fate, and a person has to look.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from nurture import (
    HttpTransport,
    OutboundMail,
    PluginConfig,
    Transport,
    check_web_address,
    hookimpl,
    mail_parts,
)

API_VERSION = 1


class Options(BaseModel):
    """[plugin.webhook]; `timeout` is in seconds. `allow_http` posts to other machines by http:// too, which
    anybody between can read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    secret: SecretStr = Field(min_length=16)
    keeps_keys_hours: int = Field(default=0, ge=0, le=24 * 30)
    timeout: float = Field(default=20, gt=0, le=60)
    allow_http: bool = False

    @model_validator(mode="after")
    def _is_encrypted(self) -> Self:
        check_web_address(self.url, allow_http=self.allow_http)
        return self


@hookimpl
def register_transports(config: PluginConfig) -> Sequence[Transport]:
    return [WebhookTransport(config.options("webhook", Options))]


class WebhookTransport(HttpTransport):
    """One post a message; no redirect is followed."""

    name = "webhook"

    def __init__(self, options: Options, sleep: Callable[[float], None] = time.sleep) -> None:
        self._url = options.url
        self._secret = options.secret.get_secret_value()
        hours = options.keeps_keys_hours
        self.repeatable = timedelta(hours=hours) if hours else None
        super().__init__(httpx.Client(timeout=options.timeout), sleep)

    def request(self, mail: OutboundMail) -> httpx.Request:
        parts = mail_parts(mail.content)
        message = {
            "event": "message.send",
            "key": mail.idempotency_key,
            "id": mail.outbox_id,
            "campaign": mail.campaign,
            "step": mail.step,
            "recipient": mail.recipient,
            "sender": mail.sender,
            "from": parts.from_address,
            "reply_to": parts.reply_to,
            "message_id": mail.message_id,
            "subject": parts.subject,
            "text": parts.text,
            "html": parts.html,
            "headers": dict(parts.headers),
        }
        body = json.dumps(message).encode()
        return self._client.build_request(
            "POST",
            self._url,
            content=body,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "nurture",
                "Idempotency-Key": mail.idempotency_key,
                "X-Nurture-Signature": signature(self._secret, int(time.time()), body),
            },
        )


def signature(secret: str, at: int, body: bytes) -> str:
    """What `X-Nurture-Signature` says of a body sent at `at` (Unix seconds)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
