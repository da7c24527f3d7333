"""A simulation's result for people to read in a terminal, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from nurture.simulate.result import DayStages, NothingGot, PeopleFrom, SimulationResult

_WIDEST_REASON = 90


def as_json(result: SimulationResult) -> dict[str, Any]:
    """The result as what JSON knows; times and days as ISO 8601, keys in a fixed order."""
    plain: dict[str, Any] = _plain(asdict(result))
    return plain


def render_summary(result: SimulationResult) -> str:
    """The answers, each in a line or two."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: SimulationResult) -> Iterator[str]:
    end = result.mails_by_day[-1].day if result.mails_by_day else result.start.date()
    yield f"{result.campaign}: {result.days} days, {result.mails_by_day[0].day} to {end}, seed {result.seed}"
    yield ""
    junk = f"; junk: {_counted(result.junk)}" if result.junk else ""
    yield f"leads        {_people(result)}, {result.contacts:,} contacts{junk}"
    yield f"enrolled     {result.enrolled:,}"
    yield f"mails        {result.mails:,}{_peak(result)}"
    if result.most_mails is not None:
        yield f"most mails   {result.most_mails.mails} to {result.most_mails.contact}"
    if result.longest_silence is not None:
        gap = result.longest_silence
        yield (
            f"silence      {gap.days:.0f} days at the longest: {gap.contact}, "
            f"{gap.since.date()} to {gap.until.date()}"
        )
    yield f"signals      {_counted(result.signals) or 'none'}"
    yield f"promoted     {result.promoted:,}"
    for load in result.sales:
        busiest = load.busiest_day
        most = f", {busiest.count} on the busiest day ({busiest.day})" if busiest else ""
        yield f"sales        {load.person} ({load.team}): {load.handovers} hand-over(s){most}"
    if result.contacts:
        yield ""
        yield "people by stage, at the end of the day"
        yield from (f"  {_stages(day)}" for day in _some(result.stages))
    if result.nothing:
        yield ""
        yield "who gets nothing, and why"
        yield from (f"  {_nothing(one)}" for one in result.nothing)
    for problem in result.problems:
        yield f"problem      {problem}"


def _people(result: SimulationResult) -> str:
    """How many there were, and where they come from."""
    match result.people:
        case PeopleFrom.FILE:
            return f"{result.received:,} read from {', '.join(result.files)}"
        case PeopleFrom.DATABASE:
            return f"{result.received:,} in the workspace's database, as they stand"
        case PeopleFrom.MADE_UP:
            return f"{result.received:,} made up (nobody is in the database yet; --leads takes a list)"


def _peak(result: SimulationResult) -> str:
    if result.peak is None:
        return ""
    most = f"; at most {result.peak.count:,} in a day ({result.peak.day})"
    limit = result.daily_limit
    if not limit:
        return most + "; set mail.daily_limit to compare it with what your mail server takes"
    over = sum(day.count > limit for day in result.mails_by_day)
    return most + (f"; over the limit of {limit:,} on {over} day(s)" if over else f", the limit is {limit:,}")


def _some(days: tuple[DayStages, ...]) -> list[DayStages]:
    """About six of the days, the first and the last among them."""
    if len(days) <= 6:
        return list(days)
    return [days[round(number * (len(days) - 1) / 5)] for number in range(6)]


def _stages(day: DayStages) -> str:
    return f"{day.day}  " + "  ".join(f"{name} {number:,}" for name, number in day.people.items())


def _nothing(one: NothingGot) -> str:
    reason = one.reason if len(one.reason) <= _WIDEST_REASON else one.reason[: _WIDEST_REASON - 1] + "…"
    return f"{one.people:>7,}  {reason} ({one.example})"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
