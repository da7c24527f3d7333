"""`import` and `inbox`: leads coming in, and what became of each record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say, table

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.ingest.intake import ImportOutcome

inbox = typer.Typer(help="Raw records: what came in, what is junk and why.", no_args_is_help=True)

SHOWN_UNREADABLE = 20


def import_(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="How to read it: csv, xlsx, vcard, or a plugin's source.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="The files to read.")],
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.yaml", help="Which column is which field.")
    ] = None,
    json: Json = False,
) -> None:
    """Read leads from files into the inbox, sort them, and report what became of each.

    Example: nurture import csv leads.csv --map leads.map.yaml
    """
    with opened(context) as app:
        ready(app)
        changed = app.publish(only_profile=True)
        if changed:
            note(f"published: {', '.join(changed)}")
        outcomes = [_import_one(app, source, file, map_) for file in files]
    total = sum(outcomes[1:], outcomes[0])
    if json:
        print_json(total.as_json())
        return
    rows: list[tuple[str, object]] = [
        ("received", total.received),
        ("new", total.new),
        ("duplicate, already in the inbox", total.duplicate),
        ("became or joined a contact", total.contacts),
        *((f"junk: {reason}", count) for reason, count in sorted(total.junk.items())),
        ("unreadable", len(total.unreadable)),
    ]
    table(["records", "number"], rows)
    for line, reason in total.unreadable[:SHOWN_UNREADABLE]:
        say(f"  line {line}: {reason}")
    if len(total.unreadable) > SHOWN_UNREADABLE:
        say("  … all of them: nurture inbox list --state unreadable")


def _import_one(app: App, source: str, file: Path, map_: Path | None) -> ImportOutcome:
    from nurture.ingest.files import opened_file, read_mapping

    intake = app.intake()
    mapping = read_mapping(map_) if map_ else None
    with opened_file(file) as payload:
        receipt = intake.receive(source, payload, mapping)
    for notice in receipt.notices:
        note(f"{file}: {notice}")
    while app.sort_batch():
        pass
    return intake.outcome(receipt.import_id)


@inbox.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="new, contact, merged, junk or unreadable.")] = "",
    reason: Annotated[str, typer.Option(help="Only this reason.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List inbox items, the newest first, with a count by state.

    Example: nurture inbox list --state junk
    """
    from nurture.store import inbox as store

    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            counts = store.counts(connection)
            rows = store.listing(connection, state or None, reason or None, limit)
    if json:
        print_json({"counts": counts, "items": rows})
        return
    say(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "the inbox is empty")
    if rows:
        say()
        columns = ["id", "state", "reason", "source", "name", "line"]
        table([*columns, "record"], [[*(row.get(name) for name in columns), _short(row)] for row in rows])


@inbox.command("retry")
def retry(
    context: typer.Context,
    reason: Annotated[str, typer.Option(help="Only junk of this reason.")] = "",
    json: Json = False,
) -> None:
    """Sort junk again, after a change of the profile, of a mapping or of plugins.

    Example: nurture inbox retry --reason "no name"
    """
    with opened(context) as app:
        ready(app)
        app.publish(only_profile=True)
        again = app.intake().retry_junk(reason or None)
        while app.sort_batch():
            pass
    if json:
        print_json({"retried": again})
    else:
        say(f"sorted {again} item(s) again; see: nurture inbox list")


def _short(row: dict[str, Any]) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in (row.get("fields") or {}).items() if value)
    text = text or row.get("raw") or ""
    return text if len(text) <= 60 else text[:59] + "…"
