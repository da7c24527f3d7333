"""What a row of a file says of a person's outcome, where a mapping says which column holds what."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.model import Record, Result
from nurture.core.outcomes import ToldOutcome
from nurture.errors import Position
from nurture.ingest.dates import is_day, parse_time
from nurture.ingest.mapping import Composed, check_columns, said_as
from nurture.ingest.text import fold

AMOUNTS = {
    ".": re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?", re.ASCII),
    ",": re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{1,2})?", re.ASCII),
}
"""How an amount is written, by what separates its decimals."""

_EXAMPLES = {".": "1,200.00", ",": "1.200,00"}
_NO_ZONE = ZoneInfo("UTC")
_A_DAY = timedelta(days=1) - timedelta(microseconds=1)


class UnusableRow(ValueError):
    """Raised when a row says something that cannot be read: which column, what it says, what was expected."""


@dataclass(frozen=True, slots=True)
class When:
    """The column of the time, how it is written (None: ISO, or day first), and the zone that it is of."""

    column: str
    format: str | None = None
    zone: ZoneInfo = _NO_ZONE


@dataclass(frozen=True, slots=True)
class Said:
    """The column that says the result; all texts are `said_as`."""

    column: str
    meanings: Mapping[str, Result]


@dataclass(frozen=True, slots=True)
class OutcomeMapping:
    """A mapping, ready for use. `who` is kind → text; the kind `external:` gets the source's name.

    `currency` is a code, or where it stands.
    """

    who: Mapping[str, Composed]
    result: Result | Said
    at: When
    value: str | None = None
    decimal: str = "."
    currency: str | Composed | None = None
    reason: Composed | None = None
    key: Composed | None = None
    positions: Mapping[str, Position] = field(default_factory=dict, compare=False)

    def check_columns(self, columns: Collection[str], name: str) -> None:
        """Raised when the mapping names a column that the file `name` does not have: MappingError."""
        check_columns(self._columns(), self.positions, columns, name)

    def told(self, record: Record, source: str) -> ToldOutcome | None:
        """What a row says; None where it is neither won nor lost.

        Raised when it cannot be read: UnusableRow.
        """
        cells = _Cells(record.fields)
        result = self.result if isinstance(self.result, Result) else self._result(self.result, cells)
        if result is None:
            return None
        read = ((kind, composed.read(cells)) for kind, composed in self.who.items())
        who = tuple((f"{kind}{source}" if kind == "external:" else kind, text) for kind, text in read if text)
        if not who:
            raise UnusableRow("it names nobody: what `contact` names is empty")
        value = self._value(cells)
        return ToldOutcome(
            result,
            self._at(cells),
            who,
            key=(self.key.read(cells) if self.key else None) or "",
            value=value,
            currency=None if value is None else self._currency(cells),
            reason=self.reason.read(cells) if self.reason else None,
            line=record.line,
        )

    def _columns(self) -> Iterator[str]:
        currency = self.currency if isinstance(self.currency, Composed) else None
        for composed in (*self.who.values(), currency, self.reason, self.key):
            yield from composed.columns if composed else ()
        if isinstance(self.result, Said):
            yield self.result.column
        yield self.at.column
        if self.value is not None:
            yield self.value

    @staticmethod
    def _result(said: Said, cells: Mapping[str, str]) -> Result | None:
        return said.meanings.get(said_as(cells.get(said.column, "")))

    def _at(self, cells: Mapping[str, str]) -> datetime:
        """In UTC; a day is its end, so that nothing that was done on it comes after."""
        when = self.at
        text = cells.get(when.column, "")
        try:
            at = parse_time(text, when.format)
            if is_day(text, when.format):
                at += _A_DAY
            return (at if at.tzinfo else at.replace(tzinfo=when.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            expected = f"a time like {when.format}" if when.format else "2026-03-02 14:30, or day first"
            raise UnusableRow(f"{when.column} is {text!r}, expected {expected}") from None

    def _value(self, cells: Mapping[str, str]) -> Decimal | None:
        text = "" if self.value is None else re.sub(r"[\s'’]", "", cells.get(self.value, ""))
        if not text:
            return None
        if not AMOUNTS[self.decimal].fullmatch(text):
            raise UnusableRow(
                f"{self.value} is {text!r}, expected an amount like {_EXAMPLES[self.decimal]} "
                f"(decimal: {self.decimal!r})"
            )
        grouping = "," if self.decimal == "." else "."
        return Decimal(text.replace(grouping, "").replace(",", "."))

    def _currency(self, cells: Mapping[str, str]) -> str | None:
        if isinstance(self.currency, Composed):
            return (self.currency.read(cells) or "").strip().upper() or None
        return self.currency


class _Cells(dict[str, str]):
    """The cells of a row by the names of their columns, in which capitals and punctuation do not matter."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__((fold(name), text.strip()) for name, text in fields.items())

    def get(self, name: str, otherwise: Any = "") -> Any:
        return super().get(fold(name), otherwise)
