"""The transport `sms_gateway`: text messages through a gateway's HTTP API, as JSON or as a form.

    [plugin.sms_gateway]
    url = "https://api.example.com/messages"
    sender = "Studio"
    authorization = "Bearer …"      # better: NURTURE_PLUGIN__SMS_GATEWAY__AUTHORIZATION

Most gateways take one request a message with a few fields, which each calls otherwise: say in `fields` what
yours calls them, and in `constants` what else it wants. It must answer 2xx when it has taken a message and
nothing else when it has not; read its documentation for whether it knows a repeated key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nurture import HttpTransport, OutboundMail, PluginConfig, Transport, WebAddress, hookimpl

API_VERSION = 1


class Fields(BaseModel):
    """What the gateway calls the fields; one that is empty is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recipient: str = Field(default="to", min_length=1)
    text: str = Field(default="text", min_length=1)
    sender: str = "from"
    key: str = ""


class Options(BaseModel):
    """[plugin.sms_gateway]

    `authorization` is the whole value of that header; or give `username` and `password`. `plus` is whether
    numbers begin with a plus. With `keeps_keys_hours` the gateway sends a message once whose key it has seen
    in so many hours, in the header `Idempotency-Key` or in the field `key`. `timeout` is in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress
    body: Literal["json", "form"] = "json"
    sender: str = ""
    authorization: SecretStr = SecretStr("")
    username: str = ""
    password: SecretStr = SecretStr("")
    plus: bool = True
    fields: Fields = Fields()
    constants: dict[str, str] = {}
    keeps_keys_hours: int = Field(default=0, ge=0, le=24 * 30)
    timeout: float = Field(default=20, gt=0, le=60)


@hookimpl
def register_transports(config: PluginConfig) -> Sequence[Transport]:
    return [SmsGateway(config.options("sms_gateway", Options))]


class SmsGateway(HttpTransport):
    """One request a message."""

    name = "sms_gateway"
    channel = "sms"

    def __init__(self, options: Options, sleep: Callable[[float], None] = time.sleep) -> None:
        self._options = options
        hours = options.keeps_keys_hours
        self.repeatable = timedelta(hours=hours) if hours else None
        password = options.password.get_secret_value()
        auth = (options.username, password) if options.username else None
        super().__init__(httpx.Client(auth=auth, timeout=options.timeout), sleep)

    def request(self, mail: OutboundMail) -> httpx.Request:
        options, names = self._options, self._options.fields
        given = {
            names.recipient: mail.recipient if options.plus else mail.recipient.removeprefix("+"),
            names.text: mail.content.decode(),
            names.sender: options.sender,
            names.key: mail.idempotency_key,
        }
        values = {**options.constants, **{name: value for name, value in given.items() if name and value}}
        headers = {"User-Agent": "nurture", "Idempotency-Key": mail.idempotency_key}
        if authorization := options.authorization.get_secret_value():
            headers["Authorization"] = authorization
        if options.body == "json":
            return self._client.build_request("POST", options.url, json=values, headers=headers)
        return self._client.build_request("POST", options.url, data=values, headers=headers)
