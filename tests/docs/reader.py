"""A reader who follows a document word for word: writes its files, runs its commands, compares what comes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import pytest

from tests.docs.blocks import Block, blocks_of
from tests.docs.hatchery import a_hatchery

PATIENCE = 30.0
"""Seconds that a service gets to show what the document says, or to stop."""

PORT = "8025"
"""The port of the public pages in the documents; here it is a free one."""

_CHANGING = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME"),
    (r"\w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d", "TIME"),
    (r"@[0-9a-f]{8}\b", "@VERSION"),
    (r"\bjust now\b|\b(less than a minute|1 minute) ago\b", "AGO"),
    (r"\d+\.\d+ ?s\b", "SECONDS"),
    (r"─+", "─"),
    (r"\s+", " "),
)
"""What is another on every run, and what it is compared as."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, and the lines that the document shows beneath it."""

    text: str
    shown: tuple[str, ...]


@contextmanager
def a_reader(folder: Path, *, quick: bool = False) -> Iterator[Reader]:
    """A reader who begins in an empty folder; stops at the end what they started.

    With `quick` their commands come from a hatchery.
    """
    with ExitStack() as stack:
        ready = stack.enter_context(a_hatchery(stack.enter_context(_short_folder()))) if quick else None
        yield stack.enter_context(Reader(folder, ready))


@contextmanager
def _short_folder() -> Iterator[Path]:
    """The address of a socket may have no more than a hundred characters."""
    with TemporaryDirectory(prefix="nurture-") as folder:
        yield Path(folder)


class Reader:
    """Where the reader stands, and what they have started."""

    def __init__(self, folder: Path, ready: Path | None = None) -> None:
        self._folder = folder
        self._log = folder / ".served"
        self._place = folder / ".place"
        self._port = _free_port()
        self._served: subprocess.Popen[bytes] | None = None
        home = folder / ".home"
        home.mkdir()
        # Without PYTHON…: compiling every library anew, for every command, would take most of the time.
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("NURTURE_", "PYTHON"))
        }
        self._environment = inherited | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "NO_PROXY": "127.0.0.1",
            "NURTURE_WEB__PORT": self._port,
            "NURTURE_WEB__BASE_URL": f"http://127.0.0.1:{self._port}",
        }
        path = self._environment["PATH"]
        self._quick = self._environment | {"PATH": f"{ready}{os.pathsep}{path}" if ready else path}

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._served is None:
            return
        self._served.send_signal(signal.SIGINT)
        try:
            status = self._served.wait(PATIENCE)
        finally:
            if self._served.poll() is None:
                self._served.kill()
                self._served.wait()
        assert status == 0, f"stopped with status {status}:\n{self._log.read_text()}"

    def follow(self, document: Path) -> int:
        """Does all that the document says; answers with how many commands that were."""
        done = 0
        for block in blocks_of(document):
            if block.path:
                self._write(block)
            elif block.language == "console" and "no-run" not in block.words:
                for command in commands_of(block.text):
                    self._do(command, block)
                    done += 1
        return done

    def _write(self, block: Block) -> None:
        assert block.path is not None
        file = (self._folder / block.path).resolve()
        assert file.is_relative_to(self._folder), f"{block}: {block.path} is elsewhere"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def _do(self, command: Command, block: Block) -> None:
        if "serves" in block.words:
            self._serve(command, block)
            return
        wanted = 1 if "fails" in block.words else 0
        until = time.monotonic() + (PATIENCE if self._served else 0)
        while True:
            status, printed = self._run(command.text)
            missing = first_missing(command.shown, printed)
            if (status == wanted and missing is None) or time.monotonic() > until:
                break
            time.sleep(0.2)
        told = f"{block}: $ {command.text}\n{printed}"
        assert status == wanted, f"{told}\nended with status {status}"
        assert missing is None, f"{told}\ndoes not show: {missing}"

    def _run(self, text: str) -> tuple[int, str]:
        """Status and output of a command, in the folder where the last one ended."""
        if text.startswith("curl ") and shutil.which("curl") is None:
            pytest.skip("curl is not installed: the rest of this document is not tried")
        script = f"{self._with_port(text)}\nstatus=$?\npwd > '{self._place}'\nexit $status"
        # Standard error belongs to what a reader sees, and comes between the lines as it does for them.
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env=self._quick,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=250,
            check=False,
        )
        self._folder = Path(self._place.read_text().strip())
        return done.returncode, done.stdout.decode().replace(f":{self._port}", f":{PORT}")

    def _serve(self, command: Command, block: Block) -> None:
        assert self._served is None, f"{block}: one service at a time"
        with self._log.open("wb") as log:
            self._served = subprocess.Popen(
                command.text.split(), cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE
        while True:
            printed = self._log.read_text().replace(f":{self._port}", f":{PORT}")
            missing = first_missing(command.shown, printed)
            if missing is None:
                return
            assert time.monotonic() < until, f"{block}: does not show: {missing}\n{printed}"
            assert self._served.poll() is None, f"{block}: ended at once\n{printed}"
            time.sleep(0.1)

    def _with_port(self, text: str) -> str:
        return text.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{self._port}")


def commands_of(text: str) -> list[Command]:
    """The commands of a console block. A line that ends in a backslash goes on; a heredoc runs to its end."""
    found: list[Command] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            assert found, f"output without a command: {line}"
            found[-1] = Command(found[-1].text, (*found[-1].shown, line))
            continue
        command = [line.removeprefix("$ ")]
        if heredoc := re.search(r"<<'(\w+)'", line):
            for part in lines:
                command.append(part)
                if part == heredoc[1]:
                    break
        while command[-1].endswith("\\"):
            command.append(next(lines))
        found.append(Command("\n".join(command), ()))
    return found


def first_missing(shown: tuple[str, ...], printed: str) -> str | None:
    """The first shown line that does not come in `printed`, in that order; None when all do.

    Dates, versions and widths are not compared, and `…` stands for anything.
    """
    lines = iter([_comparable(line) for line in printed.splitlines()])
    for line in shown:
        pattern = ".*".join(map(re.escape, _comparable(line).split("…")))
        if line.strip() and not any(re.fullmatch(pattern, each) for each in lines):
            return line
    return None


def _comparable(line: str) -> str:
    for pattern, meant in _CHANGING:
        line = re.sub(pattern, meant, line)
    return line.strip()


def _free_port() -> str:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])
