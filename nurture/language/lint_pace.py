"""What can be foreseen of time: caps that slow down, waits too long, hours that a night in spring lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from nurture.core.campaign import (
    Campaign,
    GoToStep,
    OnDate,
    OnField,
    OnWeekday,
    SendStep,
    SplitStep,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.schedule import next_allowed
from nurture.core.steps import ways_out
from nurture.core.words import length
from nurture.language import foresight
from nurture.language.documents import Draft
from nurture.language.lint_steps import spot_of

YEAR = timedelta(days=366)
MOST_QUIET = timedelta(days=92)
_SEEN_AHEAD = range(2025, 2035)
"""Years of which the clocks' changes are looked at; a check has no clock, and zones change rarely."""


def check_pace(draft: Draft, campaign: Campaign, today: date | None) -> None:
    """Everything about time. Of a campaign with errors, nothing is said."""
    if draft.graph is None or draft.reader.report.has_errors:
        return
    _check_waits(draft, campaign)
    _check_cap(draft, campaign)
    _check_reenter(draft, campaign)
    _check_clock(draft, campaign)
    _check_window(draft, campaign)
    if today is None or _check_open(draft, campaign, today):
        _check_quiet(draft, campaign)


def _check_waits(draft: Draft, campaign: Campaign) -> None:
    for step in campaign.steps.values():
        if isinstance(step, SplitStep):
            for arm in step.arms:
                if arm.weight == 0:
                    draft.reader.report.add(
                        foresight.EMPTY_ARM,
                        spot_of(draft, step.id),
                        f"{step.id}: the arm {arm.name} has the weight 0",
                        "give it a weight, or remove it",
                    )
            continue
        waits = step.duration if isinstance(step, WaitStep) else None
        waits = step.up_to if isinstance(step, WaitForStep) else waits
        if waits is not None and waits >= YEAR:
            draft.reader.report.add(
                foresight.LONG_WAIT,
                spot_of(draft, step.id),
                f"{step.id} waits {length(waits)}",
                "check the unit: m is minutes, h hours, d days, w weeks",
            )


# --- cap and length ---------------------------------------------------------------------------------


def _check_cap(draft: Draft, campaign: Campaign) -> None:
    """More messages on the plain way down a track than the cap allows."""
    cap = campaign.policy.cap
    if cap is None:
        return
    for stage, first in campaign.tracks.items():
        sends = list(_planned(campaign, first))
        for number in range(len(sends) - cap.messages):
            planned = sends[number + cap.messages][0] - sends[number][0]
            late_by = cap.per - planned
            if planned < cap.per:
                late = sends[number + cap.messages][1]
                draft.reader.report.add(
                    foresight.CAP_DRAGS,
                    draft.place_of("policy"),
                    f"{stage}: {late} is planned {length(planned)} after {sends[number][1]}, but "
                    f"the cap allows {cap.messages} in {length(cap.per)}: it comes {length(late_by)} late",
                    "raise the cap, or let the steps wait longer",
                )
                break


def _planned(campaign: Campaign, first: str | None) -> Iterator[tuple[timedelta, str]]:
    """The messages of those who let every time-out pass and take no branch, with when they are planned."""
    at, here, seen = timedelta(), first, set[str]()
    while here is not None and here in campaign.steps and here not in seen:
        seen.add(here)
        step = campaign.steps[here]
        if isinstance(step, SendStep):
            yield at, here
        at += _time_in(campaign, here)
        ways = ways_out(step)
        if isinstance(step, WaitForStep):
            here = step.on_timeout
        elif len(ways) == 1 and not isinstance(step, GoToStep | WaitUntilStep):
            here = ways[0].to
        else:
            here = None


def _time_in(campaign: Campaign, step_id: str) -> timedelta:
    """The longest that one stays in a step, as far as that is written down."""
    step = campaign.steps[step_id]
    if isinstance(step, WaitStep):
        return step.duration
    return step.up_to if isinstance(step, WaitForStep) else timedelta()


def _check_reenter(draft: Draft, campaign: Campaign) -> None:
    if campaign.reenter is None:
        return
    shortest = min(
        (_shortest(campaign, first) for first in campaign.tracks.values() if first is not None),
        default=timedelta(),
    )
    if campaign.reenter < shortest:
        draft.reader.report.add(
            foresight.SOON_AGAIN,
            draft.place_of("audience"),
            f"it takes {length(shortest)} at least, and begins again {length(campaign.reenter)} after that",
            "write a longer reenter, after 180d, or leave it out",
        )


def _shortest(campaign: Campaign, first: str | None) -> timedelta:
    """The least time from a step to the end of the track, where only waits count (a small Bellman-Ford)."""
    end = ""
    least: dict[str, timedelta] = {first or end: timedelta()}
    waiting = [first or end]
    while waiting:
        here = waiting.pop()
        if here not in campaign.steps:
            continue
        step = campaign.steps[here]
        spent = step.duration if isinstance(step, WaitStep) else timedelta()
        for to in [way.to or end for way in ways_out(step)] or [end]:
            if to not in least or least[here] + spent < least[to]:
                least[to] = least[here] + spent
                waiting.append(to)
    return least.get(end, timedelta())


# --- the clock --------------------------------------------------------------------------------------


def _check_clock(draft: Draft, campaign: Campaign) -> None:
    for step in campaign.steps.values():
        if not isinstance(step, WaitUntilStep):
            continue
        match step.until:
            case OnDate(at=at):
                night = at.date() if at.date() in _nights(campaign.timezone, at.time()) else None
            case OnWeekday(days=days, at=at_time):
                nights = _nights(campaign.timezone, at_time)
                night = next((each for each in nights if each.isoweekday() in days), None)
            case OnField(at=at_time):
                night = next(iter(_nights(campaign.timezone, at_time)), None)
        if night is not None:
            draft.reader.report.add(
                foresight.NO_SUCH_HOUR,
                spot_of(draft, step.id),
                f"{step.id}: in {campaign.timezone} that time does not exist on {night}",
                "the contact goes on an hour later then; choose another time",
            )


def _check_window(draft: Draft, campaign: Campaign) -> None:
    """A window that lies wholly in the hour that one night lacks does not open on it."""
    window = campaign.policy.window
    for night, start, end in _gaps(campaign.timezone):
        inside = start <= window.start < window.end <= end
        if inside and night.isoweekday() in window.days:
            draft.reader.report.add(
                foresight.NO_SUCH_HOUR,
                draft.place_of("policy"),
                f"in {campaign.timezone} these hours do not exist on {night}: the window stays shut",
                "choose other hours",
            )
            return


@cache
def _nights(zone: str, at: time) -> tuple[date, ...]:
    """The nights of some years on which `at` does not exist, because the clocks go forward over it."""
    return tuple(day for day, start, end in _gaps(zone) if start <= at < end)


@cache
def _gaps(zone: str) -> tuple[tuple[date, time, time], ...]:
    """Each leap forward: its day, and from and up to which time the clock leaps."""
    info, found = ZoneInfo(zone), []
    for year in _SEEN_AHEAD:
        moment = datetime(year, 1, 1, tzinfo=UTC)
        while moment.year == year:
            later = moment + timedelta(days=1)
            before, after = (each.astimezone(info).utcoffset() or timedelta() for each in (moment, later))
            if after > before:
                found.append(_leap(info, moment, before, after))
            moment = later
    return tuple(found)


def _leap(info: ZoneInfo, low: datetime, before: timedelta, after: timedelta) -> tuple[date, time, time]:
    """Finds the moment of a leap within the day behind `low`, to the quarter of an hour."""
    moment = low
    while (moment.astimezone(info).utcoffset() or timedelta()) == before:
        moment += timedelta(minutes=15)
    end = (moment + after).replace(tzinfo=None)
    start = (moment + before).replace(tzinfo=None)
    return start.date(), start.time(), end.time()


def _check_open(draft: Draft, campaign: Campaign, today: date) -> bool:
    """Whether the window opens at all within a year."""
    window = campaign.policy.window
    if window.days and not window.quiet:
        # Nowhere is every Friday of a year a holiday: only days of the firm's own close a window for good.
        return True
    start = datetime.combine(today, time(), UTC)
    try:
        opens = next_allowed(start, window, ZoneInfo(campaign.timezone))
    except ValueError:
        opens = None
    if opens is not None and opens <= start + YEAR:
        return True
    draft.reader.report.add(
        foresight.NEVER_OPEN,
        draft.place_of("policy"),
        f"the window does not open in the year after {today}: no message would ever go out",
        "shorten the quiet days, or allow more days of the week",
    )
    return False


def _check_quiet(draft: Draft, campaign: Campaign) -> None:
    for start, end in campaign.policy.window.quiet:
        if end - start > MOST_QUIET:
            draft.reader.report.add(
                foresight.LONG_QUIET,
                draft.place_of("policy"),
                f"nothing goes out from {start} to {end}",
                "check the years, or shorten it",
            )
