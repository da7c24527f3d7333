"""The built wheel in an empty environment: whatever Nurture needs travels in it, or is a dependency."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent

Run = Callable[..., subprocess.CompletedProcess[str]]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    # Nothing of this checkout may be found by chance.
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NURTURE_"))}
    return subprocess.run(
        command,
        cwd=cwd,
        env=ours | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=250,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def nurture(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """`nurture …` from a wheel installed in a new virtual environment, in an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(TOOLS / "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    made = run(TOOLS / "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    assert made.returncode == 0, made.stderr
    install = [TOOLS / "uv", "pip", "install", "--quiet", "--system-certs"]
    python = folder / "venv" / "bin" / "python"
    constraints = ROOT / ".ci" / "constraints.txt"
    installed = run(*install, "--python", python, "-c", constraints, wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    command = folder / "venv" / "bin" / "nurture"
    (folder / "empty").mkdir()

    def nurture(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run(command, *arguments, cwd=folder / "empty")

    return nurture


def test_a_workspace_made_by_the_wheel_is_well(nurture: Run, tmp_path: Path) -> None:
    made = nurture("init", tmp_path / "firm")
    assert made.returncode == 0, made.stderr
    for command in ("check", "doctor"):
        done = nurture("-w", tmp_path / "firm", command)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_bundled_plugins_come_from_the_wheel(nurture: Run, tmp_path: Path) -> None:
    nurture("init", tmp_path / "firm")
    listed = nurture("-w", tmp_path / "firm", "plugins")
    assert listed.returncode == 0, listed.stderr
    assert "bundled_files" in listed.stdout
    assert str(ROOT) not in listed.stdout


def test_the_demo_runs_from_the_wheel(nurture: Run, tmp_path: Path) -> None:
    done = nurture("demo", "--folder", tmp_path / "demo", "--json")
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    assert list((tmp_path / "demo").rglob("*.eml"))
