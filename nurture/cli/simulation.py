"""`simulate`: a campaign over a whole list of leads, before anybody gets a mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import Json, opened, print_json, progress, say, workspace, write_file

if TYPE_CHECKING:
    from nurture.settings import Settings
    from nurture.simulate.lists import Leads
    from nurture.simulate.result import PeopleFrom, SimulationResult

MADE_UP_SEED = 1
"""The made-up people stay the same, whatever else is left to chance."""


def simulate(
    context: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's name.")],
    leads: Annotated[
        Path | None,
        typer.Option(
            "--leads",
            metavar="FILE",
            help="A list: a .csv, .xlsx or .vcf file. Without it, the people in the workspace's database; "
            "where there are none, made-up ones.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DATE",
            help="The first day, as 2026-03-02; its morning counts. Without it, tomorrow.",
        ),
    ] = None,
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

    The people in the database are taken as they stand, in copy: the database is only read.
    With --events and no --behaviour, people do what stands there and nothing else.
    Example: nurture simulate new-website --leads leads.csv --from 2026-03-02 --days 90
    """
    from nurture.logs import set_up_logs
    from nurture.settings import load_settings
    from nurture.simulate.behaviour import Behaviour
    from nurture.simulate.behaviour_file import read_behaviour
    from nurture.simulate.events import read_script
    from nurture.simulate.run import Order
    from nurture.simulate.run import simulate as run
    from nurture.simulate.summary import as_json, render_summary

    set_up_logs()
    settings = load_settings(workspace(context))
    by_chance = read_behaviour(behaviour) if behaviour else None if events else Behaviour()
    with progress("reading the campaigns") as tell, _people(settings, leads, map_) as (people, lists):
        order = Order(
            campaign=campaign,
            people=people,
            leads=lists,
            start=_date(start) if start else None,
            days=days,
            seed=seed,
            behaviour=by_chance,
            script=read_script(events) if events else None,
        )
        result = run(settings, order, progress=tell)
    if html is not None:
        _write_html(context, result, html)
    if json:
        print_json(as_json(result))
    else:
        say(render_summary(result))


def _write_html(context: typer.Context, result: SimulationResult, path: Path) -> None:
    from nurture.simulate.report import render_report

    with opened(context) as app:
        campaigns = {each.campaign.name: each.campaign for each in app.documents().campaigns}
    write_file("--html", path, render_report(result, campaigns))


@contextmanager
def _people(
    settings: Settings, leads: Path | None, mapping: Path | None
) -> Iterator[tuple[PeopleFrom, list[Leads]]]:
    """Those over whom it is run: a list; else the people in the database; else made-up ones."""
    from nurture.demo.leads import write_lead_files
    from nurture.demo.world import make_world
    from nurture.errors import NurtureError
    from nurture.simulate.lists import Leads
    from nurture.simulate.present import people_there
    from nurture.simulate.result import PeopleFrom

    if leads is not None:
        yield PeopleFrom.FILE, [Leads(leads, mapping)]
    elif mapping is not None:
        raise NurtureError("--map says how a list is read, and there is none", hint="give it: --leads FILE")
    elif people_there(settings):
        yield PeopleFrom.DATABASE, []
    else:
        with TemporaryDirectory(prefix="nurture-made-up-") as folder:
            written = write_lead_files(Path(folder), make_world(MADE_UP_SEED), MADE_UP_SEED)
            yield PeopleFrom.MADE_UP, [Leads(one.path, one.mapping, one.source) for one in written.files]


def _date(text: str) -> datetime:
    from nurture.errors import NurtureError

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NurtureError(f"--from: {text!r} is no date", hint="write it as 2026-03-02") from None
