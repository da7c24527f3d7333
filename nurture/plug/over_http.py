"""What plugins that speak HTTP have in common: one request a mail, asked again while that is safe, and what
each way to fail means for the mail.

The difficult case is a request whose answer never came: the mail may have been taken. Where the other side
knows a repetition by its key, it is asked again at once, with the very same request; else the mail's fate is
unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

import httpx

from nurture.core.model import Delivery, DeliveryState, OutboundMail
from nurture.core.words import on_one_line
from nurture.errors import TransportError
from nurture.plug.contracts import NoticeOutcome, Ticket

TRIES = 3
"""How often a mail is asked for in one go."""

PAUSES = (0.5, 2.0)
"""Seconds between them, where the other side names none."""

PATIENCE = 180.0
"""Seconds that a batch may take: well within the time after which the engine takes its mails for lost."""

WAIT_AT_MOST = 10.0
"""Seconds that a batch waits for a limit to pass; a longer one is waited for by the engine."""


class Meaning(Enum):
    """What an answer means for a mail.

    `TAKEN`; `REFUSED`: this mail never; `LATER`: this mail not now; `BUSY`: none now, none was taken;
    `UNSURE`: it may have been taken; `UNKNOWN`: the same, and it must not be repeated; `UNUSABLE`: nothing
    will get through until somebody puts it right.
    """

    TAKEN = "taken"
    REFUSED = "refused"
    LATER = "later"
    BUSY = "busy"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"


def meaning_of(status: int) -> Meaning:
    """What an HTTP status means where the provider says nothing else of it (RFC 9110, RFC 6585)."""
    if 200 <= status < 300:
        return Meaning.TAKEN
    if status == 429:
        return Meaning.BUSY
    # 409: one with this key is still being worked on (draft-ietf-httpapi-idempotency-key-header).
    if status in (408, 409) or status >= 500:
        return Meaning.UNSURE
    # Redirects too: what is meant for one address goes to no other.
    if status < 400 or status in (401, 402, 403, 404, 405, 407):
        return Meaning.UNUSABLE
    return Meaning.REFUSED


@dataclass(slots=True)
class _Batch:
    """What the mails of one call share: when it must end, why no more are tried, whether any was taken or
    refused, and whether a person has to put something right.
    """

    ends: float
    over: str = ""
    heard: bool = False
    unusable: bool = False


class HttpTransport:
    """A Transport to inherit from: say `request`, and in `judge` what is special about the answers.

    `repeatable` is how long the other side knows a repeated request by its key; None where it does not.
    `client` keeps its connections, and is closed with the transport; several threads share it.
    """

    name: str
    repeatable: timedelta | None = None

    def __init__(self, client: httpx.Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def request(self, mail: OutboundMail) -> httpx.Request:
        """The request that hands over `mail`; made once, and sent as often as it takes."""
        raise NotImplementedError

    def judge(self, answer: httpx.Response) -> tuple[Meaning, str]:
        """What an answer means, and the words to keep of it."""
        return meaning_of(answer.status_code), f"answered {answer.status_code}: {answer.text[:200]}"

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterator[Delivery]:
        """As the contract says; that nothing could be tried is raised when each mail has its answer."""
        if not mails:
            return
        allowed = ticket.begin(mails)
        batch = _Batch(time.monotonic() + PATIENCE)
        for mail in mails:
            if mail.outbox_id not in allowed:
                yield Delivery(mail.outbox_id, DeliveryState.NOT_TRIED, "withheld")
            elif batch.over or time.monotonic() >= batch.ends:
                reason = batch.over or "the batch took too long"
                yield Delivery(mail.outbox_id, DeliveryState.NOT_TRIED, reason)
            else:
                yield self._hand_over(mail, batch)
        if batch.unusable and not batch.heard:
            raise TransportError(f"{self.name}: {batch.over}")

    def close(self) -> None:
        self._client.close()

    def _hand_over(self, mail: OutboundMail, batch: _Batch) -> Delivery:
        request = self.request(mail)
        first = datetime.now(UTC)
        unsure, reply = False, ""
        for attempt in range(TRIES):
            meaning, reply, wait = self._ask(request)
            unsure = unsure or meaning is Meaning.UNSURE
            if meaning is Meaning.UNUSABLE:
                batch.over, batch.unusable = reply, True
                break
            if meaning not in (Meaning.BUSY, Meaning.UNSURE):
                batch.heard = True
                return Delivery(mail.outbox_id, _STATES[meaning], reply)
            if meaning is Meaning.UNSURE and self.repeatable is None:
                break
            pause = PAUSES[min(attempt, len(PAUSES) - 1)] if wait is None else wait
            if attempt == TRIES - 1 or pause > WAIT_AT_MOST or time.monotonic() + pause >= batch.ends:
                batch.over = reply
                break
            self._sleep(pause)
        if not unsure:
            return Delivery(mail.outbox_id, DeliveryState.NOT_TRIED, reply)
        until = None if self.repeatable is None else first + self.repeatable
        return Delivery(mail.outbox_id, DeliveryState.UNKNOWN, reply, until)

    def _ask(self, request: httpx.Request) -> tuple[Meaning, str, float | None]:
        """What came back, the words to keep, and how many seconds to wait, where the other side says."""
        try:
            answer = self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            return Meaning.UNUSABLE, f"{request.url.host} cannot be reached: {_words(error)}", None
        except httpx.TransportError as error:
            return Meaning.UNSURE, f"no answer came: {_words(error)}", None
        meaning, reply = self.judge(answer)
        return meaning, reply, _seconds(answer.headers.get("retry-after", ""))


def post_notice(address: str, document: Any, *, timeout: float) -> NoticeOutcome:
    """Posts a document as JSON, once, for a channel that tells sales: the engine tries again where that can
    help. No redirect is followed. What is kept of the answer never holds the address, which may be a secret.
    """
    host = httpx.URL(address).host
    try:
        answer = httpx.post(address, json=document, timeout=timeout)
    except httpx.TransportError as error:
        return NoticeOutcome(False, True, f"{host}: {_words(error)}")
    meaning = meaning_of(answer.status_code)
    words = f"{host} answered {answer.status_code}"
    if meaning is Meaning.TAKEN:
        return NoticeOutcome(True, reply=words)
    # A wrong key or address may be put right in time; what is refused for itself stays so.
    again = meaning is not Meaning.REFUSED
    return NoticeOutcome(False, again, f"{words}: {on_one_line(answer.text[:200])}")


_STATES = {
    Meaning.TAKEN: DeliveryState.SENT,
    Meaning.REFUSED: DeliveryState.FAILED,
    Meaning.LATER: DeliveryState.DEFERRED,
    Meaning.UNKNOWN: DeliveryState.UNKNOWN,
}


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds, from now (RFC 9110, section 10.2.3)."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
