"""`report`: what came of it all, as a table, JSON, CSV or a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, day, opened, print_json, ready, say, table, write_file

if TYPE_CHECKING:
    from nurture.reports.report import Report
    from nurture.store.figures import Period

ALL = "all"


def report(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="funnel, stages, wins, handovers, mails, splits, or all.")],
    by: Annotated[
        str,
        typer.Option(
            help="Told apart by: all, source, campaign, stage, week, answers.NAME (funnel); all, source, "
            "stage, answers.NAME (wins); team, person, campaign, rule (handovers)."
        ),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="DATE", help="Only who became known on this day (UTC) or later.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="DATE", help="Only who became known before this day (UTC).")
    ] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV for a spreadsheet.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with charts.")] = None,
    json: Json = False,
) -> None:
    """What came of it: how far people came, how long it took, what sales says, and which mails helped.

    Example: nurture report funnel --by source --since 2026-01-01
    """
    from nurture.reports.catalogue import REPORTS, make_report
    from nurture.reports.page import render_page
    from nurture.reports.writing import as_json
    from nurture.store.figures import Period

    period = Period(day("--since", since) if since else None, day("--until", until) if until else None)
    if csv and name == ALL:
        raise typer.BadParameter("CSV is of one report: name it")
    with opened(context) as app:
        ready(app)
        now = app.clock.now()
        with app.store.read() as connection:
            names = list(REPORTS) if name == ALL else [name]
            made = [make_report(connection, one, by, period, now) for one in names]
    if html is not None:
        write_file("--html", html, render_page(made, now, _told(period)))
    if json:
        print_json([as_json(one) for one in made] if name == ALL else as_json(made[0]))
    elif csv:
        _print_csv(made[0])
    elif html is None:
        _print_tables(made)
    else:
        say(f"wrote {html}")


def _print_tables(made: Sequence[Report]) -> None:
    from nurture.reports.writing import shown

    for number, one in enumerate(made):
        if number:
            say()
        say(one.title)
        if one.rows:
            table(
                [column.words for column in one.columns], [[shown(cell) for cell in row] for row in one.rows]
            )
        else:
            say("nothing yet")
        for told in one.notes:
            say(f"  {told}")


def _print_csv(made: Report) -> None:
    from nurture.plug.spreadsheets import as_csv
    from nurture.reports.writing import flat

    say(as_csv(*flat(made)).rstrip("\n"))


def _told(period: Period) -> str:
    since = f" from {period.since:%-d %B %Y}" if period.since else ""
    until = f" until {period.until:%-d %B %Y}" if period.until else ""
    return f"Who became known{since}{until}" if since or until else "Everybody"
