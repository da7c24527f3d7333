"""`schema`: what an editor needs to help while campaigns are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.common import opened, say, workspace

if TYPE_CHECKING:
    from nurture.app import App

FILE = "campaigns/nurture.schema.json"


def schema(
    context: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=f"The file; - for standard output. [{FILE}]")
    ] = None,
) -> None:
    """Write the JSON Schema of campaigns and profiles, for the YAML support of an editor.

    It names this workspace's templates, teams, rules and actions; write it again when these change.

    Example: nurture schema
    """
    with opened(context) as app:
        text = schema_of(app)
    if str(output) == "-":
        say(text)
        return
    path = output or workspace(context) / FILE
    path.write_text(text + "\n", encoding="utf-8")
    say(f"wrote {path}")


def schema_of(app: App) -> str:
    """The schema for a workspace, as JSON."""
    import json

    from nurture.language.jsonschema import json_schema

    compiled = app.documents()
    names = {
        "profile": [each.profile.name for each in compiled.profiles],
        "campaign": [each.campaign.name for each in compiled.campaigns],
    }
    return json.dumps(json_schema(app.known(), names), indent=2, ensure_ascii=False)


def write_schema(folder: Path) -> None:
    """Puts the schema where the first line of the example campaigns names it."""
    from nurture.app import build_app
    from nurture.settings import load_settings

    app = build_app(load_settings(folder))
    try:
        (folder / FILE).write_text(schema_of(app) + "\n", encoding="utf-8")
    finally:
        app.close()
