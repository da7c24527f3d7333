"""Times as files write them: by a format that is told, else ISO 8601, else day first."""

from __future__ import annotations

import re
from datetime import datetime

_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_ISO_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")


def parse_time(text: str, form: str | None = None) -> datetime:
    """The time in `text`, which is written as `form` says (`strptime`); without a zone where it names none.

    Raised when it is no time: ValueError.
    """
    if form:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the caller adds the zone
    return datetime.fromisoformat(text)


def is_day(text: str, form: str | None = None) -> bool:
    """Whether a time that can be parsed names a day alone."""
    if form:
        return not any(mark in form for mark in ("%H", "%I", "%c", "%X", "%s"))
    found = _DAY_FIRST.fullmatch(text)
    return found[4] is None if found else _ISO_DAY.fullmatch(text) is not None
