"""A Maildir in which mails that came back wait (https://cr.yp.to/proto/maildir.html).

A mail is in `new` until what it says is applied, and then in `cur`: whoever is killed in between finds it
again, and to take it twice changes nothing.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
from itertools import islice
from pathlib import Path

from nurture.deliver.bounces.mail import READ_AT_MOST
from nurture.errors import SettingsError
from nurture.logs import Log

log = Log(__name__)


class Maildir:
    """The Maildir at `folder`. Raised by each method when it cannot be used: SettingsError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Makes the folders that are not there."""
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unusable(error) from error

    def waiting(self, at_most: int) -> int:
        """How many mails wait, counted no further than `at_most`."""
        return sum(1 for _ in islice(self._names(), at_most))

    def new_mails(self, at_most: int) -> dict[str, bytes]:
        """Mails that wait, by name: their beginnings, which is where they say what they are.

        The first in the order of their names, so that what cannot be read holds up nobody for long.
        """
        found: dict[str, bytes] = {}
        for name in sorted(self._names())[: at_most * 2]:
            if len(found) == at_most:
                break
            try:
                with (self._folder / "new" / name).open("rb") as file:
                    found[name] = file.read(READ_AT_MOST)
            except OSError as error:
                # Taken by another process meanwhile, or not ours to read.
                log.warning("a mail cannot be read", mail=name, error=str(error))
        return found

    def done(self, names: list[str]) -> None:
        """These have been applied: they go to `cur`, as read."""
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / "new" / name).rename(self._folder / "cur" / f"{name.partition(':')[0]}:2,S")

    def keep(self, mail: bytes) -> None:
        """Writes a mail into `new`, durably. Raised when that cannot be done: OSError."""
        name = f"{int(time.time())}.P{os.getpid()}R{secrets.token_hex(8)}.{socket.gethostname()}"
        safe = name.replace("/", "_").replace(":", "_")
        path = self._folder / "tmp" / safe
        with path.open("xb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())
        path.rename(self._folder / "new" / safe)
        folder = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self._folder / "new") as entries:
                return [entry.name for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"bounces.maildir: {self._folder} cannot be used: {error.strerror or error}",
            hint="correct bounces.maildir in nurture.toml, or make that folder readable and writable",
        )
