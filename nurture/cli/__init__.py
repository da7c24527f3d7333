"""The command line: `nurture COMMAND`. One module a group; each imports what it needs when run."""

from __future__ import annotations

import sys

from nurture.errors import NurtureError


def main() -> None:
    """The entry point. A NurtureError becomes a sentence on standard error and exit status 1."""
    from nurture.cli.commands import app

    try:
        app()
    except NurtureError as error:
        print(f"nurture: {error.message}", file=sys.stderr)  # noqa: T201 - this is where errors are told
        if error.hint:
            print(f"  hint: {error.hint}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has gone (`nurture inbox | head`): nothing is wrong.
        sys.stderr.close()
        sys.exit(0)
