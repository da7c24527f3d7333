"""Time in stage: how long people stay where they are in the journey, and where they go from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa

from nurture.core.model import Lifecycle, Stage
from nurture.core.survival import Course, course
from nurture.reports.charts import courses
from nurture.reports.moves import LEFT, MOVES, SALES, is_forward, moved_to
from nurture.reports.report import Chart, Column, Kind, Report
from nurture.store import figures, records
from nurture.store.figures import Period, PersonAt
from nurture.store.records import Told

_WAITS = None
_LEADS_TO: Mapping[str, str | None] = {
    Lifecycle.CONTACT.value: _WAITS,
    Lifecycle.RECYCLED.value: _WAITS,
    Lifecycle.CUSTOMER.value: SALES,
    Lifecycle.LOST.value: LEFT,
    Lifecycle.DISQUALIFIED.value: LEFT,
}
"""Where somebody has gone from their last stage, whom nobody gave to sales."""

_ORDER = [stage.value for stage in Stage]


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a stage; `to` is the stage that came next, `sales`, `left`, or None where it is not over.

    `days` are those until somebody moved on; of all others those until today.
    """

    stage: str
    days: int
    to: str | None


@dataclass(slots=True)
class _Tally:
    forward: Counter[int] = field(default_factory=Counter)
    other: Counter[int] = field(default_factory=Counter)
    to: Counter[str | None] = field(default_factory=Counter)


def stages(connection: sa.Connection, period: Period, now: datetime) -> Report:
    """One row a stage. Moving on is to a later stage or to sales."""
    tallies = {stage: _Tally() for stage in _ORDER}
    for people in figures.everybody(connection, period):
        for stay in stays(people, records.told(connection, [one.id for one in people], MOVES), now):
            tally = tallies[stay.stage]
            tally.to[stay.to] += 1
            (tally.forward if is_forward(stay.stage, stay.to) else tally.other)[stay.days] += 1
    found = {stage: course(tally.forward, tally.other) for stage, tally in tallies.items()}
    columns = [
        Column("stage", "stage", Kind.TEXT),
        Column("stays", "came into it"),
        Column("forward", "moved on"),
        Column("sales", "of these to sales"),
        Column("back", "fell back"),
        Column("left", "lost or disqualified"),
        Column("still", "still in it"),
        Column("quarter", "a quarter moved on within (days)", Kind.DAYS),
        Column("median", "half moved on within (days)", Kind.DAYS),
        Column("by_90", "moved on within 90 days, %", Kind.DAYS),
    ]
    rows = [_row(stage, tallies[stage], found[stage]) for stage in _ORDER]
    shown = {stage: one for stage, one in found.items() if one.ended}
    title = "Moved on, by days in the stage"
    longest = max((max(tallies[stage].forward) for stage in shown), default=0)
    charts = [Chart(title, courses(title, shown, longest), list(shown))] if longest else []
    notes = [
        "Who has not moved on yet counts for as long as they have been there (Kaplan and Meier); who fell "
        "back, was lost or was disqualified has not moved on, however long one waits, and stays in the "
        "count. Who was won straight from a stage went to sales from there."
    ]
    return Report("stages", "Time in stage", columns, rows, notes, charts)


def stays(people: Sequence[PersonAt], told: Iterable[Told], now: datetime) -> Iterator[Stay]:
    """The stays of these people, of each the oldest first; `told` are their moves."""
    in_order = sorted(told, key=attrgetter("contact_id", "at"))
    moves: Mapping[int, list[Told]] = {
        contact_id: list(some) for contact_id, some in groupby(in_order, attrgetter("contact_id"))
    }
    for person in people:
        yield from _stays_of(person, moves.get(person.id, []), now)


def _stays_of(person: PersonAt, moves: Sequence[Told], now: datetime) -> Iterator[Stay]:
    stage, since = _first_stage(person, moves), person.since
    for one in moves:
        to = moved_to(one)
        if to == stage:
            # Told by hand, where they were already.
            continue
        if stage is not None:
            end = one.at if is_forward(stage, to) else now
            yield Stay(stage, max(0, (end - since).days), to)
        # Whoever comes back from sales is in their stage again when it changes; the time with sales is none.
        stage, since = (None, one.at) if to == SALES else (to, one.at)
    if stage is not None and person.lifecycle in _LEADS_TO:
        gone = _LEADS_TO[person.lifecycle]
        end = person.result_at if gone == SALES and person.result_at is not None else now
        yield Stay(stage, max(0, (end - since).days), gone)


def _first_stage(person: PersonAt, moves: Sequence[Told]) -> str | None:
    first = next((one for one in moves if one.record.what == "stage_changed"), None)
    if first is not None:
        return str(first.record.evidence["from"])
    return person.stage


def _row(stage: str, tally: _Tally, one: Course) -> tuple[str | int | float | None, ...]:
    back = sum(tally.to[to] for to in _ORDER if not is_forward(stage, to))
    return (
        stage,
        tally.to.total(),
        one.ended,
        tally.to[SALES],
        back,
        tally.to[LEFT],
        tally.to[_WAITS],
        one.quantile(0.25),
        one.quantile(0.5),
        round(100 * one.by(90), 1),
    )
