"""The days of a simulation, on the calendar of the campaign's time zone."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class Days:
    """`number` days from `start` (UTC) on; the first one begins with it, the others at midnight."""

    def __init__(self, start: datetime, number: int, timezone: str) -> None:
        self.number = number
        zone = ZoneInfo(timezone)
        first = start.astimezone(zone).date()
        self.dates: tuple[date, ...] = tuple(first + timedelta(days=day) for day in range(number))
        self.ends: tuple[datetime, ...] = tuple(
            datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) for day in self.dates
        )
        self.end = self.ends[-1]

    def date_of(self, moment: datetime) -> date:
        """The day on which something happened; what comes later belongs to the last one."""
        return self.dates[min(bisect_right(self.ends, moment), self.number - 1)]
