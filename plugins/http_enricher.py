"""Remote enrichers that ask any HTTP API which answers in JSON, made by settings alone.

    [plugin.http_enricher.register]
    url = "https://api.example.com/companies/{company_domain}"
    headers = {Authorization = "Bearer …"}
    fields = {"account.employees" = "company.size", "account.sector" = "company.branches.0"}
    confidence = 0.8

makes the enricher `register`, which a profile names under `lead.enrich`. It is asked about whoever has all
the fields in {braces}. `fields` says where in the answer each value stands: names of keys and numbers of
items (from 0), parted by full stops. An answer 404 means that nothing is known.

A secret goes better into the environment: NURTURE_PLUGIN__HTTP_ENRICHER__REGISTER__HEADERS__AUTHORIZATION.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from string import Formatter
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, RootModel, SecretStr, model_validator

from nurture import (
    Enrichment,
    Lead,
    PluginConfig,
    RemoteEnricher,
    Unanswered,
    Value,
    check_web_address,
    hookimpl,
)

API_VERSION = 1

MOST_BYTES = 1_000_000
LONGEST_WAIT = timedelta(days=1)

_FIELDS = frozenset(Lead.__dataclass_fields__) - {
    *("interests", "answers", "account", "consents", "external_ids", "signals", "problems"),
}
_PARTS = ("account", "answers")


class Api(BaseModel):
    """[plugin.http_enricher.NAME]; `timeout` is in seconds, for the whole answer. An answer is kept for
    `cache_days`; at most `per_minute` and `per_day` questions are asked. `allow_http` asks other machines by
    http:// too, which anybody between can read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    headers: dict[str, SecretStr] = {}
    fields: dict[str, str] = Field(min_length=1)
    confidence: float = Field(default=0.7, ge=0, le=1)
    cache_days: float = Field(default=30, gt=0, le=3_650)
    per_minute: int | None = Field(default=60, ge=1)
    per_day: int | None = Field(default=None, ge=1)
    timeout: float = Field(default=10, gt=0, le=15)
    allow_http: bool = False

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        check_web_address(self.url.replace("{", "").replace("}", ""), allow_http=self.allow_http)
        needs = needs_of(self.url)
        if not needs:
            raise ValueError("url asks about nobody: name a field in {braces}, as {company_domain}")
        if "{" in urlsplit(self.url).netloc:
            raise ValueError(
                "url: whom to ask must not depend on what is asked about: no {braces} in the host"
            )
        for field in (*needs, *self.fields):
            check_field(field)
        return self


class Options(RootModel[dict[str, Api]]):
    """[plugin.http_enricher]: one table an enricher, by its name."""


def needs_of(url: str) -> tuple[str, ...]:
    """The fields in {braces}. Raised when they cannot be read: ValueError."""
    found = []
    for _text, field, spec, conversion in Formatter().parse(url):
        if spec or conversion:
            raise ValueError(f"url: write {{{field}}} alone, without ! or :")
        if field is not None:
            found.append(field)
    return tuple(dict.fromkeys(found))


def check_field(field: str) -> None:
    """Raised when it is no field of a lead that can be asked with or found: ValueError."""
    part, _, key = field.partition(".")
    if not (part in _PARTS and key if "." in field else field in _FIELDS):
        known = ", ".join(sorted(_FIELDS))
        raise ValueError(f"there is no field {field!r}; there are {known}, account.KEY and answers.KEY")


@hookimpl
def register_enrichers(config: PluginConfig) -> Sequence[RemoteEnricher]:
    apis = config.options("http_enricher", Options).root
    return [HttpEnricher(name, api) for name, api in apis.items()]


class Useless(Exception):
    """Raised when an answer is none that can be read."""


class HttpEnricher:
    """One GET a question; no redirect is followed."""

    remote = True

    def __init__(self, name: str, api: Api) -> None:
        self.name = name
        self.needs = needs_of(api.url)
        self.gives = tuple(api.fields)
        self.cache_for = timedelta(days=api.cache_days)
        self.per_minute, self.per_day = api.per_minute, api.per_day
        self._api = api
        self._host = urlsplit(api.url).hostname or ""
        secrets = {name: secret.get_secret_value() for name, secret in api.headers.items()}
        self._headers = {"User-Agent": "nurture", "Accept": "application/json", **secrets}

    def enrich(self, leads: Sequence[Lead]) -> list[Enrichment | Unanswered | None]:
        answers: list[Enrichment | Unanswered | None] = []
        over: Unanswered | None = None
        with httpx.Client(timeout=self._api.timeout, headers=self._headers) as client:
            for lead in leads:
                answer = self._ask(client, lead) if over is None else over
                answers.append(answer)
                if isinstance(answer, Unanswered) and answer.busy:
                    over = answer
                elif isinstance(answer, Unanswered) and answer.why == self._slow:
                    # The others are not to blame, and shall not wait as long each.
                    over = Unanswered(self._slow, busy=True)
        return answers

    @property
    def _slow(self) -> str:
        return f"{self._host} did not answer within {self._api.timeout:g} seconds"

    def _ask(self, client: httpx.Client, lead: Lead) -> Enrichment | Unanswered | None:
        url = address(self._api.url, {need: _value(lead, need) for need in self.needs})
        if url is None:
            return None
        try:
            status, headers, body = self._get(client, url)
        except (httpx.TimeoutException, TimeoutError):
            return Unanswered(self._slow)
        except httpx.TransportError as error:
            return Unanswered(f"{self._host} cannot be reached: {error or type(error).__name__}", busy=True)
        except Useless as error:
            return Unanswered(str(error))
        said = f"{self._host} answered {status}"
        if status in (204, 404, 410):
            return None
        if 200 <= status < 300:
            return self._read(body)
        wait = _wait(headers.get("retry-after", ""))
        # Refused whoever is asked about (RFC 9110, RFC 6585); redirects too: a secret goes to nobody else.
        if status in (401, 402, 403, 407, 429) or status < 400 or wait is not None:
            return Unanswered(said, busy=True, wait=wait)
        return Unanswered(said, again=status == 408 or status >= 500)

    def _get(self, client: httpx.Client, url: str) -> tuple[int, httpx.Headers, bytes]:
        """Status, headers and body. Raised when it takes too long: TimeoutError; is too much: Useless."""
        ends = time.monotonic() + self._api.timeout
        body = bytearray()
        with client.stream("GET", url) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise Useless(f"{self._host} answered more than {MOST_BYTES:,} bytes")
                if time.monotonic() > ends:
                    raise TimeoutError
        return answer.status_code, answer.headers, bytes(body)

    def _read(self, body: bytes) -> Enrichment | Unanswered | None:
        try:
            document = json.loads(body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return Unanswered(f"{self._host} answered something that is no JSON")
        found = {field: at(document, path) for field, path in self._api.fields.items()}
        values = {field: value for field, value in found.items() if value not in (None, "")}
        why = f"{self._host} says so, asked with {' and '.join(self.needs)}"
        return Enrichment(values, self._api.confidence, why) if values else None


def address(template: str, values: Mapping[str, Value]) -> str | None:
    """The address to ask, each value escaped as one piece; None where one would mean another address."""
    parts = []
    for text, field, _spec, _conversion in Formatter().parse(template):
        parts.append(text)
        if field is not None:
            value = values.get(field)
            # Escaped or not, a segment of full stops leads elsewhere (RFC 3986, section 5.2.4).
            if not isinstance(value, str | int | float) or not str(value).strip(" ."):
                return None
            parts.append(quote(str(value), safe=""))
    return "".join(parts)


def at(document: Any, path: str) -> Value:
    """The text, number or truth value at `company.branches.0`; None where there is none."""
    for step in path.split("."):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document if isinstance(document, str | int | float | bool) else None


def _value(lead: Lead, field: str) -> Value:
    part, _, key = field.partition(".")
    value: Value = getattr(lead, part).get(key) if key else getattr(lead, field)
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON (RFC 8259, section 6)")


def _wait(retry_after: str) -> timedelta | None:
    """How long `Retry-After` asks to wait (RFC 9110, section 10.2.3), at most a day."""
    if retry_after.isascii() and retry_after.isdecimal():
        return min(timedelta(seconds=min(int(retry_after[:9]), 10**8)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(retry_after)
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return min(max(timedelta(0), until - datetime.now(UTC)), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):
        return None
