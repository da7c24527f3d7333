"""What a mail is worth: people who got it against people who, by lot, did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.difference import difference
from nurture.core.model import Result
from nurture.core.proportion import Share, share
from nurture.reports.charts import Bar, bars_across
from nurture.reports.moves import MOVES, moments_forward
from nurture.reports.report import Cell, Chart, Column, Kind, Report
from nurture.store import figures, records
from nurture.store.figures import Period, PersonAt
from nurture.store.records import Told

HOLD_OUT = "holdout"
"""The arm of those who get nothing."""

_SPLIT = "split"


@dataclass(slots=True)
class _Arm:
    people: int = 0
    moved: int = 0
    won: int = 0


Splits = Mapping[tuple[str, str], Mapping[str, _Arm]]
"""(campaign, step) → arm → what became of its people."""


def splits(connection: sa.Connection, period: Period) -> Report:
    """One row an arm of a split; the differences are to the hold-out, where there is one."""
    found = _counted(connection, period)
    columns = [
        Column("campaign", "campaign", Kind.TEXT),
        Column("split", "split", Kind.TEXT),
        Column("arm", "arm", Kind.TEXT),
        Column("people", "people"),
        Column("moved", "moved on after it", Kind.SHARE),
        Column("moved_more", "points more than the hold-out", Kind.DIFFERENCE),
        Column("won", "won", Kind.SHARE),
        Column("won_more", "points more than the hold-out", Kind.DIFFERENCE),
    ]
    rows = [
        _row(campaign, step, name, arms)
        for (campaign, step), arms in sorted(found.items())
        for name in sorted(arms)
    ]
    notes = [
        "The lot decides who is in which arm, so a difference is the mail's doing, within its interval "
        "(95 %). An interval that holds 0 says: it may be chance. Of many rows, one in twenty looks sure "
        "by chance alone.",
    ]
    return Report("splits", "Splits and hold-outs", columns, rows, notes, _charts(found))


def _counted(connection: sa.Connection, period: Period) -> Splits:
    found: defaultdict[tuple[str, str], defaultdict[str, _Arm]] = defaultdict(lambda: defaultdict(_Arm))
    for people in figures.everybody(connection, period):
        told = list(records.told(connection, [one.id for one in people], (*MOVES, _SPLIT)))
        forward, became = moments_forward(told), {one.id: one for one in people}
        for one in _first_times(told):
            arm = found[one.record.campaign or "", one.record.step or ""][str(one.record.evidence["arm"])]
            arm.people += 1
            arm.moved += any(at >= one.at for at in forward.get(one.contact_id, ()))
            arm.won += _won_after(became[one.contact_id], one.at)
    return found


def _first_times(told: Iterable[Told]) -> Sequence[Told]:
    """Of each person the first time through each split: later times are not independent."""
    first: dict[tuple[int, str | None, str | None], Told] = {}
    for one in told:
        if one.record.what == _SPLIT:
            first.setdefault((one.contact_id, one.record.campaign, one.record.step), one)
    return list(first.values())


def _won_after(person: PersonAt, at: datetime) -> bool:
    return person.result == Result.WON and person.result_at is not None and person.result_at >= at


def _row(campaign: str, step: str, name: str, arms: Mapping[str, _Arm]) -> tuple[Cell, ...]:
    arm, base = arms[name], arms.get(HOLD_OUT)
    moved, won = share(arm.moved, arm.people), share(arm.won, arm.people)
    if base is None or name == HOLD_OUT:
        return campaign, step, name, arm.people, moved, None, won, None
    more = difference(moved, share(base.moved, base.people))
    more_won = difference(won, share(base.won, base.people))
    return campaign, step, name, arm.people, moved, more, won, more_won


def _charts(found: Splits) -> list[Chart]:
    bars = []
    for (campaign, step), arms in sorted(found.items()):
        for name in sorted(arms):
            moved = share(arms[name].moved, arms[name].people)
            bars.append(_bar(f"{campaign}: {step}, {name}", moved))
    title = "Moved on, by arm"
    return [Chart(title, bars_across(title, bars))] if bars else []


def _bar(label: str, moved: Share) -> Bar:
    return Bar(
        label, moved.value or 0.0, f"{100 * (moved.value or 0):.0f} % of {moved.of:,}", moved.low, moved.high
    )
