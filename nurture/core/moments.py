"""The moment that a step waits until, on the contact's own wall clock.

Wall-clock readings are turned into moments as PEP 495 has it: of a reading that is shown twice the first is
meant, and one that is skipped in the night when clocks change is the moment of the change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nurture.core.campaign import OnDate, OnField, OnWeekday, Until
from nurture.core.expression import Known
from nurture.core.facts import SnapshotFacts
from nurture.core.schedule import turning_point

_DAY = timedelta(days=1)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", re.ASCII)


def moment_of(
    until: Until, since: datetime, zone: ZoneInfo, facts: SnapshotFacts, *, again: bool = False
) -> datetime | None:
    """When `until` is, for who has stood there `since`; None where a field holds no date.

    `again`: in a later lap of a loop, where the weekday that has just come is not waited for anew.
    """
    match until:
        case OnDate(at=at):
            return moved_date(at.date(), timedelta(), at.time(), zone)
        case OnWeekday(days=days, at=at):
            return _next_weekday(days, at, since, zone, again)
        case OnField(path=path, offset=offset, at=at):
            day = as_date(facts.lookup(path))
            return None if day is None else moved_date(day, offset, at, zone)


def moved_date(day: date, offset: timedelta, at: time, zone: ZoneInfo) -> datetime | None:
    """The reading `at` on `day`, moved by `offset`: whole days on the calendar, the rest on the clock."""
    days, rest = divmod(offset, _DAY)
    try:
        return wall_clock(day + timedelta(days=days), at, zone) + rest
    except OverflowError:
        return None


def wall_clock(day: date, reading: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which a clock in `zone` shows `reading` on `day`."""
    return turning_point(day, reading, zone)


def as_date(value: Known) -> date | None:
    """The day that a text means: ISO 8601, or with the day first (`31-12-2026`, `31/12/2026`)."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def _next_weekday(days: frozenset[int], at: time, since: datetime, zone: ZoneInfo, again: bool) -> datetime:
    """The first such moment from `since` on (`again`: after it), whenever anybody looks."""
    today = since.astimezone(zone).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        if day.isoweekday() not in days:
            continue
        moment = wall_clock(day, at, zone)
        if moment > since or (moment == since and not again):
            return moment
    return since.astimezone(UTC)
