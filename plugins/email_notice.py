"""The hand-over channel `email`: the dossier in the mailbox of whoever's turn it is.

With a `host` it goes by SMTP; without one it is written as an .eml file, which every mail program opens.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nurture import Dossier, HandoverChannel, NoticeOutcome, PluginConfig, hookimpl, render_dossier

API_VERSION = 1


class Options(BaseModel):
    """`[plugin.email_notice]`. `folder` is where mails are written when no `host` is set."""

    model_config = ConfigDict(extra="forbid")

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    from_address: str = "nurture@example.com"
    folder: str = "notices"
    timeout: float = Field(default=10.0, gt=0, le=60)


class EmailNotice:
    """Mails the salesperson whose turn it is."""

    name = "email"

    def __init__(self, options: Options, workspace: Path) -> None:
        self._options = options
        self._folder = workspace / options.folder

    def notify(self, dossier: Dossier, target: Mapping[str, str], notice_key: str) -> NoticeOutcome:
        if not target.get("email"):
            team = target.get("team", "")
            return NoticeOutcome(False, False, f"team {team} has nobody to mail: set teams.{team}.members")
        try:
            message = self._message(dossier, target, notice_key)
        except (ValueError, MessageError) as error:
            return NoticeOutcome(False, False, f"{target['email']!r} cannot be mailed to: {error}")
        if not self._options.host:
            return self._write(message, notice_key)
        return self._send(message)

    def _message(self, dossier: Dossier, target: Mapping[str, str], notice_key: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        domain = self._options.from_address.rpartition("@")[2]
        message["From"] = self._options.from_address
        message["To"] = Address(one_line(target.get("name", "")), addr_spec=target["email"])
        who = dossier.contact.name or dossier.contact.email or f"contact {dossier.contact.id}"
        message["Subject"] = f"Hand-over {dossier.handover_id}: {one_line(who)}"
        message["Date"] = format_datetime(dossier.created_at)
        # The same on every attempt: a mail that was sent twice is seen once.
        message["Message-ID"] = f"<{notice_key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(render_dossier(dossier))
        return message

    def _write(self, message: EmailMessage, notice_key: str) -> NoticeOutcome:
        path = self._folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', notice_key)}.eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Renamed when it is whole: nobody reads half a mail, and a second attempt replaces the first.
            unfinished = path.with_suffix(".tmp")
            unfinished.write_bytes(message.as_bytes())
            unfinished.replace(path)
        except OSError as error:
            return NoticeOutcome(False, True, f"{path} cannot be written: {error.strerror}")
        return NoticeOutcome(True, reply=f"written to {path}")

    def _send(self, message: EmailMessage) -> NoticeOutcome:
        options = self._options
        try:
            with self._connect() as server:
                if options.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if options.username:
                    server.login(options.username, options.password.get_secret_value())
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            ((code, text),) = error.recipients.values()
            return NoticeOutcome(False, code < 500, f"refused: {code} {text.decode(errors='replace')}")
        except smtplib.SMTPResponseException as error:
            return NoticeOutcome(
                False, error.smtp_code < 500, f"refused: {error.smtp_code} {error.smtp_error!r}"
            )
        except (OSError, smtplib.SMTPException) as error:
            return NoticeOutcome(False, True, f"{options.host}:{options.port}: {error}")
        return NoticeOutcome(True, reply=f"taken by {options.host}")

    def _connect(self) -> smtplib.SMTP:
        options = self._options
        if options.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(options.host, options.port, timeout=options.timeout, context=context)
        return smtplib.SMTP(options.host, options.port, timeout=options.timeout)


def one_line(text: str) -> str:
    """What a header may hold of a text from elsewhere: printable, on one line, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80]


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [EmailNotice(config.options("email_notice", Options), config.workspace)]
