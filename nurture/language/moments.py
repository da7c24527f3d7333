"""Reads what a step waits for: a duration, or `{until: …}` with a date, a weekday and time, or a field."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from nurture.core.campaign import OnDate, OnField, OnWeekday, Until, WaitStep, WaitUntilStep
from nurture.core.written import parse_days
from nurture.language import codes
from nurture.language.names import CONTACT_NAMES
from nurture.language.reading import Reader, Table
from nurture.language.yamlio import Mapping, Node

UNTIL_KEYS = ("until", "minus", "plus", "at")
FIELD_ROOTS = ("contact", "answers", "account")
"""Where a date can stand."""

_UNTIL_HINT = "write a date (2026-12-01, 2026-12-01 09:00), days with a time (tue 09:00), or answers.NAME"
_AT_HINT = "write 09:00"
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]+(\d{1,2}:\d{2}))?", re.ASCII)
_DAYS = re.compile(r"([a-z][a-z, -]*?)(?:\s+(\d{1,2}:\d{2}))?", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_FIELD = re.compile(rf"({'|'.join(FIELD_ROOTS)})\.(\w+)")


def read_wait(
    reader: Reader, step_id: str, node: Node | None, following: str | None
) -> WaitStep | WaitUntilStep | None:
    """`wait: 3d`, or `wait: {until: …}`."""
    if not isinstance(node, Mapping):
        duration = reader.duration(node, "wait")
        return WaitStep(step_id, duration, following) if duration else None
    table = reader.table(node, "wait", UNTIL_KEYS)
    until = read_until(reader, table) if table else None
    return WaitUntilStep(step_id, until, following) if until else None


def read_until(reader: Reader, table: Table) -> Until | None:
    """The moment that a table with `until` says."""
    node = table.need("until")
    until = _parsed_until(reader, node)
    offset = read_offset(reader, table)
    at = reader.parsed(table.get("at"), "at", parse_time, codes.BAD_HOURS, _AT_HINT)
    if not isinstance(until, OnField):
        for key in ("minus", "plus", "at"):
            if until is not None and key in table:
                reader.report.add(
                    codes.UNKNOWN_KEY, table.at(key), f"{key} belongs to a field", "put the time into until"
                )
        return until
    check_field(reader, table.get("until"), until.path)
    return OnField(until.path, offset, at or time(0))


def _parsed_until(reader: Reader, node: Node | None) -> Until | None:
    text = reader.text(node, "until")
    if text is None or node is None:
        return None
    until = parse_until(text)
    if until is None:
        reader.report.add(codes.BAD_MOMENT, node, f"until is {text!r}", _UNTIL_HINT)
    return until


def read_offset(reader: Reader, table: Table) -> timedelta:
    """`minus: 14d` or `plus: 2d`; nothing where neither is there."""
    minus = reader.duration(table.get("minus"), "minus")
    plus = reader.duration(table.get("plus"), "plus")
    if "minus" in table and "plus" in table:
        reader.report.add(codes.UNKNOWN_KEY, table.at("plus"), "there is a minus already", "keep one of them")
    return -minus if minus else plus or timedelta()


def read_field(reader: Reader, node: Node | None, what: str) -> tuple[str, ...] | None:
    """A field that can hold a date: `answers.renewal`."""
    hint = "write answers.NAME, contact.NAME or account.NAME"
    path = reader.parsed(node, what, parse_field, codes.BAD_MOMENT, hint)
    if path is not None:
        check_field(reader, node, path)
    return path


def check_field(reader: Reader, node: Node | None, path: tuple[str, ...]) -> None:
    """A finding where there is no such field."""
    problem = CONTACT_NAMES.problem(path)
    if problem is not None and node is not None:
        reader.report.add(codes.BAD_MOMENT, node, *problem)


def parse_field(text: str) -> tuple[str, ...] | None:
    found = _FIELD.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def parse_until(text: str) -> Until | None:
    """A date, days of the week with a time, a time of the day, or a field."""
    text = text.strip()
    if path := parse_field(text):
        return OnField(path)
    if found := _DATE.fullmatch(text):
        day, at = _day(*(int(part) for part in found.groups()[:3])), parse_time(found[4] or "00:00")
        return OnDate(datetime.combine(day, at)) if day is not None and at is not None else None
    if at := parse_time(text):
        return OnWeekday(frozenset(range(1, 8)), at)
    found = _DAYS.fullmatch(text)
    days = parse_days(found[1]) if found else None
    at = parse_time(found[2] or "00:00") if found else None
    return OnWeekday(days, at) if days and at is not None else None


def parse_time(text: str) -> time | None:
    found = _TIME.fullmatch(text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
