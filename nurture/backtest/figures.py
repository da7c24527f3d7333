"""The figures of a backtest, from its lines: counts, shares with their intervals, medians, weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from nurture.backtest.replaying import Tally
from nurture.backtest.result import Backtest, Change, Days, End, Line, Side, Week
from nurture.core.proportion import found, share
from nurture.core.replay import Promoted

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Rules(NamedTuple):
    """Which profile a side is: its name, its version, and where its text comes from."""

    profile: str
    version: str
    origin: str


def summarise(
    tally: Tally, old: Rules, new: Rules, since: datetime, until: datetime, caveats: Sequence[str] = ()
) -> Backtest:
    """All figures. The lines come in the order of the contacts."""
    lines = sorted(tally.lines, key=lambda line: line.contact_id)
    won = sum(line.became.end is End.WON for line in lines)
    went_old = [(line, line.old) for line in lines if line.old is not None]
    went_new = [(line, line.new) for line in lines if line.new is not None]
    weeks = tuple(_weeks([one for _, one in went_old], [one for _, one in went_new], since, until))
    sides = [
        _side(rules, went, won, (tally.otherwise[number], tally.disqualified[number]), since, until)
        for number, (rules, went) in enumerate(((old, went_old), (new, went_new)))
    ]
    return Backtest(
        since=since,
        until=until,
        leads=tally.leads,
        signals=tally.signals,
        won=won,
        left_out=dict(sorted(tally.left_out.items())),
        old=sides[0],
        new=sides[1],
        gained=_median(line.days for line in lines if line.days is not None),
        gained_won=_median(
            line.days for line in lines if line.days is not None and line.became.end is End.WON
        ),
        weeks=weeks,
        changes=_changes(lines),
        lines=tuple(lines),
        caveats=tuple(caveats),
    )


def _side(
    rules: Rules,
    went: Sequence[tuple[Line, Promoted]],
    won: int,
    counted: tuple[int, int],
    since: datetime,
    until: datetime,
) -> Side:
    ends = Counter(line.became.end for line, _ in went)
    per_week = Counter(monday_of(one.at) for _, one in went)
    answers = Counter(line.became.answer for line, _ in went)
    otherwise, disqualified = counted
    return Side(
        *rules,
        promoted=len(went),
        at_once=sum(one.at <= since for _, one in went),
        otherwise=otherwise,
        disqualified=disqualified,
        ends={end: ends[end] for end in End},
        found=found(ends[End.WON], len(went), won),
        accepted=share(answers[End.ACCEPTED], answers[End.ACCEPTED] + answers[End.REJECTED]),
        worth=_worth(line for line, _ in went),
        a_week=round(len(went) / ((until - since) / _WEEK), 2),
        peak=max(per_week.values(), default=0),
        to_win=_median(
            (line.became.at - one.at) / _DAY
            for line, one in went
            if line.became.end is End.WON and line.became.at is not None
        ),
    )


def _worth(lines: Iterable[Line]) -> Mapping[str, Decimal]:
    worth: dict[str, Decimal] = {}
    for line in lines:
        if line.became.end is End.WON and line.became.value is not None:
            currency = line.became.currency or ""
            worth[currency] = worth.get(currency, Decimal(0)) + line.became.value
    return dict(sorted(worth.items()))


def _changes(lines: Iterable[Line]) -> Mapping[Change, Mapping[End, int]]:
    counts = Counter((line.change, line.became.end) for line in lines)
    return {change: {end: counts[change, end] for end in End} for change in Change}


def monday_of(at: datetime) -> date:
    """The Monday on which the week of a moment begins (UTC)."""
    day = at.date()
    return day - timedelta(days=day.weekday())


def _weeks(
    old: Iterable[Promoted], new: Iterable[Promoted], since: datetime, until: datetime
) -> Iterable[Week]:
    """Every week from the first to the last, those in which nobody goes to sales too."""
    counts = [Counter(monday_of(one.at) for one in went) for went in (old, new)]
    monday, last = monday_of(since), monday_of(until)
    while monday <= last:
        yield Week(monday, counts[0][monday], counts[1][monday])
        monday += _WEEK


def _median(days: Iterable[float]) -> Days:
    known = list(days)
    return Days(round(median(known), 2) if known else None, len(known))
