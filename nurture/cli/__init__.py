"""The command line: `nurture COMMAND`. One module a group; each imports what it needs when run."""

from __future__ import annotations

import gc
import os
import sys

from nurture.errors import NurtureError

GARBAGE_THRESHOLD = 50_000
"""Objects between two looks for cycles of dead ones: at most some ten megabytes wait for it."""


def main() -> None:
    """The entry point. A NurtureError becomes a sentence on standard error and exit status 1."""
    # Python looks for cycles each 700 objects, and finds none while modules are made: a sixth of the start.
    gc.set_threshold(GARBAGE_THRESHOLD)
    from nurture.cli.commands import app
    from nurture.cli.common import OutputClosed

    try:
        app(prog_name="nurture")
    except NurtureError as error:
        print(f"nurture: {error.message}", file=sys.stderr)  # noqa: T201 - this is where errors are told
        if error.hint:
            print(f"  hint: {error.hint}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except OutputClosed:
        # What is still buffered goes nowhere, or Python would complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
