"""`signals`: what people did, and how it is judged."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture.cli.common import Json, opened, print_json, ready, say, table

signals = typer.Typer(
    help="What people did, and who it is taken for: a person, probably one, a machine.\n\n"
    "Example: nurture signals reclassify --dry-run",
    no_args_is_help=True,
)


@signals.command("reclassify")
def reclassify(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: Json = False,
) -> None:
    """Judge all stored opens and clicks anew, by today's rules and by what is known by now.

    A scanner is often found out by its later hits; its earlier ones are taken back. Those of whom anything
    changes are looked at again, but what was decided before stays decided.

    Example: nurture signals reclassify --dry-run
    """
    from nurture.web.reclassify import reclassify as judge_all

    with opened(context) as app:
        ready(app)
        result = judge_all(app.store, app.clock, dry_run=dry_run)
    changed = sum(result.changed.values())
    rows = [(before, after, why, n) for (before, after, why), n in result.changed.most_common()]
    if json:
        names = ("from", "to", "why", "hits")
        changes = [dict(zip(names, row, strict=True)) for row in rows]
        print_json({"judged": result.judged, "changed": changed, "dry_run": dry_run, "changes": changes})
        return
    say(f"judged {result.judged} hits; {changed} {'would change' if dry_run else 'changed'}")
    if rows:
        table(("was", "is", "because", "hits"), rows)
