"""Nurture as its users run it: real processes on a real workspace, watched from outside."""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from nurture.testing.smtp import Accepted, SmtpServer
from nurture.workspace import create_workspace

NURTURE = Path(sys.executable).with_name("nurture")

CAMPAIGN = """\
kind: campaign
name: greeting
profile: web-agency
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
    - {id: welcome, send: orientation/welcome}
handover: {team: sales-nl, answer_within: 4h}
"""
"""One mail for everybody, at any hour: the tests run at night and on holidays too."""


def make_workspace(folder: Path) -> None:
    """The example workspace with this campaign only."""
    create_workspace(folder)
    for file in ("new-website.yaml", "re-engagement.yaml", "webshop.yaml"):
        (folder / "campaigns" / file).unlink()
    (folder / "campaigns" / "greeting.yaml").write_text(CAMPAIGN, encoding="utf-8")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def eventually(holds: Callable[[], object], seconds: float) -> bool:
    """Whether it comes to hold within so many seconds; returns as soon as it does."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class SlowServer(SmtpServer):
    """Takes its time over each mail, and takes it even when whoever sent it is gone meanwhile."""

    seconds = 0.1

    def take(self, mail: Accepted) -> None:
        time.sleep(self.seconds)
        super().take(mail)


@dataclass(slots=True)
class Process:
    """A running `nurture COMMAND`; what it says stands in a file."""

    popen: subprocess.Popen[bytes]
    said_in: Path

    def said(self) -> str:
        return self.said_in.read_text("utf-8", "replace")

    def expect(self, text: str, seconds: float = 30) -> None:
        """Waits until it has said `text`."""
        assert eventually(lambda: text in self.said() or self.popen.poll() is not None, seconds), self.said()
        assert text in self.said(), self.said()

    def kill(self) -> None:
        """As a power cut would end it."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def stop(self, seconds: float = 15) -> int:
        """Asks it to end; the exit status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(seconds)


@dataclass(slots=True)
class World:
    """A workspace, the environment that its processes get, and the processes."""

    folder: Path
    environment: dict[str, str]
    port: int
    database: str
    processes: list[Process] = field(default_factory=list)
    _store: Store | None = None

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = Store(self.database)
        return self._store

    def start(self, *arguments: str) -> Process:
        """A process that runs until it is stopped, at the latest at the end of the test."""
        said_in = self.folder / f"said-{len(self.processes)}.txt"
        with said_in.open("wb") as output:
            popen = subprocess.Popen(
                [NURTURE, "-w", self.folder, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        process = Process(popen, said_in)
        self.processes.append(process)
        return process

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command from beginning to end."""
        return subprocess.run(
            [NURTURE, "-w", self.folder, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def import_people(self, number: int) -> None:
        """So many good leads, through `nurture import`."""
        file = self.folder / "leads.csv"
        write_leads(file, number)
        done = self.run("import", "csv", str(file))
        assert done.returncode == 0, done.stderr

    def outbox(self) -> Counter[str]:
        """How many mails are in which state."""
        with self.store.read() as connection:
            counted = sa.select(schema.outbox.c.state, sa.func.count()).group_by(schema.outbox.c.state)
            return Counter({row[0]: row[1] for row in connection.execute(counted)})

    def message_ids(self, *states: str) -> list[str]:
        """The Message-IDs of the mails in these states; without any, of all."""
        wanted = sa.select(schema.outbox.c.message_id)
        if states:
            wanted = wanted.where(schema.outbox.c.state.in_(states))
        with self.store.read() as connection:
            return list(connection.scalars(wanted))

    def count(self, table: sa.Table) -> int:
        with self.store.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    def pass_leases(self) -> None:
        """Lets the time pass after which a mail whose sender is silent counts as unknown."""
        with self.store.write() as connection:
            connection.execute(
                sa.update(schema.outbox)
                .where(schema.outbox.c.state == "transmitting")
                .values(lease_until=schema.outbox.c.created_at)
            )

    def close(self) -> None:
        for process in self.processes:
            if process.popen.poll() is None:
                process.kill()
        if self._store is not None:
            self._store.close()


@contextmanager
def world(
    folder: Path, *, database: str = "", broker: str = "", smtp: int | None = None, batch: int = 100
) -> Iterator[World]:
    """A workspace with one campaign: on SQLite, with a Maildir, in one process, unless told otherwise."""
    make_workspace(folder)
    port = free_port()
    database = database or f"sqlite:///{folder / 'nurture.db'}"
    settings: Mapping[str, str] = {
        "DATABASE__URL": database,
        "BROKER__URL": broker or "memory://",
        "WEB__PORT": str(port),
        "WEB__BASE_URL": f"http://127.0.0.1:{port}",
        "MAIL__TRANSPORT": "maildir" if smtp is None else "smtp",
        "MAIL__BATCH": str(batch),
        **({} if smtp is None else {"PLUGIN__SMTP__HOST": "127.0.0.1", "PLUGIN__SMTP__PORT": str(smtp)}),
    }
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NURTURE_")}
    environment = ours | {f"NURTURE_{name}": value for name, value in settings.items()}
    made = World(folder, environment, port, database)
    try:
        yield made
    finally:
        made.close()


def write_leads(file: Path, number: int) -> None:
    """A CSV file of people who agreed to mails."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Naam", "E-mailadres", "Bedrijf", "Land", "interests", "consent"])
        for one in range(number):
            name, address = f"An Jansen-{one}", f"an{one}@bakkerij{one}.example.com"
            writer.writerow([name, address, f"Bakkerij {one}", "NL", "website", "marketing"])


def parsed(content: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def journal_ids(journal: Iterable[Accepted]) -> list[str]:
    """The Message-IDs of the mails that a server has taken, in order."""
    return [str(parsed(mail.content)["Message-ID"]) for mail in list(journal)]
