"""The funnel: how far people came, told apart by source, campaign, stage or week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

import sqlalchemy as sa

from nurture.core.proportion import Share, share
from nurture.reports.charts import Bar, bars_across
from nurture.reports.report import Chart, Column, Kind, Report
from nurture.store import figures
from nurture.store.figures import Apart, By, ByAnswer, FunnelRow, Period

_NONE: Mapping[Apart, str] = {By.SOURCE: "(no source)", By.CAMPAIGN: "(in no campaign)"}

_STEPS = {
    "people": "came in",
    "contacts": "contacts",
    "sales": "given to sales",
    "accepted": "accepted",
    "won": "won",
}
_MOST_BARS = 12


def funnel(connection: sa.Connection, by: Apart, period: Period) -> Report:
    """One row a group; the shares are of the group's contacts."""
    rows = figures.funnel(connection, by, period)
    money = _money(figures.money_won(connection, by, period))
    columns = [
        Column("group", by.value, Kind.TEXT),
        Column("people", "came in"),
        Column("contacts", "contacts"),
        Column("sales", "to sales"),
        Column("sales_share", "of contacts", Kind.SHARE),
        Column("accepted", "accepted"),
        Column("won", "won"),
        Column("won_share", "of contacts", Kind.SHARE),
        Column("lost", "lost"),
        Column("value", "value won", Kind.TEXT),
    ]
    cells = [
        (
            _name(row, by),
            row.people,
            row.contacts,
            row.sales,
            _of_contacts(row.sales, row),
            row.accepted,
            row.won,
            _of_contacts(row.won, row),
            row.lost,
            money.get(row.group, ""),
        )
        for row in rows
    ]
    notes = [
        "Won and lost are what holds now. Accepted is whom sales took and kept: who was handed back later is "
        "not. Who was won counts as given to sales and accepted, also where nobody had said so."
    ]
    if by is By.CAMPAIGN:
        notes.append("Who was in two campaigns counts in both: the rows do not add up to all people.")
    if by is By.WEEK:
        notes.append(
            "A week is that in which people became known, from Monday (UTC); late ones are still open."
        )
    return Report("funnel", _title(by), columns, cells, notes, _charts(rows, by))


def no_group(by: Apart) -> str:
    """What stands for people without the thing that they are told apart by."""
    return "(no answer)" if isinstance(by, ByAnswer) else _NONE.get(by, "(unknown)")


def _of_contacts(count: int, row: FunnelRow) -> Share:
    """Who was won may have left the contacts meanwhile; a share is of all who ever count."""
    return share(min(count, row.contacts), row.contacts)


def _title(by: Apart) -> str:
    return "Funnel" if by is By.ALL else f"Funnel by {by.value}"


def _name(row: FunnelRow, by: Apart) -> str:
    return row.group if row.group is not None else no_group(by)


def _money(won: list[tuple[str | None, str | None, int]]) -> dict[str | None, str]:
    told: defaultdict[str | None, list[str]] = defaultdict(list)
    for group, currency, hundredths in won:
        told[group].append(f"{Decimal(hundredths) / 100:,.2f} {currency or ''}".rstrip())
    return {group: " + ".join(sums) for group, sums in told.items()}


def _charts(rows: list[FunnelRow], by: Apart) -> list[Chart]:
    """The funnel of everybody; and the share that was won, group by group."""
    totals = {name: sum(getattr(row, name) for row in rows) for name in _STEPS}
    charts = []
    if by is not By.CAMPAIGN:
        steps = [Bar(words, totals[name], f"{totals[name]:,}") for name, words in _STEPS.items()]
        charts.append(Chart("How far people came", bars_across("How far people came", steps)))
    if by is not By.ALL and any(row.won for row in rows):
        largest = sorted(rows, key=lambda row: -row.contacts)[:_MOST_BARS]
        shown = [row for row in rows if row in largest]
        title = "Won, of contacts"
        charts.append(Chart(title, bars_across(title, [_won_bar(row, by) for row in shown])))
    return charts


def _won_bar(row: FunnelRow, by: Apart) -> Bar:
    won = _of_contacts(row.won, row)
    return Bar(_name(row, by), won.value or 0.0, f"{100 * (won.value or 0):.1f} %", won.low, won.high)
