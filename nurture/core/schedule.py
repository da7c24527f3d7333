"""When a message may go out: send windows on the wall clock of its reader, caps, retries, deadlines.

Instants are UTC. A window is read off the wall clock: it is open when a clock on the reader's wall shows a
time in it, on a night when clocks change as on any other. So a window whose opening time is skipped opens at
the moment of the change, and what the clock shows twice is open twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from nurture.core.campaign import Cap, Window

IsHoliday = Callable[[str, date], bool]

_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 400
_EVERY_DAY = frozenset(range(1, 8))
_LAST_SECOND = time(23, 59, 59)

OFFICE_HOURS = Window(frozenset(range(1, 6)), time(9), time(17, 30))
"""What business hours are where no window says it."""


@lru_cache(maxsize=1024)
def find_zone(*names: str | None) -> ZoneInfo:
    """The first of `names` that is a time zone (IANA), else UTC. What a lead wrote may be anything."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def public_holiday(place: str, day: date) -> bool:
    """Whether `day` is a public holiday in a country (`NL`) or region (`DE-BY`).

    Raised when no holidays are known for the place: ValueError.
    """
    return day in _holidays(place, day.year)


def has_holidays(place: str) -> bool:
    """Whether holidays are known for a country (`NL`) or region (`DE-BY`)."""
    import holidays

    # The codes stand in a table; asking for a day would import the calendars of the whole world.
    if place in holidays.registry.EntityLoader.get_country_codes():
        return True
    try:
        _holidays(place, 2026)
    except ValueError:
        return False
    return True


def is_open(at: datetime, window: Window, zone: ZoneInfo, is_holiday: IsHoliday = public_holiday) -> bool:
    """Whether the wall clock in `zone` shows a time within the window."""
    if _is_always_open(window):
        return True
    local = at.astimezone(zone)
    reading = local.time()
    if window.start < window.end:
        return window.start <= reading < window.end and _is_open_day(local.date(), window, is_holiday)
    # Over midnight: the night belongs to the day on which it began.
    if reading >= window.start:
        return _is_open_day(local.date(), window, is_holiday)
    return reading < window.end and _is_open_day(local.date() - _DAY, window, is_holiday)


def next_allowed(
    now: datetime, window: Window, zone: ZoneInfo, is_holiday: IsHoliday = public_holiday
) -> datetime:
    """`now` if the window is open, else the moment at which it opens next.

    Raised when it does not open within a year: ValueError.
    """
    if is_open(now, window, zone, is_holiday):
        return now
    today = now.astimezone(zone).date()
    for days in range(_LOOK_AHEAD_DAYS):
        for moment in _turning_points(today + timedelta(days=days), window.start, zone):
            if moment > now and is_open(moment, window, zone, is_holiday):
                return moment
    raise ValueError(f"the window {window} does not open within a year after {now}")


def turning_point(day: date, reading: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which a clock in `zone` shows `reading` on `day`.

    Of a reading that is shown twice, the first; one that is skipped is the moment of the change.
    """
    moment = datetime.combine(day, reading, zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, reading):
        return moment
    return min(_clock_change(day, zone), default=moment)


def cap_frees_at(sent_at: Iterable[datetime], cap: Cap, now: datetime) -> datetime | None:
    """`now` if one more message keeps within the cap, else when it will; None for a cap of no messages."""
    if cap.messages <= 0:
        return None
    recent = sorted(at for at in sent_at if at > now - cap.per)
    return now if len(recent) < cap.messages else recent[-cap.messages] + cap.per


def retry_delay(
    attempt: int, first: timedelta = timedelta(minutes=1), longest: timedelta = timedelta(hours=6)
) -> timedelta:
    """How long to wait after failed attempt number `attempt` (from 1): twice as long each time, capped."""
    doublings = min(max(attempt, 1) - 1, 40)
    return min(timedelta(seconds=min(first.total_seconds() * 2**doublings, longest.total_seconds())), longest)


def business_deadline(
    start: datetime,
    hours: timedelta,
    window: Window,
    zone: ZoneInfo,
    is_holiday: IsHoliday = public_holiday,
) -> datetime:
    """When `hours` of open time will have passed since `start`, whatever nights and holidays lie between.

    A window that is always open says nothing of business: the hours are then `OFFICE_HOURS`.
    """
    if _is_always_open(window):
        window = OFFICE_HOURS
    at, left = next_allowed(start, window, zone, is_holiday), hours
    while True:
        closes = _closes_at(at, window, zone, is_holiday)
        if at + left <= closes:
            return at + left
        left -= closes - at
        at = next_allowed(closes, window, zone, is_holiday)


def _closes_at(at: datetime, window: Window, zone: ZoneInfo, is_holiday: IsHoliday) -> datetime:
    """The first moment after `at`, when the window is open, at which it is not."""
    today = at.astimezone(zone).date()
    for days in range(_LOOK_AHEAD_DAYS):
        for moment in _turning_points(today + timedelta(days=days), window.end, zone):
            if moment > at and not is_open(moment, window, zone, is_holiday):
                return moment
    raise ValueError(f"the window {window} does not close within a year after {at}")


def _is_always_open(window: Window) -> bool:
    return (
        window.holidays is None
        and not window.quiet
        and window.start == time(0)
        and window.end >= _LAST_SECOND
        and window.days >= _EVERY_DAY
    )


def _is_open_day(day: date, window: Window, is_holiday: IsHoliday) -> bool:
    if day.isoweekday() not in window.days:
        return False
    if any(first <= day <= last for first, last in window.quiet):
        return False
    return window.holidays is None or not is_holiday(window.holidays, day)


def _turning_points(day: date, reading: time, zone: ZoneInfo) -> list[datetime]:
    """When the clock in `zone` shows `reading` on `day` (in the night that has an hour twice, both times:
    PEP 495), and the moment at which it is changed, if it is that day. In order."""
    points = {
        datetime.combine(day, reading.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)
    } | _clock_change(day, zone)
    return sorted(points)


def _clock_change(day: date, zone: ZoneInfo) -> set[datetime]:
    """The moment at which the zone's offset changes during `day`: halving finds it in a dozen or so steps."""
    before = datetime.combine(day, time(0), zone).astimezone(UTC)
    after = datetime.combine(day + _DAY, time(0), zone).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == offset:
        return set()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return {after}


@lru_cache(maxsize=256)
def _holidays(place: str, year: int) -> frozenset[date]:
    import holidays  # slow to import, and most windows name no holidays

    country, _, region = place.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known for {place!r}") from error
