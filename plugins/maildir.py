"""The transport `maildir`: writes each mail as a file that a mail program can open; for trying things out.

    [plugin.maildir]
    path = "mail"        # from the workspace's folder

A message has one file name for ever, so that a repeated delivery replaces the file and adds none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from nurture import (
    Delivery,
    DeliveryState,
    OutboundMail,
    PluginConfig,
    Ticket,
    Transport,
    TransportError,
    hookimpl,
)

API_VERSION = 1


class Options(BaseModel):
    """[plugin.maildir]"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Path("mail")


@hookimpl
def register_transports(config: PluginConfig) -> Iterable[Transport]:
    return [MaildirTransport(config.workspace / config.options("maildir", Options).path)]


class MaildirTransport:
    """Writes to `tmp`, then moves to `new` (https://cr.yp.to/proto/maildir.html), durably."""

    name = "maildir"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        try:
            for name in ("tmp", "new", "cur"):
                (self._folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TransportError(
                f"no mail can be written to {self._folder}: {error}",
                hint="correct path under [plugin.maildir]",
            ) from error
        allowed = ticket.begin(mails)
        deliveries = [self._write(mail, mail.outbox_id in allowed) for mail in mails]
        self._settle_folder()
        return deliveries

    def close(self) -> None:
        """There is nothing to close."""

    def _write(self, mail: OutboundMail, allowed: bool) -> Delivery:
        if not allowed:
            return Delivery(mail.outbox_id, DeliveryState.NOT_TRIED, "withheld")
        name = re.sub(r"[^A-Za-z0-9@.-]", "_", mail.message_id.strip("<>")).lstrip(".") + ".eml"
        try:
            with (self._folder / "tmp" / name).open("wb") as file:
                file.write(mail.content)
                file.flush()
                os.fsync(file.fileno())
            (self._folder / "tmp" / name).rename(self._folder / "new" / name)
        except OSError as error:
            return Delivery(mail.outbox_id, DeliveryState.DEFERRED, f"not written: {error}")
        return Delivery(mail.outbox_id, DeliveryState.SENT, f"new/{name}")

    def _settle_folder(self) -> None:
        """Makes the moves durable: one sync for the batch."""
        folder = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
