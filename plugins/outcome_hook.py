"""The outcome hook `outcomes`: any system posts won and lost deals, signed, to `/hooks/outcomes`.

    [plugin.outcome_hook]
    secret = "…"           # better: NURTURE_PLUGIN__OUTCOME_HOOK__SECRET in the environment

The body is JSON, one outcome or a list of them:

    {"result": "won", "at": "2026-03-02T10:00:00Z", "email": "an@example.com", "key": "deal-77",
     "value": "2400.00", "currency": "EUR", "reason": "liked the plan"}

`result` is won or lost, `at` a time with a zone. Who it is about stands in `email`, `phone`, `contact` or
`handover` (our numbers) or `external_id` (`{"system": "crm", "id": "4711"}`); any one will do. All else may
be left out. `value` is exact: a text, or a number with two decimals at most.

The header `X-Nurture-Signature: t=UNIX,v1=HEX` proves who posts: HEX is the HMAC-SHA256 (RFC 2104), under the
secret, of UNIX, a full stop and the body as it is. The answer is JSON: `{"new": 1, "known": 0,
"unmatched": 0}`. What says the same is the same outcome, so a post that is repeated changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from nurture import (
    FeedbackError,
    OutcomeHook,
    PluginConfig,
    Result,
    ToldOutcome,
    UtcTime,
    hookimpl,
    parse_json,
)

API_VERSION = 1

MOST = 5_000
"""Outcomes in one call: they are stored in one transaction."""

_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)
_Text = Annotated[str, Field(min_length=1, max_length=300)]


class Options(BaseModel):
    """[plugin.outcome_hook]: without a secret nothing can be checked, so that it has to be given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: SecretStr = Field(min_length=16)


class ExternalId(BaseModel):
    """What another system calls a contact."""

    model_config = ConfigDict(extra="forbid")

    system: _Text
    id: _Text


class Posted(BaseModel):
    """One outcome, as it is posted."""

    model_config = ConfigDict(extra="forbid")

    result: Result
    at: UtcTime
    email: _Text | None = None
    phone: _Text | None = None
    contact: int | None = Field(default=None, ge=1)
    handover: int | None = Field(default=None, ge=1)
    external_id: ExternalId | None = None
    key: Annotated[str, Field(max_length=300)] = ""
    value: Decimal | None = Field(default=None, ge=0, max_digits=15, decimal_places=2)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    reason: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.who:
            raise ValueError("it names nobody: give email, phone, contact, handover or external_id")
        if (self.value is None) != (self.currency is None):
            raise ValueError("value and currency belong together")
        return self

    @property
    def who(self) -> tuple[tuple[str, str], ...]:
        """By what the person is recognised."""
        named = [(kind, getattr(self, kind)) for kind in ("email", "phone", "contact", "handover")]
        if self.external_id is not None:
            named.append((f"external:{self.external_id.system}", self.external_id.id))
        return tuple((kind, str(value)) for kind, value in named if value is not None)


class Outcomes:
    """Reads what was posted."""

    name = "outcomes"

    def __init__(self, options: Options) -> None:
        self._secret = options.secret.get_secret_value().encode()

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[ToldOutcome]:
        given = _SIGNATURE.fullmatch(headers.get("x-nurture-signature", ""))
        signed = f"{given[1] if given else ''}.".encode() + body
        expected = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        if given is None or not hmac.compare_digest(expected, given[2]):
            raise FeedbackError("the signature is wrong: X-Nurture-Signature must be t=UNIX,v1=HEX")
        many = body.lstrip()[:1] == b"["
        posted = parse_json(list[Posted], body) if many else [parse_json(Posted, body)]
        if len(posted) > MOST:
            raise FeedbackError(f"more than {MOST:,} outcomes in one call")
        return [_told(one) for one in posted]


def _told(one: Posted) -> ToldOutcome:
    return ToldOutcome(one.result, one.at, one.who, one.key, one.value, one.currency, one.reason)


@hookimpl
def register_outcome_hooks(config: PluginConfig) -> list[OutcomeHook]:
    return [Outcomes(config.options("outcome_hook", Options))]
