"""`[bounces]`: what comes back, and by which ways."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, SecretStr

from nurture.setting_kinds import Days, Section


class Imap(Section):
    """A mailbox in which bounces and replies arrive; without a `host` none is read."""

    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: str = ""
    password: SecretStr = SecretStr("")
    folder: str = "INBOX"


class Bounces(Section):
    """What comes back. An address whose mails bounced softly `soft_limit` times within `soft_within` (days or
    weeks) gets no more mail; a hard bounce or a complaint suffices by itself.

    `maildir` is a Maildir into which a mail server delivers what comes back, or into which Nurture does
    itself: it then listens at `listen` (host:port) and speaks `protocol`.
    """

    soft_limit: int = Field(default=3, ge=1)
    soft_within: Days = timedelta(days=30)
    maildir: str = ""
    listen: str = Field(default="", pattern=r"^(|(\[[0-9a-fA-F:]+\]|[^:\s]+):[0-9]{1,5})$")
    protocol: Literal["lmtp", "smtp"] = "lmtp"
    imap: Imap = Imap()

    @property
    def is_read(self) -> bool:
        """Whether anybody reads what comes back."""
        return bool(self.maildir or self.imap.host)
