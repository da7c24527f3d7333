"""What sales says to what it is given: how much it takes, and why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import sqlalchemy as sa

from nurture.core.proportion import Share, share
from nurture.reports.charts import Bar, bars_across
from nurture.reports.report import Cell, Chart, Column, Kind, Report
from nurture.store import figures
from nurture.store.figures import HANDED_BACK, AnswersBy, Period

_REJECTED = "rejected"
_ACCEPTED = "accepted"

_Counts: TypeAlias = Counter[tuple[str | None, str | None]]
"""(answer, reason of a rejection) → how many hand-overs."""


def handovers(connection: sa.Connection, by: AnswersBy, period: Period, reasons: Mapping[str, str]) -> Report:
    """One row a group of hand-overs; a column for each reason that was given, in the words of `reasons`."""
    groups: defaultdict[str, _Counts] = defaultdict(Counter)
    for row in figures.answers(connection, by, period):
        groups[row.group or "(by hand)"][row.answer, row.reason if row.answer == _REJECTED else None] += (
            row.handovers
        )
    given = sorted(
        {reason or "" for counts in groups.values() for answer, reason in counts if answer == _REJECTED}
    )
    taken = {group: _taken(counts) for group, counts in sorted(groups.items())}
    rows = [_row(group, groups[group], one, given) for group, one in taken.items()]
    bars = [
        Bar(group, one.value, f"{100 * one.value:.0f} % of {one.of}", one.low, one.high)
        for group, one in taken.items()
        if one.value is not None
    ]
    title = "Accepted, of what was answered"
    charts = [Chart(title, bars_across(title, bars))] if bars else []
    notes = [
        "Open ones are those without a yes or no; they take no part in the share.",
        "Who was accepted and handed back later was not taken, here as in the funnel; that counts people, "
        "this hand-overs: the same person may be handed over twice.",
    ]
    return Report("handovers", f"Hand-overs by {by.value}", _columns(by, given, reasons), rows, notes, charts)


def _columns(by: AnswersBy, given: Sequence[str], reasons: Mapping[str, str]) -> list[Column]:
    return [
        Column("group", by.value, Kind.TEXT),
        Column("handovers", "hand-overs"),
        Column("open", "open"),
        Column("accepted", "accepted"),
        Column("handed_back", "handed back"),
        Column("rejected", "rejected"),
        Column("acceptance", "accepted of answered", Kind.SHARE),
        *(
            Column(f"rejected_{reason or 'other'}", reasons.get(reason, reason or "other"))
            for reason in given
        ),
    ]


def _row(group: str, counts: _Counts, taken: Share, given: Sequence[str]) -> Sequence[Cell]:
    total = _of_answers(counts)
    return (
        *(group, counts.total(), counts.total() - taken.of),
        *(total[answer] for answer in (_ACCEPTED, HANDED_BACK, _REJECTED)),
        taken,
        *(counts[_REJECTED, reason or None] for reason in given),
    )


def _taken(counts: _Counts) -> Share:
    """How many were accepted, of what was answered."""
    total = _of_answers(counts)
    return share(total[_ACCEPTED], sum(total[answer] for answer in (_ACCEPTED, HANDED_BACK, _REJECTED)))


def _of_answers(counts: _Counts) -> Counter[str | None]:
    total: Counter[str | None] = Counter()
    for (answer, _), count in counts.items():
        total[answer] += count
    return total
