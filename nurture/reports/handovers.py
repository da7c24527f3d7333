"""What sales says to what it is given: how much it takes, and why not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from nurture.core.proportion import share
from nurture.reports.charts import Bar, bars_across
from nurture.reports.report import Cell, Chart, Column, Kind, Report
from nurture.store import figures
from nurture.store.figures import HANDED_BACK, AnswersBy, Period

_REJECTED = "rejected"
_ACCEPTED = "accepted"


def handovers(connection: sa.Connection, by: AnswersBy, period: Period, reasons: Mapping[str, str]) -> Report:
    """One row a group of hand-overs; a column for each reason that was given, in the words of `reasons`."""
    groups: defaultdict[str, Counter[tuple[str | None, str | None]]] = defaultdict(Counter)
    for row in figures.answers(connection, by, period):
        groups[row.group or "(by hand)"][row.answer, row.reason if row.answer == _REJECTED else None] += (
            row.handovers
        )
    given = sorted(
        {reason or "" for counts in groups.values() for answer, reason in counts if answer == _REJECTED}
    )
    columns = [
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
    rows: list[Sequence[Cell]] = []
    bars = []
    for group, counts in sorted(groups.items()):
        total = _of_answers(counts)
        answered = total[_ACCEPTED] + total[HANDED_BACK] + total[_REJECTED]
        taken = share(total[_ACCEPTED], answered)
        rows.append(
            (
                group,
                counts.total(),
                counts.total() - answered,
                total[_ACCEPTED],
                total[HANDED_BACK],
                total[_REJECTED],
                taken,
                *(counts[_REJECTED, reason or None] for reason in given),
            )
        )
        if taken.value is not None:
            bars.append(
                Bar(group, taken.value, f"{100 * taken.value:.0f} % of {taken.of}", taken.low, taken.high)
            )
    title = "Accepted, of what was answered"
    charts = [Chart(title, bars_across(title, bars))] if bars else []
    notes = [
        "Open ones are those without a yes or no; they take no part in the share.",
        "Who was accepted and handed back later was not taken.",
    ]
    return Report("handovers", f"Hand-overs by {by.value}", columns, rows, notes, charts)


def _of_answers(counts: Counter[tuple[str | None, str | None]]) -> Counter[str | None]:
    total: Counter[str | None] = Counter()
    for (answer, _), count in counts.items():
        total[answer] += count
    return total
