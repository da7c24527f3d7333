"""`schema`: what an editor needs to help while campaigns are written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import opened, say, workspace

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
    import json

    from nurture.language.jsonschema import json_schema

    with opened(context) as app:
        compiled = app.documents()
        names = {
            "profile": [each.profile.name for each in compiled.profiles],
            "campaign": [each.campaign.name for each in compiled.campaigns],
        }
        made = json_schema(app.known(), names)
    text = json.dumps(made, indent=2, ensure_ascii=False)
    if str(output) == "-":
        say(text)
        return
    path = output or workspace(context) / FILE
    path.write_text(text + "\n", encoding="utf-8")
    say(f"wrote {path}")
