"""The hand-over channel `webhook`, which posts each notice as JSON, with the dossier, to the team's address,
signed; and the action `webhook`, which posts a step's data to an address that the campaign names.

The receiver checks the header `X-Nurture-Signature: t=UNIX,v1=HEX`: HEX is the HMAC-SHA256 (RFC 2104), under
the team's `webhook_secret` (of the action: `action_secret`), of UNIX, a full stop and the body as it came. A
post may come twice; both have the same `Idempotency-Key`. Addresses in one's own network are welcome: a
firm's CRM often stands there. What the action posts goes by https:// only, but on this machine itself.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from nurture import (
    Action,
    Change,
    Contact,
    Errand,
    HandoverChannel,
    Notice,
    NoticeOutcome,
    PluginConfig,
    Value,
    hookimpl,
    notice_json,
)

API_VERSION = 1

WORTH_ANOTHER_TRY = (408, 429)
"""Refusals (4xx) that pass: the receiver was too slow, or is too busy (RFC 9110, RFC 6585)."""


ENCRYPT = "write https://…, or set plugin.webhook_notice.allow_http = true"


class Options(BaseModel):
    """`[plugin.webhook_notice]`: `timeout` is in seconds; `action_secret` signs what campaigns post.

    `allow_http` lets campaigns post to other machines by http:// too, which anybody between can read.
    """

    model_config = ConfigDict(extra="forbid")

    timeout: float = Field(default=10.0, gt=0, le=60)
    action_secret: SecretStr = SecretStr("")
    allow_http: bool = False


class Webhook:
    """Posts to where the team wants to hear of its hand-overs."""

    name = "webhook"

    def __init__(self, options: Options) -> None:
        self._timeout = options.timeout

    def notify(self, notice: Notice) -> NoticeOutcome:
        team = notice.team
        if not notice.webhook:
            # A team may well do with mails; that is no failure.
            return NoticeOutcome(True, reply=f"not posted: teams.{team}.webhook is not set")
        if not notice.secret:
            return NoticeOutcome(
                False, False, f"team {team} has no secret to sign with: set teams.{team}.webhook_secret"
            )
        body = json.dumps(notice_json(notice)).encode()
        setting = f"teams.{team}.webhook"
        return post(setting, notice.webhook, body, notice.secret, notice.key, self._timeout)


class Parameters(BaseModel):
    """Where to post, and what."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Where to post: https://…", pattern=r"^https?://")
    data: dict[str, Any] = Field(default_factory=dict, description="Anything that the receiver is to know.")


class SafeParameters(Parameters):
    """Where to post, and what: to other machines encrypted only."""

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str, info: ValidationInfo) -> str:
        # Only when it is checked: a step that is published already must not stop whoever comes to it.
        if info.context is not None and is_open(url):
            raise ValueError(f"anybody between can read what goes to {url}: {ENCRYPT}")
        return url


class WebhookAction:
    """Posts who the contact is, where in the campaign they are, and the step's data."""

    name = "webhook"
    words = "posts to a web address"
    runs = True

    def __init__(self, options: Options) -> None:
        self._options = options
        self.parameters: type[BaseModel] = Parameters if options.allow_http else SafeParameters

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return ()

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        secret = self._options.action_secret.get_secret_value()
        for errand in errands:
            url = str(errand.parameters["url"])
            if is_open(url) and not self._options.allow_http:
                yield NoticeOutcome(False, False, f"not posted, since it is not encrypted: {ENCRYPT}")
                continue
            body = json.dumps({"event": "campaign.step", **_facts(errand)}).encode()
            yield post("url", url, body, secret, errand.key, self._options.timeout)


def is_open(url: str) -> bool:
    """Whether a post to this address leaves the machine without encryption."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "http" or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def _facts(errand: Errand) -> dict[str, Any]:
    contact = errand.contact
    person = {
        name: getattr(contact, name)
        for name in ("id", "name", "email", "phone", "company", "city", "country", "stage", "lifecycle")
    }
    return {
        "key": errand.key,
        "campaign": errand.campaign,
        "step": errand.step,
        "contact": {**person, "tags": list(contact.tags)},
        "data": errand.parameters["data"],
    }


def post(what: str, url: str, body: bytes, secret: str, key: str, timeout: float) -> NoticeOutcome:
    """One signed POST, and what it came to; `what` is the setting that the address stands in."""
    try:
        status = _post(url, body, secret, key, timeout)
    except ValueError as error:
        return NoticeOutcome(False, False, f"{what} is no web address: {error}")
    except (OSError, http.client.HTTPException) as error:
        return NoticeOutcome(False, True, f"{type(error).__name__}: {error}")
    if 200 <= status < 300:
        return NoticeOutcome(True, reply=f"answered {status}")
    refused = 400 <= status < 500 and status not in WORTH_ANOTHER_TRY
    return NoticeOutcome(False, not refused, f"answered {status}")


def _post(url: str, body: bytes, secret: str, key: str, timeout: float) -> int:
    parts = urlsplit(url)
    connection = _connection(parts, timeout)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "nurture",
        "Idempotency-Key": key,
    }
    if secret:
        headers["X-Nurture-Signature"] = signature(secret, int(time.time()), body)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        # http.client follows no redirect: what is signed for one address goes to no other.
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def signature(secret: str, at: int, body: bytes) -> str:
    """What `X-Nurture-Signature` says of a body sent at `at` (Unix seconds)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def _connection(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it does not begin with http:// or https:// and a host")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=timeout)


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [Webhook(config.options("webhook_notice", Options))]


@hookimpl
def register_actions(config: PluginConfig) -> list[Action]:
    return [WebhookAction(config.options("webhook_notice", Options))]
