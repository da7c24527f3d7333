"""What all commands share: the workspace, the app, and the two ways of printing a result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from nurture.app import App
    from nurture.journey.publishing import Waiting

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

FOUND_PROBLEMS = 1
WRONG_USAGE = 2


def workspace(context: typer.Context) -> Path:
    """The folder that `--workspace` names."""
    folder: Path = context.find_root().params["workspace"]
    return folder


@contextmanager
def opened(context: typer.Context) -> Iterator[App]:
    """The app of the workspace; closed at the end."""
    from nurture.app import build_app
    from nurture.logs import set_up_logs
    from nurture.settings import load_settings

    set_up_logs()
    app = build_app(load_settings(workspace(context)))
    try:
        yield app
    finally:
        app.close()


def ready(app: App, *, migrate: bool = False) -> None:
    """Makes sure that the database has the schema: a new one gets it, an old one on request.

    Raised when it is old and nobody agrees: StoreError.
    """
    from nurture.errors import StoreError
    from nurture.store.migrate import schema_state, upgrade

    state = schema_state(app.store)
    if state.up_to_date:
        return
    agreed = state.empty or migrate
    if not agreed and sys.stdin.isatty():
        agreed = typer.confirm(f"The database has schema {state.current}; migrate it to {state.head}?")
    if not agreed:
        raise StoreError(
            f"the database has schema {state.current}, but this version needs {state.head}",
            hint="run: nurture migrate",
        )
    upgrade(app.store)


def tell_started(changed: Sequence[str], waiting: Waiting, *, only_profile: bool = False) -> None:
    """What a start has published, and what waits for a person to publish it: beside the result."""
    if changed:
        note(f"published: {', '.join(changed)}")
    lines = []
    if waiting.profile is not None:
        lines.append(f"profile {waiting.profile} ({_people(waiting.judged)} judged by the one before)")
    if not only_profile:
        lines += [f"{name} ({_people(count)} under way)" for name, count in waiting.campaigns.items()]
        lines += [f"{name} (this text was taken back)" for name in waiting.taken_back]
    for line in lines:
        note(f"changed, not published: {line}; see nurture plan, then nurture publish")


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


@contextmanager
def progress(begin: str) -> Iterator[Callable[[str], None]]:
    """A line that changes on a terminal, `begin` at first; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda words: None
        return
    from rich.console import Console

    with Console(stderr=True).status(begin) as status:
        yield status.update


def day(option: str, text: str) -> datetime:
    """The begin of the day (UTC) that an option gives. Raised when it is none: NurtureError."""
    from nurture.errors import NurtureError

    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise NurtureError(f"{option}: {text!r} is no date", hint="write it as 2026-03-02") from None


def write_file(option: str, path: Path, text: str) -> None:
    """A file that an option asks for. Raised when it cannot be written: NurtureError."""
    from nurture.errors import NurtureError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NurtureError(f"{option}: {path} cannot be written: {error.strerror}") from error


class OutputClosed(Exception):
    """Raised when whoever read our output has gone (`nurture inbox list | head`): nothing is wrong."""


def say(text: str = "") -> None:
    """One line for the user, on standard output. Raised when nobody reads it any more: OutputClosed."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        raise OutputClosed from None


def note(text: str) -> None:
    """One line beside the result, on standard error: it never spoils what is piped."""
    typer.echo(text, err=True)


def print_json(value: Any) -> None:
    """A result for programs; times as ISO 8601."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table of plain text: as wide as its content, numbers to the right, times as 2026-03-02 10:00 UTC."""
    texts = [[_shown(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[i]) for row in texts)]) for i, name in enumerate(columns)]
    numeric = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(columns))]
    say(_line(columns, widths, numeric))
    say("  ".join("─" * width for width in widths))
    for row in texts:
        say(_line(row, widths, numeric))


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "" if value is None else str(value)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    parts = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    )
    return "  ".join(parts).rstrip()
