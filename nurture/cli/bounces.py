"""`bounces`: what comes back, understood and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import Json, note, opened, print_json, ready, say, table

_LOOK_SECONDS = 0.5

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


@bounces.command("read")
def read(context: typer.Context, json: Json = False) -> None:
    """Read what came back once, from the Maildir and the mailbox of [bounces], and apply it.

    `nurture run` does so all the time; this is for trying out, and for cron.

    Example: nurture bounces read
    """
    from collections import Counter

    from nurture.errors import SettingsError

    with opened(context) as app:
        settings = app.settings.bounces
        if not (settings.maildir or settings.imap.host):
            raise SettingsError(
                "nothing is set up from which mails could be read",
                hint="write maildir under [bounces], or host under [bounces.imap]",
            )
        ready(app)
        kinds: Counter[str] = Counter()
        while some := app.ways_back.take_batch(ask_now=not kinds):
            kinds.update(some)
    if json:
        print_json(kinds)
        return
    say(", ".join(f"{_plural(kind)}: {count}" for kind, count in sorted(kinds.items())) or "nothing new")


@bounces.command("listen")
def listen(context: typer.Context) -> None:
    """Take mails at bounces.listen into the Maildir, and apply them, until Ctrl-C.

    `nurture run` does so by itself where bounces.listen is set.

    Example: nurture bounces listen
    """
    from nurture.cli.running import listens, stopping
    from nurture.errors import NurtureError, SettingsError

    with opened(context) as app, stopping() as stop:
        if not app.settings.bounces.listen:
            raise SettingsError(
                "bounces.listen is not set", hint='write listen = "127.0.0.1:2424" under [bounces]'
            )
        ready(app)
        with listens(app):
            while not stop.wait(_LOOK_SECONDS):
                try:
                    while app.returned_batch():
                        pass
                except NurtureError as error:
                    note(f"what came back stays in {app.settings.bounces.maildir}: {error.message}")


def _plural(kind: str) -> str:
    return {"other": "others", "reply": "replies", "auto_reply": "auto-replies"}.get(kind, f"{kind}s")


def _content(file: Path) -> bytes:
    from nurture.errors import NurtureError

    try:
        return file.read_bytes()
    except OSError as error:
        raise NurtureError(f"{file} cannot be read: {error.strerror or error}") from error


def _cell(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
