"""How days and hours are written, in campaigns and in settings alike. None for what is not so written."""

from __future__ import annotations

import re
from datetime import date, time

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def parse_days(text: str) -> frozenset[int] | None:
    """`mon-fri`, `mon, wed, fri`, `sat-mon`: as ISO weekdays, 1 is Monday."""
    days: set[int] = set()
    for part in text.lower().split(","):
        ends = [end.strip() for end in part.split("-")]
        if len(ends) > 2 or any(end not in DAY_NAMES for end in ends):
            return None
        first, last = DAY_NAMES.index(ends[0]), DAY_NAMES.index(ends[-1])
        days.update((first + step) % 7 + 1 for step in range((last - first) % 7 + 1))
    return frozenset(days)


def parse_hours(text: str) -> tuple[time, time] | None:
    """`09:00-17:30`, from and up to; an end of 24:00 is the next day's 00:00."""
    found = _HOURS.fullmatch(text.strip())
    if not found:
        return None
    start_hour, start_minute, end_hour, end_minute = (int(group) for group in found.groups())
    if (end_hour, end_minute) == (24, 0):
        end_hour = 0
    if max(start_hour, end_hour) > 23 or max(start_minute, end_minute) > 59:
        return None
    return time(start_hour, start_minute), time(end_hour, end_minute)


def parse_date(text: str) -> date | None:
    """`2026-12-24`."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_dates(text: str) -> tuple[date, date] | None:
    """`2026-12-24`, or `2026-12-27..2027-01-02` with both ends."""
    ends = [parse_date(part) for part in text.split("..")]
    if len(ends) > 2 or any(end is None for end in ends):
        return None
    first, last = ends[0], ends[-1]
    return (first, last) if first is not None and last is not None and first <= last else None
