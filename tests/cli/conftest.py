"""The command line in this process, on a workspace of its own, with what it printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nurture.app import build_app
from nurture.cli import main
from nurture.logs import reset_logs
from nurture.settings import load_settings
from nurture.store.migrate import upgrade
from tests.system.world import make_workspace
from tests.world import person, submit


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """`nurture -w WORKSPACE …`."""

    def __init__(self, folder: Path, run: Callable[..., Outcome]) -> None:
        self.folder = folder
        self._run = run

    def __call__(self, *arguments: object) -> Outcome:
        return self._run("-w", self.folder, *arguments)

    def write(self, name: str, text: str) -> Path:
        """A file in the workspace."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Changes one place in a file of the workspace."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def import_people(self, *rows: str) -> Outcome:
        """Leads who agreed to mails; each row is `name;email`, and more columns if the first row says so."""
        more = "" if not rows or rows[0].count(";") == 1 else ";locale"
        lines = [f"name;email{more};interests;consent", *(f"{row};website;marketing" for row in rows)]
        return self("import", "csv", self.write("leads.csv", "\n".join(lines) + "\n"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """A command, from its arguments to its exit status, through the real entry point."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["nurture", *map(str, arguments)])
        capsys.readouterr()
        code: Any = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            # Its logs went to this test's standard error.
            reset_logs()
        said = capsys.readouterr()
        return Outcome(code or 0, said.out, said.err)

    return run


@pytest.fixture
def cli(run: Callable[..., Outcome], tmp_path: Path) -> Cli:
    make_workspace(tmp_path / "workspace")
    return Cli(tmp_path / "workspace", run)


@pytest.fixture
def handed_over(cli: Cli) -> Cli:
    """A workspace in which hand-over 1 waits for its answer."""
    app = build_app(load_settings(cli.folder))
    upgrade(app.store)
    app.publish()
    submit(app, person(1), form="quote")
    app.close()
    assert cli("tick").code == 0
    return cli
