"""The command line, as its own tests use it."""

from tests.cli.conftest import cli, run

__all__ = ["cli", "run"]
