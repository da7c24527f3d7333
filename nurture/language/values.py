"""How single values are written that only campaigns have. Each parser answers None for what it is not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple

from nurture.core.campaign import RejectRule
from nurture.core.written import parse_date
from nurture.language.syntax import DURATION_UNITS

LONGEST = timedelta(days=3650)

_PART = r"[0-9]{1,6}\s*[wdhms]"
_DURATION = re.compile(rf"{_PART}(\s+{_PART})*", re.ASCII)
_NOTHING = re.compile(r"0+\s*[wdhms]", re.ASCII)
_BUSINESS = re.compile(r"([0-9]{1,4}) business hours?", re.ASCII)
_RECYCLE = re.compile(r"recycle (after|on) (.+)")


def parse_duration(text: str) -> timedelta | None:
    """`3d`, `4h`, `30m`, `2w`, `1d 12h`; more than nothing, and ten years at most."""
    if not _DURATION.fullmatch(text.strip()):
        return None
    parts = re.findall(r"([0-9]+)\s*([wdhms])", text)
    duration = timedelta(seconds=sum(int(number) * DURATION_UNITS[unit] for number, unit in parts))
    return duration if timedelta() < duration <= LONGEST else None


def parse_pause(text: str) -> timedelta | None:
    """A duration, or `0m`: no time at all."""
    return timedelta() if _NOTHING.fullmatch(text.strip()) else parse_duration(text)


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
    """`disqualify`, `merge`, `recycle after 90d`, or `recycle on 2027-01-04`."""
    if text.strip() in ("disqualify", "merge"):
        return RejectRule(text.strip())
    found = _RECYCLE.fullmatch(text.strip())
    if found is None:
        return None
    if found[1] == "on":
        on = parse_date(found[2])
        return RejectRule("recycle", on=on) if on else None
    after = parse_duration(found[2])
    return RejectRule("recycle", after) if after else None
