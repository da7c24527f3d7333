"""`export`, `erase` and `retention`: what is kept of a person, and letting it go."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say, table
from nurture.plug.spreadsheets import as_csv

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.journey.privacy import Privacy

Contact = Annotated[str, typer.Argument(help="An id, e-mail address, telephone number or name.")]

OUTSIDE = (
    "not reached: backups, logs, mails that went out, and files that plugins write "
    "(the transport maildir, notices, decision_log)"
)


class Format(StrEnum):
    """How an export is written."""

    JSON = "json"
    CSV = "csv"


def export(
    context: typer.Context,
    contact: Contact,
    form: Annotated[
        Format, typer.Option("--format", help="For programs, or one value a line for spreadsheets.")
    ] = Format.JSON,
    json: Json = False,
) -> None:
    """Print everything that is kept of a person, from every table.

    Example: nurture export an@example.com --format csv > an.csv
    """
    with opened(context) as app:
        ready(app)
        kept = _privacy(app).kept(contact)
        exported_at = app.clock.now()
    plain = {name: [_plain_row(row) for row in rows] for name, rows in kept.tables.items()}
    if form is Format.CSV and not json:
        say(_as_csv(plain).rstrip("\n"))
    else:
        print_json({"contact": kept.contact_id, "exported_at": exported_at, "tables": plain})


def erase(
    context: typer.Context,
    contact: Contact,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove a person from every table, for ever; only keyed hashes of their addresses stay.

    By these they never get mail again, and an old list that is imported once more gives no consent back.

    Example: nurture erase an@example.com --dry-run
    """
    with opened(context) as app:
        ready(app)
        privacy = _privacy(app)
        kept = privacy.kept(contact)
        if dry_run:
            found = privacy.would_go(kept)
        else:
            _confirm(kept.name, yes=yes)
            found = privacy.erase(kept)
    if json:
        print_json({"contact": kept.contact_id, "erased": not dry_run, "rows": dict(sorted(found.items()))})
        return
    table(["table", "rows that would go" if dry_run else "rows gone"], sorted(found.items()))
    if not dry_run:
        note(OUTSIDE)


def retention(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much would go.")] = False,
    json: Json = False,
) -> None:
    """Let go what was kept long enough, by [retention] in nurture.toml; running processes do so every day.

    Example: nurture retention --dry-run
    """
    with opened(context) as app:
        ready(app)
        found = app.expired()
        if not dry_run:
            app.let_go()
            left = app.expired()
            found = {name: number - left[name] for name, number in found.items()}
        kept = app.settings.retention.model_dump()
    if json:
        print_json({"dry_run": dry_run, "rows": found})
    elif not found:
        say("nothing goes: there is no line under [retention] in nurture.toml")
    else:
        rows = [[name, f"{kept[name].days} days", number] for name, number in found.items()]
        table(["kind", "kept for", "rows that would go" if dry_run else "rows gone"], rows)


def _privacy(app: App) -> Privacy:
    from nurture.journey.privacy import Privacy

    return Privacy(app.store, app.clock, app.signer)


def _confirm(who: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("this cannot be taken back: say --yes, or try --dry-run first")
    typer.confirm(f"Remove {who} for ever?", abort=True)


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}


def _as_csv(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """One value a line: table, row, column, value."""
    return as_csv(
        ("table", "row", "column", "value"),
        (
            (name, number, column, value)
            for name, rows in tables.items()
            for number, row in enumerate(rows, start=1)
            for column, value in row.items()
            if value is not None
        ),
    )
