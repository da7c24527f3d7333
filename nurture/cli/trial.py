"""`demo`: the whole way once, on made-up leads, in seconds."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nurture.cli.common import Json, print_json, say


def demo(
    folder: Annotated[Path, typer.Option("--folder", help="Where the demo's workspace goes.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Other people, other behaviour.")] = 1,
    json: Json = False,
) -> None:
    """Run the main job: 500 messy leads, 60 days on a virtual clock, real mails in a Maildir.

    Example: nurture demo
    """
    from nurture.demo.run import run_demo
    from nurture.demo.summary import as_json, render_summary
    from nurture.logs import set_up_logs

    set_up_logs()
    with _progress() as progress:
        result = run_demo(folder, seed=seed, progress=progress)
    if json:
        print_json(as_json(result))
    else:
        # What to type next must work as it stands, also where nothing of ours is on the PATH.
        say(render_summary(result, "nurture" if shutil.which("nurture") else sys.argv[0]))


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """A line that counts the days on a terminal; nothing when piped."""
    if not sys.stderr.isatty():
        yield lambda day: None
        return
    from rich.console import Console

    with Console(stderr=True).status("day 1") as status:
        yield lambda day: status.update(f"day {day}")
