"""Mails to colleagues: the options of a mail server, the head of a notice's mail, and sending it."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from nurture.core.model import Notice, SalesPerson
from nurture.core.words import on_one_line
from nurture.plug.contracts import NoticeOutcome


class MailServer(BaseModel):
    """Options of a plugin that mails colleagues; to inherit from. Without a `host` there is no server."""

    model_config = ConfigDict(extra="forbid")

    host: str = ""
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: SecretStr = SecretStr("")
    from_address: str = "nurture@example.com"
    timeout: float = Field(default=10.0, gt=0, le=60)


def one_line(text: str) -> str:
    """What a header may hold of a text from elsewhere: printable, on one line, not too long."""
    return on_one_line(text)[:80]


def notice_head(server: MailServer, notice: Notice, to: SalesPerson, subject: str) -> EmailMessage:
    """A mail with the headers of a notice, without a text yet.

    Raised when `to` cannot be mailed to: ValueError or MessageError.
    """
    message = EmailMessage(policy=SMTP)
    domain = server.from_address.rpartition("@")[2]
    message["From"] = server.from_address
    message["To"] = Address(one_line(to.name), addr_spec=to.email)
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(notice.at)
    # The same on every attempt: a mail that was sent twice is seen once.
    message["Message-ID"] = f"<{notice.key}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def send_mail(server: MailServer, message: EmailMessage) -> NoticeOutcome:
    """Hands a mail to the server, and says what came of it."""
    try:
        with _connect(server) as connection:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(server.username, server.password.get_secret_value())
            connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        # Refused by all; what passes for one of them is worth another try.
        code, text = min(error.recipients.values())
        return NoticeOutcome(False, code < 500, f"refused: {code} {text.decode(errors='replace')}")
    except smtplib.SMTPResponseException as error:
        return NoticeOutcome(False, error.smtp_code < 500, f"refused: {error.smtp_code} {error.smtp_error!r}")
    except (OSError, smtplib.SMTPException) as error:
        return NoticeOutcome(False, True, f"{server.host}:{server.port}: {error}")
    return NoticeOutcome(True, reply=f"taken by {server.host}")


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
