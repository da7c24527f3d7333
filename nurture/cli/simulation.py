"""`simulate`: a campaign over a whole list of leads, before anybody gets a mail."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, say, workspace

if TYPE_CHECKING:
    from nurture.simulate.result import SimulationResult


def simulate(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name.")],
    leads: Annotated[
        Path, typer.Option("--leads", metavar="FILE", help="The list: a .csv, .xlsx or .vcf file.")
    ],
    start: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The first day, as 2026-03-02; its morning counts.")
    ],
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.yaml", help="Which column is which field.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=1_000, help="How many days.")] = 90,
    seed: Annotated[int, typer.Option(help="Other chances. The same seed gives the same result.")] = 1,
    behaviour: Annotated[
        Path | None, typer.Option("--behaviour", metavar="FILE.yaml", help="How people behave.")
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", metavar="FILE", help="What happens, line by line (CSV or JSON Lines)."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the report as an HTML page.")
    ] = None,
    json: Json = False,
) -> None:
    """Run a campaign over a whole list, day by day on a virtual clock. Nobody gets anything.

    With --events and no --behaviour, people do what stands there and nothing else.
    Example: nurture simulate new-website --leads leads.csv --from 2026-03-02 --days 90
    """
    from nurture.logs import set_up_logs
    from nurture.settings import load_settings
    from nurture.simulate.behaviour import Behaviour
    from nurture.simulate.behaviour_file import read_behaviour
    from nurture.simulate.events import read_script
    from nurture.simulate.master import Leads
    from nurture.simulate.run import Order
    from nurture.simulate.run import simulate as run
    from nurture.simulate.summary import as_json, render_summary

    set_up_logs()
    by_chance = read_behaviour(behaviour) if behaviour else None if events else Behaviour()
    order = Order(
        campaign=campaign,
        leads=Leads(leads, map_),
        start=_date(start),
        days=days,
        seed=seed,
        behaviour=by_chance,
        script=read_script(events) if events else None,
    )
    with _progress() as progress:
        result = run(load_settings(workspace(context)), order, progress=progress)
    if html is not None:
        _write_html(context, result, html)
    if json:
        print_json(as_json(result))
    else:
        say(render_summary(result))


def _write_html(context: typer.Context, result: SimulationResult, path: Path) -> None:
    from nurture.errors import NurtureError
    from nurture.simulate.report import write_report

    with opened(context) as app:
        campaigns = {each.campaign.name: each.campaign for each in app.documents().campaigns}
    try:
        write_report(result, campaigns, path)
    except OSError as error:
        raise NurtureError(f"--html: {path} cannot be written: {error.strerror}") from error


def _date(text: str) -> datetime:
    from nurture.errors import NurtureError

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NurtureError(f"--from: {text!r} is no date", hint="write it as 2026-03-02") from None


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line that changes on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading the campaigns") as status:
        yield status.update
