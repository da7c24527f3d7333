"""All commands in one tree; what each does is in the module of its group."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli import (
    accounts,
    audiences,
    backtesting,
    bounces,
    consents,
    drawing,
    duplicates,
    enriching,
    following,
    leads,
    learning,
    mail,
    outcomes,
    previewing,
    privacy,
    proving,
    publishing,
    relays,
    reports,
    running,
    sales,
    schemas,
    signals,
    signing,
    simulation,
    stages,
    teams,
    trial,
    workspace,
)

app = typer.Typer(
    name="nurture",
    help="Lead nurturing: from inbox to hand-over, with campaigns as YAML in git.\n\n"
    "Example: nurture init my-firm",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def root(
    workspace: Annotated[
        Path,
        typer.Option("--workspace", "-w", help="The folder with nurture.toml.", envvar="NURTURE_WORKSPACE"),
    ] = Path(),
) -> None:
    """Lead nurturing: from inbox to hand-over, with campaigns as YAML in git."""


app.command("init")(workspace.init)
app.command("check")(workspace.check)
app.command("schema")(schemas.schema)
app.command("test")(proving.run_tests)
app.command("audience")(audiences.audience)
app.command("plan")(publishing.plan)
app.command("publish")(publishing.publish)
app.command("versions")(publishing.versions)
app.command("plugins")(workspace.plugins)
app.command("doctor")(workspace.doctor)
app.command("migrate")(workspace.migrate)
app.command("import")(leads.import_)
app.add_typer(leads.inbox, name="inbox")
app.add_typer(duplicates.review, name="review")
app.add_typer(duplicates.contacts, name="contacts")
app.command("enrich")(enriching.enrich)
app.command("run")(running.run)
app.command("scheduler")(running.scheduler)
app.command("worker")(running.worker)
app.command("web")(running.web)
app.command("tick")(running.tick)
app.command("explain")(following.explain)
app.command("stage")(stages.stage)
app.add_typer(accounts.accounts, name="accounts")
app.add_typer(sales.handover, name="handover")
app.add_typer(teams.sales, name="sales")
app.add_typer(outcomes.outcome, name="outcome")
app.add_typer(mail.outbox, name="outbox")
app.add_typer(relays.relays, name="relays")
app.add_typer(signing.dkim, name="dkim")
app.add_typer(bounces.bounces, name="bounces")
app.add_typer(consents.consent, name="consent")
app.command("export")(privacy.export)
app.command("erase")(privacy.erase)
app.command("retention")(privacy.retention)
app.command("preview")(previewing.preview)
app.add_typer(signals.signals, name="signals")
app.command("draw")(drawing.draw)
app.command("report")(reports.report)
app.command("learn")(learning.learn)
app.command("simulate")(simulation.simulate)
app.command("backtest")(backtesting.backtest)
app.command("demo")(trial.demo)
