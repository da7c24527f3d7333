"""How single values are written: durations, days, hours. Each parser answers None for what it is not."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import NamedTuple

from nurture.core.campaign import RejectRule
from nurture.language.syntax import DURATION_UNITS

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = timedelta(days=3650)

_PART = r"[0-9]{1,6}\s*[wdhms]"
_DURATION = re.compile(rf"{_PART}(\s+{_PART})*", re.ASCII)
_BUSINESS = re.compile(r"([0-9]{1,4}) business hours?", re.ASCII)
_RECYCLE = re.compile(r"recycle after (.+)")
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})", re.ASCII)


def parse_duration(text: str) -> timedelta | None:
    """`3d`, `4h`, `30m`, `2w`, `1d 12h`; more than nothing, and ten years at most."""
    if not _DURATION.fullmatch(text.strip()):
        return None
    parts = re.findall(r"([0-9]+)\s*([wdhms])", text)
    duration = timedelta(seconds=sum(int(number) * DURATION_UNITS[unit] for number, unit in parts))
    return duration if timedelta() < duration <= LONGEST else None


class AnswerTime(NamedTuple):
    """How long sales has to answer; in hours of business when `business` is true."""

    within: timedelta
    business: bool


def parse_answer_time(text: str) -> AnswerTime | None:
    """`4 business hours`, or a plain duration."""
    if found := _BUSINESS.fullmatch(text.strip()):
        hours = timedelta(hours=int(found[1]))
        return AnswerTime(hours, business=True) if hours else None
    plain = parse_duration(text)
    return AnswerTime(plain, business=False) if plain else None


def parse_reject_rule(text: str) -> RejectRule | None:
    """`disqualify`, or `recycle after 90d`."""
    if text.strip() == "disqualify":
        return RejectRule("disqualify")
    found = _RECYCLE.fullmatch(text.strip())
    after = parse_duration(found[1]) if found else None
    return RejectRule("recycle", after) if after else None


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
