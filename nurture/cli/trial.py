"""`demo`: the whole way once, on made-up leads, in seconds."""

from __future__ import annotations

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
    result = run_demo(folder, seed=seed)
    if json:
        print_json(as_json(result))
    else:
        say(render_summary(result))
