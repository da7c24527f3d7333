"""Won and lost: what somebody tells of a person, whether it can be so, and where it leaves the person. Pure.

Sales does not always answer a hand-over before it sells, and other systems know of sales that the engine had
no part in. So an outcome leads from wherever a person stands to `customer` or `lost`, by legal steps only,
and the record says which of them nobody had told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TypeAlias

from nurture.core.lifecycle import way
from nurture.core.model import DecisionRecord, Lifecycle, Outcome, Result, Value, What

OWN_NUMBER, OWN_HANDOVER = "contact", "handover"
"""Kinds of identity beside `email`, `phone` and `external:SYSTEM`: our own numbers."""

LARGEST = Decimal(10) ** 13
CLOCKS_DIFFER = timedelta(days=1)
"""So far ahead of us may be what another system calls now: its clock, or a zone that it does not tell."""

LEADS_TO: Mapping[Result, Lifecycle] = {Result.WON: Lifecycle.CUSTOMER, Result.LOST: Lifecycle.LOST}

_WHAT: Mapping[Result, What] = {Result.WON: "won", Result.LOST: "lost"}
_CURRENCY = re.compile(r"[A-Z]{3}")

Identity: TypeAlias = tuple[str, str]
"""By what a person is recognised: kind and value."""


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """What somebody tells of one person: won or lost, at a time (UTC).

    `who` are (kind, value) pairs, of which any will do: `email`, `phone`, `external:SYSTEM`, or `contact` and
    `handover` with our own number. `key` is the teller's name for the deal, which tells apart two that are
    alike otherwise. `value` is money in `currency` (ISO 4217), exact to the hundredth. `line` is where it
    stands in a file.
    """

    result: Result
    at: datetime
    who: tuple[Identity, ...]
    key: str = ""
    value: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    line: int | None = None

    @property
    def digest(self) -> bytes:
        """The same for what says the same, however often and by whichever way it comes."""
        value = None if self.value is None else str(self.value.normalize())
        at = self.at.isoformat()
        said = (sorted(self.who), self.key, self.result, at, value, self.currency, self.reason)
        return sha256(json.dumps(said).encode()).digest()


def problem_with(told: ToldOutcome, now: datetime) -> str | None:
    """Why it cannot be so, in words; None where it can."""
    if not told.who:
        return "it names nobody"
    if told.at > now + CLOCKS_DIFFER:
        return f"{told.at:%Y-%m-%d} is yet to come"
    if (told.value is None) != (told.currency is None):
        return "a value needs a currency" if told.currency is None else "a currency needs a value"
    if told.currency is not None and not _CURRENCY.fullmatch(told.currency):
        return f"{told.currency!r} is no currency: write EUR, USD, …"
    if told.value is not None and (not told.value.is_finite() or not 0 <= told.value < LARGEST):
        return f"{told.value} is no value of a deal"
    if told.value is not None and told.value != told.value.quantize(Decimal("0.01")):
        return f"{told.value} is finer than a hundredth"
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contact stands when an outcome is told.

    `handover_id` is their last hand-over and `given_at` when that was, None: never; `open`: sales has not
    answered it, so that the outcome does.
    """

    lifecycle: Lifecycle
    handover_id: int | None = None
    given_at: datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """Where the contact stands from now on, and the record that says why."""

    lifecycle: Lifecycle
    record: DecisionRecord


def consequence(outcome: Outcome, holding: Outcome, standing: Standing) -> Consequence:
    """What follows from one outcome of a contact; `holding` is the one that holds, maybe the same.

    What is told late changes nothing where a later outcome holds, or where sales has been given the person
    again since then.
    """
    before = standing.lifecycle
    if holding.id != outcome.id:
        return _kept(outcome, before, f"{holding.result.value}, which was later, holds")
    given_again = standing.given_at is not None and standing.given_at > outcome.at
    if given_again and outcome.handover_id != standing.handover_id:
        return _kept(outcome, before, "sales was given the person after that")
    after = LEADS_TO[outcome.result]
    if before is Lifecycle.DISQUALIFIED and after is Lifecycle.LOST:
        return _kept(outcome, before, "the person is disqualified already")
    words = _led(after, way(before, after)[:-1], standing)
    record = _record(_WHAT[outcome.result], f"{_told(outcome)}: {words}", outcome, before, after)
    return Consequence(after, record)


def _led(after: Lifecycle, skipped: tuple[Lifecycle, ...], standing: Standing) -> str:
    name = "a customer" if after is Lifecycle.CUSTOMER else "lost"
    if standing.lifecycle is after:
        return f"is {name} already"
    if standing.open:
        number = standing.handover_id
        return f"{name} from now on; nobody had answered hand-over {number}, so it counts as accepted"
    if skipped and standing.handover_id is None:
        return f"{name} from now on, though we never gave the person to sales"
    if skipped:
        return f"{name} from now on, straight from {standing.lifecycle.value}"
    return f"{name} from now on"


def _kept(outcome: Outcome, before: Lifecycle, why: str) -> Consequence:
    words = f"{outcome.result.value}, {_told(outcome)}, is kept and changes nothing: {why}"
    return Consequence(before, _record("outcome_kept", words, outcome, before, before))


def _told(outcome: Outcome) -> str:
    worth = "" if outcome.value is None else f"{outcome.value:,.2f} {outcome.currency} "
    why = f" ({outcome.reason})" if outcome.reason else ""
    return f"{worth}on {outcome.at:%Y-%m-%d}, told by {outcome.source}{why}"


def _record(what: What, reason: str, outcome: Outcome, before: Lifecycle, after: Lifecycle) -> DecisionRecord:
    evidence: dict[str, Value] = {
        "outcome": outcome.id,
        "at": outcome.at.isoformat(),
        "from": before.value,
        "to": after.value,
        "handover": outcome.handover_id,
        "value": None if outcome.value is None else str(outcome.value),
        "currency": outcome.currency,
        "source": outcome.source,
    }
    known = {name: value for name, value in evidence.items() if value is not None}
    return DecisionRecord(what, reason, rule="outcome", evidence=known)
