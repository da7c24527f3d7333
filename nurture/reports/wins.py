"""How long it takes from becoming known to being won."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import Result
from nurture.core.survival import Course, course
from nurture.reports.charts import courses
from nurture.reports.funnel import no_group
from nurture.reports.report import Chart, Column, Kind, Report
from nurture.store import figures
from nurture.store.figures import Apart, Period

WITHIN = (30, 90, 180)
"""Days by which the share of those won is told."""

_MOST_LINES = 5


def wins(connection: sa.Connection, by: Apart, period: Period, now: datetime) -> Report:
    """One row a group: how many were won, and how quickly."""
    won: defaultdict[str, Counter[int]] = defaultdict(Counter)
    waiting: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for people in figures.everybody(connection, period, by):
        for person in people:
            counts = won if person.result == Result.WON else waiting
            # Who was lost is not won, however long one waits: they stay among those who could have been.
            end = person.result_at if person.result == Result.WON else now
            counts[person.group or no_group(by)][max(0, ((end or now) - person.since).days)] += 1
    found = {group: course(won[group], waiting[group]) for group in sorted({*won, *waiting})}
    columns = [
        Column("group", by.value, Kind.TEXT),
        Column("people", "people"),
        Column("won", "won"),
        Column("quarter", "a quarter of the won within (days)", Kind.DAYS),
        Column("median", "half of the won within (days)", Kind.DAYS),
        Column("three_quarters", "three quarters (days)", Kind.DAYS),
        *(Column(f"by_{days}", f"won within {days} days, %", Kind.DAYS) for days in WITHIN),
    ]
    rows = [_row(group, one, won[group]) for group, one in found.items()]
    largest = sorted(found, key=lambda group: -found[group].ended)[:_MOST_LINES]
    shown = {group: found[group] for group in largest if found[group].ended}
    longest = max((max(won[group]) for group in shown), default=0)
    title = "Won, by days since they became known"
    charts = [Chart(title, courses(title, shown, longest), list(shown))] if longest else []
    notes = [
        "The days to a win are of those who were won. The shares count everybody, the lost too, each as long "
        "as they are known (Kaplan and Meier; who was lost stays in the count)."
    ]
    return Report("wins", "Time to win", columns, rows, notes, charts)


def _row(group: str, one: Course, won: Counter[int]) -> tuple[str | int | float | None, ...]:
    plain = course(won, {})
    quartiles = [plain.quantile(part) for part in (0.25, 0.5, 0.75)]
    shares = [round(100 * one.by(days), 1) for days in WITHIN]
    return (group, one.ended + one.waiting, one.ended, *quartiles, *shares)
