"""The YAML of `outcome import --map FILE`: read, checked, and refused with its place and what was meant.

contact:                                # how people are known: any of these, or several
  external_id: mql_id                   # or {system: crm, from: "Lead {Number}"}
  email: E-mail
  phone: Telephone
  id: Contact                           # our own numbers
  handover: Hand-over
result: won                             # for all rows; or what a column says, all else is passed over:
# result: {column: Status, won: [Closed won], lost: [Closed lost]}
at: {column: won_date, format: "%d-%m-%Y %H:%M", timezone: America/Sao_Paulo}       # or: at: won_date
value: {column: Amount, decimal: ","}   # or: value: Amount
currency: EUR                           # or {column: Currency}
reason: Why
key: Deal                               # the other system's id of the deal
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml.comments import CommentedMap

from nurture.core.model import Result
from nurture.core.outcomes import OWN_HANDOVER, OWN_NUMBER
from nurture.errors import Position, did_you_mean
from nurture.ingest.checked_yaml import CheckedYaml, parse, read_text
from nurture.ingest.mapping import Composed, said_as
from nurture.ingest.outcomes.mapping import AMOUNTS, OutcomeMapping, Said, When

_UTC = ZoneInfo("UTC")
_WAYS = {"email": "email", "phone": "phone", "id": OWN_NUMBER, "handover": OWN_HANDOVER}


def load_outcome_mapping(path: Path) -> OutcomeMapping:
    """The mapping in a file. Raised when there is none, or anything in it is wrong: MappingError."""
    return read_outcome_mapping(read_text(path), str(path))


def read_outcome_mapping(text: str, file: str) -> OutcomeMapping:
    """The mapping in a text; `file` is its name in messages. Raised when it is wrong: MappingError."""
    return _Checker(file).mapping(parse(text, file))


class _Checker(CheckedYaml):
    """Walks the document, and stops at the first thing that is wrong."""

    def mapping(self, root: Any) -> OutcomeMapping:
        parts: dict[str, Callable[[Any, Position], dict[str, Any]]] = {
            "contact": lambda node, at: {"who": self._who(node, at)},
            "result": lambda node, at: {"result": self._result(node, at)},
            "at": lambda node, at: {"at": self._when(node, at)},
            "value": self._value,
            "currency": lambda node, at: {"currency": self._currency(node, at)},
            "reason": lambda node, at: {"reason": Composed.of(self.composed(node, at))},
            "key": lambda node, at: {"key": Composed.of(self.composed(node, at))},
        }
        start = Position(self._file, 1)
        if root is None:
            raise self.wrong(start, "the mapping is empty", "begin with: contact:")
        found: dict[str, Any] = {}
        entries = {key: (value, at) for key, value, at in self.entries(root, start, known=parts, what="part")}
        self.need(entries, ("contact", "result", "at"), start)
        for key, (value, where) in entries.items():
            found |= parts[key](value, where)
        if "value" in entries and "currency" not in entries:
            raise self.wrong(entries["value"][1], "a value needs a currency", "write: currency: EUR")
        return OutcomeMapping(**found, positions=self.positions)

    def _who(self, node: Any, where: Position) -> dict[str, Composed]:
        who: dict[str, Composed] = {}
        for key, value, at in self.entries(node, where, known=(*_WAYS, "external_id")):
            if key != "external_id":
                who[_WAYS[key]] = Composed.of(self.composed(value, at))
            elif isinstance(value, CommentedMap):
                given = {k: (v, p) for k, v, p in self.entries(value, at, known=("system", "from"))}
                self.need(given, ("system", "from"), at)
                kind = f"external:{self.text(*given['system'])}"
                who[kind] = Composed.of(self.composed(*given["from"]))
            else:
                who["external:"] = Composed.of(self.composed(value, at))
        if not who:
            raise self.wrong(where, "contact names no column", "write: contact: {email: E-mail}")
        return who

    def _result(self, node: Any, where: Position) -> Result | Said:
        if not isinstance(node, CommentedMap):
            return self._constant(node, where)
        given = {k: (v, at) for k, v, at in self.entries(node, where, known=("column", *Result))}
        self.need(given, ("column",), where)
        meanings = {
            said_as(text): result
            for result in Result
            if result in given
            for text in self.texts(*given[result])
        }
        if not meanings:
            raise self.wrong(where, "which texts mean what is missing", "write: won: [Closed won]")
        return Said(self.column(*given["column"]), meanings)

    def _constant(self, node: Any, where: Position) -> Result:
        text = self.text(node, where)
        if text not in list(Result):
            hint = "write won, lost, or {column: …, won: […], lost: […]}"
            raise self.wrong(where, f"{text!r} is no result{did_you_mean(text, Result)}", hint)
        return Result(text)

    def _when(self, node: Any, where: Position) -> When:
        if not isinstance(node, CommentedMap):
            return When(self.column(node, where))
        known = ("column", "format", "timezone")
        given = {k: (v, at) for k, v, at in self.entries(node, where, known=known)}
        self.need(given, ("column",), where)
        zone = self._zone(*given["timezone"]) if "timezone" in given else _UTC
        form = self._format(*given["format"]) if "format" in given else None
        return When(self.column(*given["column"]), form, zone)

    def _zone(self, node: Any, where: Position) -> ZoneInfo:
        name = self.text(node, where)
        try:
            return ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            raise self.wrong(where, f"there is no time zone {name!r}", "write: Europe/Amsterdam") from None

    def _format(self, node: Any, where: Position) -> str:
        form = self.text(node, where)
        now = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
        try:
            # What it writes it must be able to read: a year, a month and a day at least.
            if datetime.strptime(now.strftime(form), form).date() == now.date():  # noqa: DTZ007
                return form
        except ValueError:
            pass
        raise self.wrong(where, f"{form!r} is no format of a date", 'write: "%d-%m-%Y %H:%M"')

    def _value(self, node: Any, where: Position) -> dict[str, Any]:
        if not isinstance(node, CommentedMap):
            return {"value": self.column(node, where)}
        given = {k: (v, at) for k, v, at in self.entries(node, where, known=("column", "decimal"))}
        self.need(given, ("column",), where)
        decimal, at = given.get("decimal", (".", where))
        if not isinstance(decimal, str) or decimal not in AMOUNTS:
            raise self.wrong(at, f"{decimal!r} separates no decimals", 'write "." or ","')
        return {"value": self.column(*given["column"]), "decimal": decimal}

    def _currency(self, node: Any, where: Position) -> str | Composed:
        if isinstance(node, CommentedMap):
            given = {k: (v, at) for k, v, at in self.entries(node, where, known=("column",))}
            self.need(given, ("column",), where)
            return Composed.of(self.column(*given["column"]))
        code = self.text(node, where)
        if not re.fullmatch(r"[A-Z]{3}", code):
            raise self.wrong(where, f"{code!r} is no currency", "write EUR, USD, …, or {column: …}")
        return code
