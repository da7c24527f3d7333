"""`init`, `check`, `plugins`, `doctor` and `migrate`: setting up and looking after a workspace."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import FOUND_PROBLEMS, Json, opened, print_json, say, table, workspace


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; it may exist if empty.")],
) -> None:
    """Make a workspace with the example profile, campaigns and templates, ready to check and run.

    In a workspace that came without the key that signs links (git does not keep it), makes a new key.

    Example: nurture init my-firm
    """
    from nurture.cli.schemas import write_schema
    from nurture.workspace import add_missing_key, create_workspace

    if add_missing_key(folder):
        say(f"made a new key for the workspace in {folder}: links in mails sent with another key end")
        return
    create_workspace(folder)
    write_schema(folder)
    say(f"made a workspace in {folder}")
    say(f"next: cd {folder}, then nurture check, nurture import csv leads.csv, nurture run")


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(
    context: typer.Context,
    json: Json = False,
    form: Annotated[
        Format, typer.Option("--format", help="For people, programs, or beside the code in a review.")
    ] = Format.TEXT,
) -> None:
    """Check settings, campaigns, profile and templates: everything that can be known without running.

    Example: nurture check --format github
    """
    from nurture import __version__
    from nurture.doctor import findings_in, settings_findings
    from nurture.language.formats import to_github, to_sarif
    from nurture.language.render import render_findings, to_json

    with opened(context) as app:
        compiled = app.documents()
        findings = (*settings_findings(app), *findings_in(app, compiled))
    errors = sum(finding.severity == "error" for finding in findings)
    if json or form is Format.JSON:
        print_json(to_json(findings))
    elif form is Format.SARIF:
        print_json(to_sarif(findings, __version__))
    elif form is Format.GITHUB:
        for line in to_github(findings):
            say(line)
    elif findings:
        say(render_findings(findings, workspace(context)))
        say(f"{errors} error(s), {len(findings) - errors} warning(s)")
    else:
        names = ", ".join(sorted(text.name for text in compiled.campaign_texts))
        say(f"all is well: {len(compiled.campaign_texts)} campaign(s) ({names})")
    if errors:
        raise typer.Exit(FOUND_PROBLEMS)


def plugins(context: typer.Context, json: Json = False) -> None:
    """List the loaded plugins, where they come from, and what they registered.

    Example: nurture plugins
    """
    with opened(context) as app:
        registry = app.registry
    kinds = {
        "source": registry.sources,
        "enricher": registry.enrichers,
        "rule": registry.rules,
        "transport": registry.transports,
        "feedback hook": registry.feedback_hooks,
        "hand-over channel": registry.channels,
        "action": registry.actions,
    }
    objects = [(kind, name) for kind, named in kinds.items() for name in sorted(named)]
    if json:
        registered = [{"kind": kind, "name": name} for kind, name in objects]
        print_json({"plugins": dict(registry.plugins), "registered": registered})
        return
    table(["plugin", "from"], sorted(registry.plugins.items()))
    say()
    table(["kind", "name"], objects)


def doctor(context: typer.Context, json: Json = False) -> None:
    """Look at everything that must work: settings, plugins, campaigns, database, broker, mail.

    Example: nurture doctor
    """
    from nurture.doctor import examine
    from nurture.logs import set_up_logs
    from nurture.settings import load_settings

    set_up_logs()
    results = examine(load_settings(workspace(context)))
    if json:
        print_json([{"what": r.what, "well": r.well, "message": r.message, "hint": r.hint} for r in results])
    else:
        for result in results:
            say(f"{'ok   ' if result.well else 'WRONG'}  {result.what}: {result.message}")
            if result.hint:
                say(f"       hint: {result.hint}")
    if not all(result.well for result in results):
        raise typer.Exit(FOUND_PROBLEMS)


def migrate(context: typer.Context, json: Json = False) -> None:
    """Bring the database to the schema that this version needs.

    Example: nurture migrate
    """
    from nurture.store.migrate import schema_state, upgrade

    with opened(context) as app:
        before = schema_state(app.store)
        upgrade(app.store)
        after = schema_state(app.store)
    if json:
        print_json({"before": before.current, "after": after.current})
    elif before.up_to_date:
        say(f"the database is up to date ({after.current})")
    else:
        say(f"migrated from {before.current or 'nothing'} to {after.current}")
