"""The transport `resend`, over the HTTP API of Resend with idempotency keys; and the feedback hook `resend`.

    [plugin.resend]
    api_key = "re_…"             # better: NURTURE_PLUGIN__RESEND__API_KEY in the environment
    webhook_secret = "whsec_…"   # for the hook; better: NURTURE_PLUGIN__RESEND__WEBHOOK_SECRET

Each mail is one request (https://resend.com/docs/api-reference/emails/send-email) with a key of its own.
Resend keeps a key for 24 hours and answers a repetition as it did the first time
(https://resend.com/docs/dashboard/emails/idempotency-keys), so that a request whose answer got lost is simply
made again. Its batch end point has one key for a hundred mails, and is of no use here: after a break the
hundred would have to be the same ones.

Resend takes a mail's parts and not its bytes: Message-ID, date and DKIM signature it writes itself. The tag
`nurture_mail` leads from what it tells us back to the mail.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nurture import (
    FeedbackHook,
    HttpTransport,
    Meaning,
    OutboundMail,
    PluginConfig,
    Transport,
    WebAddress,
    hookimpl,
    mail_parts,
    meaning_of,
)

from .hook import TAG, ResendHook

API_VERSION = 1


class Options(BaseModel):
    """[plugin.resend]; `timeout` is in seconds, for connecting and for the answer each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_key: SecretStr = Field(min_length=1)
    webhook_secret: SecretStr = SecretStr("")
    url: WebAddress = "https://api.resend.com"
    timeout: float = Field(default=20, gt=0, le=60)


@hookimpl
def register_transports(config: PluginConfig) -> Sequence[Transport]:
    return [ResendTransport(config.options("resend", Options))]


@hookimpl
def register_feedback_hooks(config: PluginConfig) -> Sequence[FeedbackHook]:
    secret = config.options("resend", Options).webhook_secret.get_secret_value()
    return [ResendHook(secret)] if secret else []


class ResendTransport(HttpTransport):
    """One request a mail; Resend's default limit is two a second, which is waited for."""

    name = "resend"
    # Resend says 24 hours; an hour is left for clocks that differ, and for a request that is long under way.
    repeatable = timedelta(hours=23)

    def __init__(self, options: Options, sleep: Callable[[float], None] = time.sleep) -> None:
        self._key = options.api_key.get_secret_value()
        super().__init__(httpx.Client(base_url=options.url, timeout=options.timeout), sleep)

    def request(self, mail: OutboundMail) -> httpx.Request:
        parts = mail_parts(mail.content)
        fields = {
            "from": parts.from_address,
            "to": [mail.recipient],
            "reply_to": parts.reply_to,
            "subject": parts.subject,
            "html": parts.html,
            "text": parts.text,
            "headers": dict(parts.headers),
            "tags": [{"name": TAG, "value": str(mail.outbox_id)}],
        }
        return self._client.build_request(
            "POST",
            "/emails",
            json={name: value for name, value in fields.items() if value},
            headers={"Authorization": f"Bearer {self._key}", "Idempotency-Key": mail.idempotency_key},
        )

    def judge(self, answer: httpx.Response) -> tuple[Meaning, str]:
        if answer.is_success:
            return Meaning.TAKEN, f"taken by Resend as {_field(answer, 'id')}"
        name, message = _field(answer, "name"), _field(answer, "message")
        meaning = _MEANINGS.get(name) or meaning_of(answer.status_code)
        return meaning, f"Resend says {name or answer.status_code}: {message}"


_MEANINGS = {
    # https://resend.com/docs/api-reference/errors: what the status alone does not tell.
    "invalid_from_address": Meaning.UNUSABLE,
    "invalid_access": Meaning.UNUSABLE,
    "daily_quota_exceeded": Meaning.UNUSABLE,
    "monthly_quota_exceeded": Meaning.UNUSABLE,
    # Another text went under this key before, and may well have been taken.
    "invalid_idempotent_request": Meaning.UNKNOWN,
}


def _field(answer: httpx.Response, name: str) -> str:
    """A field of an answer in JSON; nothing, where it is none."""
    try:
        value = answer.json()[name]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(value)[:300]
