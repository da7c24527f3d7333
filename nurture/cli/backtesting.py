"""`backtest`: what other rules would have made of the people of the past."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, day, opened, print_json, progress, ready, say, table, write_file
from nurture.plug.spreadsheets import as_csv

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.backtest.result import Backtest
    from nurture.backtest.run import Order

_DAY = timedelta(days=1)
SHOWN = 20
"""So many leads are shown in a terminal; the file and the page have all."""


def backtest(
    context: typer.Context,
    profile: Annotated[
        Path, typer.Option("--profile", metavar="FILE.yaml", help="The new rules: a file with a profile.")
    ],
    since: Annotated[
        str, typer.Option("--since", metavar="DATE", help="From when on, as 2026-03-02 (its begin, in UTC).")
    ],
    until: Annotated[
        str,
        typer.Option(
            "--until", metavar="DATE", help="Up to the end of that day; without it, or of a day to come, now."
        ),
    ] = "",
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="FILE|VERSION",
            help="The old rules: a file, or the beginning of a published version. Without it, the profile "
            "in force.",
        ),
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the report as an HTML page.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Also write it lead by lead, as CSV.")
    ] = None,
    json: Json = False,
) -> None:
    """Replay what people did under old and new rules: who would have gone to sales, when, and what became
    of them. The database is only read.

    Example: nurture backtest --profile new.yaml --since 2026-01-01 --html backtest.html
    """
    from nurture.backtest.run import backtest as run
    from nurture.backtest.words import COLUMNS, as_json, csv_row

    with opened(context) as app:
        ready(app)
        order = _order(app, profile, against, since, until)
        settings = app.settings
    with progress("reading the people") as tell:
        result = run(settings, order, progress=tell)
    if html is not None:
        from nurture.backtest.report import render_report

        write_file("--html", html, render_report(result))
    if csv is not None:
        write_file("--csv", csv, as_csv(COLUMNS, map(csv_row, result.lines)))
    if json:
        print_json(as_json(result))
    else:
        _tell(result)


def _order(app: App, profile: Path, against: str, since: str, until: str) -> Order:
    from nurture.backtest.candidates import promoting_rules, published_candidate, read_candidate
    from nurture.backtest.run import Order
    from nurture.errors import NurtureError

    rules = app.registry.rules.keys()
    begin = day("--since", since)
    end = app.clock.now()
    if until and (asked := day("--until", until)) < end - _DAY:
        end = asked + _DAY - timedelta.resolution
    if begin >= end:
        raise NurtureError(f"--since: {since} lies after the end, {end:%Y-%m-%d}")
    new = read_candidate(profile, rules)
    with app.store.read() as connection:
        if against and Path(against).is_file():
            old = read_candidate(Path(against), rules)
        else:
            old = published_candidate(connection, against)
        return Order(old, new, begin, end, promoting_rules(connection))


def _tell(result: Backtest) -> None:
    from nurture.backtest.result import End
    from nurture.backtest.words import (
        DIFFERENT,
        MEANINGS,
        different_row,
        figures,
        gained_words,
        left_out_words,
        summary,
    )

    say(f"{result.since:%Y-%m-%d} to {result.until:%Y-%m-%d}: {summary(result)}")
    if result.left_out:
        say(f"left out: {left_out_words(result)}")
    say()
    table(["", "old rules", "new rules"], list(figures(result)))
    say()
    ends = [end for end in End if any(counts[end] for counts in result.changes.values())]
    rows = [
        [f"{change.value}: {MEANINGS[change]}", *(counts[end] for end in ends)]
        for change, counts in result.changes.items()
    ]
    table(["lead by lead", *(end.value for end in ends)], rows)
    for words in gained_words(result):
        say(words)
    different = [line for line in result.lines if line.change in DIFFERENT]
    if different:
        say()
        table(
            ["id", "who", "change", "old rules", "new rules", "became", "why"],
            [different_row(line) for line in different[:SHOWN]],
        )
        if len(different) > SHOWN:
            say(f"… and {len(different) - SHOWN:,} more: --csv FILE, --html FILE")
    say()
    for caveat in result.caveats:
        say(f"mind: {caveat}")
