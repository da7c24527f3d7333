"""`import` and `inbox`: leads coming in, and what became of each record."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say, table, tell_started

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.ingest.intake import ImportOutcome
    from nurture.store.inbox import Listed

inbox = typer.Typer(
    help="Raw records: what came in, what is junk and why.\n\nExample: nurture inbox list",
    no_args_is_help=True,
)

SHOWN_UNREADABLE = 20


def import_(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="How to read it: csv, xlsx, vcard, or a plugin's source.")
    ],
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="The files to read.")],
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE.yaml", help="Which column is which field.")
    ] = None,
    json: Json = False,
) -> None:
    """Read leads from files into the inbox, sort them, and report what became of each.

    Example: nurture import csv leads.csv --map leads.map.yaml
    """
    for file in files:
        # All are tried before any is read, so that a misspelt name does not leave half of an import behind.
        with reading(file):
            pass
    outcomes = []
    with opened(context) as app:
        ready(app)
        tell_started(*app.publish_at_start(only_profile=True), only_profile=True)
        for file in files:
            outcomes.append(_import_one(app, source, file, map_))
            if json:
                continue
            if len(files) > 1:
                say(f"{file}")
            _tell(outcomes[-1])
    if json:
        print_json(_together(outcomes))


def _import_one(app: App, source: str, file: Path, map_: Path | None) -> ImportOutcome:
    from nurture.ingest.mapping_file import load_mapping
    from nurture.plug.contracts import Payload

    intake = app.intake()
    mapping = load_mapping(map_) if map_ else None
    with reading(file) as stream, progress(file) as told:
        receipt = intake.receive(source, Payload(stream, file.name), mapping, progress=told)
    if receipt.notice:
        note(receipt.notice)
    if not receipt.received:
        note(f"{file} has no records")
    app.sort_all()
    return intake.outcome(receipt.import_id)


@contextmanager
def reading(file: Path) -> Iterator[BinaryIO]:
    """The open file. Raised when it cannot be read: SourceError."""
    from nurture.errors import SourceError

    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        hint = "name files, not folders: nurture import csv leads/*.csv" if file.is_dir() else ""
        raise SourceError(f"{file} cannot be read: {error.strerror}", hint=hint) from error


@contextmanager
def progress(file: Path) -> Iterator[Callable[[int], None]]:
    """A line that grows on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda received: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"reading {file.name}") as status:
        yield lambda received: status.update(f"reading {file.name}: {received:,} records")


def _together(outcomes: Sequence[ImportOutcome]) -> dict[str, Any]:
    """The figures of several files as one result."""
    total = outcomes[0].as_json()
    for outcome in outcomes[1:]:
        for name, value in outcome.as_json().items():
            if name == "junk":
                total[name] = dict(Counter(total[name]) + Counter(value))
            else:
                total[name] += value
    return total


def _tell(outcome: ImportOutcome) -> None:
    rows: list[tuple[str, object]] = [
        ("received", outcome.received),
        ("new", outcome.new),
        ("duplicate: in the inbox already", outcome.duplicate),
        ("became or joined a contact", outcome.contacts),
        *((f"junk: {reason}", count) for reason, count in sorted(outcome.junk.items())),
        ("unreadable", outcome.unreadable_count),
    ]
    table(["records", "number"], rows)
    for line, reason in outcome.unreadable[:SHOWN_UNREADABLE]:
        say(f"  line {line}: {reason}")
    if outcome.unreadable_count > SHOWN_UNREADABLE:
        say("  all of them: nurture inbox list --state unreadable")


@inbox.command("list")
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="new, contact, merged, junk, unreadable or erased.")] = "",
    reason: Annotated[str, typer.Option(help="Only this reason.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
    json: Json = False,
) -> None:
    """List inbox items, the newest first, with their count by state and reason.

    Example: nurture inbox list --state junk
    """
    from nurture.errors import NurtureError, did_you_mean
    from nurture.store import inbox as store

    states = (store.NEW, store.CONTACT, store.MERGED, store.JUNK, store.UNREADABLE, store.ERASED)
    if state and state not in states:
        raise NurtureError(f"there is no state {state!r}{did_you_mean(state, states)}")
    with opened(context) as app:
        ready(app)
        with app.store.read() as connection:
            counts = store.counts(connection)
            items = store.listed(connection, state=state or None, reason=reason or None, limit=limit)
    if json:
        keys = ("source", "state", "reason", "number")
        counted = [dict(zip(keys, row, strict=True)) for row in counts]
        print_json({"counts": counted, "items": [asdict(item) for item in items]})
        return
    asked = [row for row in counts if state in ("", row[1]) and reason in ("", row[2])]
    if asked or not items:
        table(["source", "state", "reason", "number"], asked)
    if items:
        say()
        columns = ["id", "state", "reason", "source", "line"]
        table([*columns, "record"], [[*(getattr(i, name) for name in columns), _short(i)] for i in items])


@inbox.command("junk")
def junk(context: typer.Context, json: Json = False) -> None:
    """Tell why people are junk, how many for each reason, and what would make contacts of them.

    Example: nurture inbox junk
    """
    from nurture.ingest.chain import chain_of
    from nurture.ingest.remedies import remedies
    from nurture.store import inbox as store

    with opened(context) as app:
        ready(app)
        tell_started(*app.publish_at_start(only_profile=True), only_profile=True)
        profile = app.profile()
        chain = chain_of(profile, app.registry.enrichers)
        with app.store.read() as connection:
            counted: Counter[str] = Counter()
            for _source, state, reason, number in store.counts(connection):
                if state == store.JUNK:
                    counted[reason or ""] += number
    found = [
        (reason, number, remedies(reason, profile.require, chain)) for reason, number in counted.most_common()
    ]
    if json:
        print_json([dict(zip(("reason", "number", "would_help"), one, strict=True)) for one in found])
        return
    for reason, number, would_help in found:
        say(f"{number} × {reason}")
        for remedy in would_help:
            say(f"    {remedy}")
    say(
        "sort again: nurture inbox retry; ask enrichers anew: nurture enrich --retry-junk"
        if found
        else "no junk"
    )


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
        tell_started(*app.publish_at_start(only_profile=True), only_profile=True)
        again = app.intake().retry_junk(reason or None)
        app.sort_all()
    if json:
        print_json({"retried": again})
    else:
        say(f"sorted {again} item(s) again; see: nurture inbox list")


def _short(item: Listed) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in (item.fields or {}).items() if value)
    text = text or item.raw or ""
    return text if len(text) <= 60 else text[:59] + "…"
