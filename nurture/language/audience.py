"""Reads for whom a campaign is: a condition, something that they do, a date that they have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from nurture.core.campaign import DateEntry, SignalEntry
from nurture.core.predicate import Condition
from nurture.language import codes
from nurture.language.conditions import parse
from nurture.language.moments import read_field, read_offset
from nurture.language.names import SIGNAL_NAMES
from nurture.language.reading import Reader, Table
from nurture.language.values import parse_duration

AUDIENCE_KEYS = ("when", "on", "date", "reenter")
ON_KEYS = ("signal", "where", "within")
DATE_KEYS = ("field", "minus", "plus", "within")

WITHIN = timedelta(days=7)
"""How long a signal or a date lets somebody in where nothing else is said."""

_EVERYBODY = "true"


@dataclass(frozen=True, slots=True)
class WayIn:
    """Who may enter, by what, and after how long again."""

    when: Condition
    entries: tuple[SignalEntry | DateEntry, ...]
    reenter: timedelta | None


def read_audience(reader: Reader, root: Table) -> WayIn | None:
    """The audience of a campaign; None, with findings, where it cannot be used."""
    table = reader.table(
        root.need("audience", "write audience: {when: …}, with on: or date: if you like"),
        "audience",
        AUDIENCE_KEYS,
    )
    if table is None:
        return None
    when = reader.condition(table.get("when"), "when")
    entries = tuple(entry for entry in (_on(reader, table), _date(reader, table)) if entry)
    reenter = reader.parsed(table.get("reenter"), "reenter", _after, codes.BAD_DURATION, "write after 180d")
    if "when" in table:
        return WayIn(when, entries, reenter) if when else None
    if "on" in table or "date" in table:
        return WayIn(parse(_EVERYBODY), entries, reenter)
    if table.meant.isdisjoint(AUDIENCE_KEYS):
        reader.report.add(
            codes.NO_WAY_IN, table.node, "audience says nothing of who may enter", "write when: CONDITION"
        )
    return None


def _on(reader: Reader, audience: Table) -> SignalEntry | None:
    table = reader.table(audience.get("on"), "on", ON_KEYS)
    if table is None:
        return None
    node = table.need("signal", "write what happens: submitted, visited, clicked, opened, replied")
    kind = reader.name(node, "signal")
    reader.mention("signal", kind, node)
    where = reader.condition(table.get("where"), "where", SIGNAL_NAMES)
    within = reader.duration(table.get("within"), "within")
    return SignalEntry(kind, where, within or WITHIN) if kind else None


def _date(reader: Reader, audience: Table) -> DateEntry | None:
    table = reader.table(audience.get("date"), "date", DATE_KEYS)
    if table is None:
        return None
    path = read_field(reader, table.need("field", "write field: answers.NAME"), "field")
    offset = read_offset(reader, table)
    within = reader.duration(table.get("within"), "within")
    return DateEntry(path, offset, within or WITHIN) if path else None


def _after(text: str) -> timedelta | None:
    return parse_duration(text.strip().removeprefix("after "))
