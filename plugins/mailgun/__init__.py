"""The transport `mailgun`, which hands over finished mails as they are; and the feedback hook `mailgun`.

    [plugin.mailgun]
    domain = "mg.example.com"
    api_key = "…"                # better: NURTURE_PLUGIN__MAILGUN__API_KEY in the environment
    signing_key = "…"            # for the hook; better: NURTURE_PLUGIN__MAILGUN__SIGNING_KEY

The mail goes as MIME, with our own Message-ID and signature
(https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages). Mailgun knows no
idempotency keys: a mail whose answer got lost is of unknown fate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Self

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from nurture import (
    FeedbackHook,
    HttpTransport,
    Meaning,
    OutboundMail,
    PluginConfig,
    Transport,
    WebAddress,
    hookimpl,
    meaning_of,
)

from .hook import MailgunHook

API_VERSION = 1


class Options(BaseModel):
    """[plugin.mailgun]: `domain` and `api_key` for the transport, `signing_key` for the hook.

    An account in Europe has `url = "https://api.eu.mailgun.net"`; `timeout` is in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: str = Field(default="", pattern=r"^[A-Za-z0-9.-]*$")
    api_key: SecretStr = SecretStr("")
    signing_key: SecretStr = SecretStr("")
    url: WebAddress = "https://api.mailgun.net"
    timeout: float = Field(default=20, gt=0, le=60)

    @model_validator(mode="after")
    def _is_of_use(self) -> Self:
        if bool(self.domain) != bool(self.api_key.get_secret_value()):
            raise ValueError("the transport needs both domain and api_key")
        if not self.domain and not self.signing_key.get_secret_value():
            raise ValueError("give domain and api_key for the transport, signing_key for the hook, or all")
        return self


@hookimpl
def register_transports(config: PluginConfig) -> Sequence[Transport]:
    options = config.options("mailgun", Options)
    return [MailgunTransport(options)] if options.domain else []


@hookimpl
def register_feedback_hooks(config: PluginConfig) -> Sequence[FeedbackHook]:
    key = config.options("mailgun", Options).signing_key.get_secret_value()
    return [MailgunHook(key)] if key else []


class MailgunTransport(HttpTransport):
    """One request a mail."""

    name = "mailgun"

    def __init__(self, options: Options, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path = f"/v3/{options.domain}/messages.mime"
        auth = ("api", options.api_key.get_secret_value())
        super().__init__(httpx.Client(base_url=options.url, auth=auth, timeout=options.timeout), sleep)

    def request(self, mail: OutboundMail) -> httpx.Request:
        return self._client.build_request(
            "POST",
            self._path,
            # Mailgun's own tracking would rewrite the links of a mail that is signed.
            data={"to": mail.recipient, "o:tracking": "no"},
            files={"message": ("message.eml", mail.content, "message/rfc822")},
        )

    def judge(self, answer: httpx.Response) -> tuple[Meaning, str]:
        try:
            said = answer.json()
            words = str(said.get("message", ""))[:300] + (f" {said['id']}" if "id" in said else "")
        except (ValueError, AttributeError):
            words = ""
        return meaning_of(answer.status_code), f"Mailgun answered {answer.status_code}: {words}"
