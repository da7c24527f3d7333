"""`bounces`: what comes back, understood and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import Json, print_json, table

bounces = typer.Typer(
    help="What comes back: bounces, complaints, auto-replies, real replies.\n\n"
    "Example: nurture bounces classify returned.eml",
    no_args_is_help=True,
)


@bounces.command("classify")
def classify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Mails as files (.eml), or an mbox.")],
    json: Json = False,
) -> None:
    """Say what mails are, and why they came back. Nothing is changed; no workspace is needed.

    Example: nurture bounces classify returned.eml
    """
    from nurture.deliver.bounces.results import result_of

    results = [result_of(str(file), _content(file)) for file in files]
    if json:
        print_json(results)
        return
    columns = ["file", "kind", "address", "reason", "hard", "status", "reply"]
    rows = [
        [one["file"], one["kind"], *(_cell(each[name]) for name in columns[2:])]
        for one in results
        for each in one["recipients"] or [dict.fromkeys(columns, "")]
    ]
    table(columns, rows)


def _content(file: Path) -> bytes:
    from nurture.errors import NurtureError

    try:
        return file.read_bytes()
    except OSError as error:
        raise NurtureError(f"{file} cannot be read: {error.strerror or error}") from error


def _cell(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
