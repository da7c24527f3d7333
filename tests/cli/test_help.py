"""Help: every command shows how it is used, and showing it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from nurture.cli.commands import app
from tests.cli.conftest import Outcome

PROMISED = {
    *("init", "check", "import", "run", "worker", "scheduler", "web", "tick", "explain", "inbox", "handover"),
    *("outbox", "plugins", "doctor", "migrate", "demo"),
}
HEAVY = ("sqlalchemy", "litestar", "lark", "dramatiq", "jinja2", "pydantic", "ruamel", "alembic", "granian")


def commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


COMMANDS = list(commands(get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_an_example_of_its_own(run: Callable[..., Outcome], path: tuple[str, ...]) -> None:
    shown = run(*path, "--help")
    assert shown.code == 0
    assert " ".join(["Example: nurture", *path]) in shown.out


def test_the_promised_commands_are_there() -> None:
    assert {path[0] for path in COMMANDS if path} >= PROMISED


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from nurture.cli import main; sys.argv = ['nurture', '--help']\n"
        "try: main()\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_the_installed_command_answers() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("nurture"), "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Commands:" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["import"], "Missing argument 'SOURCE'"),
        (["import", "csv"], "Missing argument 'FILE'"),
        (["handover", "reject", "1"], "Missing option '--reason'"),
        (["handover", "show", "first"], "Invalid value for 'ID'"),
        (["worker", "--threads", "0"], "Invalid value for '--threads'"),
        (["check", "--jason"], "No such option"),
    ],
)
def test_wrong_usage_is_told_with_status_2(
    run: Callable[..., Outcome], arguments: list[str], told: str
) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err


def test_a_command_alone_shows_what_there_is(run: Callable[..., Outcome]) -> None:
    outcome = run()
    assert outcome.code == 2
    assert "Commands:" in outcome.out + outcome.err
