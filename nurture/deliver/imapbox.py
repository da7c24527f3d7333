"""Mails that came back, from a mailbox over IMAP (RFC 9051, and what came before it).

Taken mails get a keyword of our own, so that nobody who reads along in the same mailbox hides one from us;
where a server keeps no keywords they are marked as seen. None is ever deleted.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from nurture.deliver.bounces.mail import READ_AT_MOST
from nurture.errors import FeedbackError
from nurture.setting_bounces import Imap

KEYWORD = "$NurtureTaken"
TIMEOUT = 30.0

_UID = re.compile(rb"UID (\d+)")


class ImapBox:
    """A session with the mailbox of `[bounces.imap]`, made by `opened`."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection
        kept = b" ".join(part for part in connection.response("PERMANENTFLAGS")[1] if isinstance(part, bytes))
        self._mark, self._unmarked = (
            (KEYWORD, f"UNKEYWORD {KEYWORD}") if rb"\*" in kept else (r"\Seen", "UNSEEN")
        )

    def waiting(self) -> int:
        """How many mails were not taken yet."""
        return len(self._uids())

    def new_mails(self, at_most: int) -> dict[str, bytes]:
        """Mails that were not taken yet, by UID, the oldest first: their beginnings."""
        uids = self._uids()[:at_most]
        if not uids:
            return {}
        # PEEK: to look at a mail must not mark it.
        parts = self._say("fetch", ",".join(uids), f"(UID BODY.PEEK[]<0.{READ_AT_MOST}>)")
        found = {}
        for part in parts:
            if isinstance(part, tuple) and (uid := _UID.search(part[0])):
                found[uid[1].decode()] = part[1]
        return found

    def done(self, uids: list[str]) -> None:
        """Marks mails as taken."""
        if uids:
            self._say("store", ",".join(uids), "+FLAGS.SILENT", f"({self._mark})")

    def _uids(self) -> list[str]:
        return _words(self._say("search", None, self._unmarked))

    def _say(self, command: str, *arguments: str | None) -> list[bytes | tuple[bytes, bytes]]:
        kind, data = self._connection.uid(command, *(each for each in arguments if each is not None))
        if kind != "OK":
            raise FeedbackError(f"the IMAP server refuses {command.upper()}: {data!r}")
        return data


@contextmanager
def opened(settings: Imap) -> Iterator[ImapBox]:
    """A session. Raised when the server cannot be used, or breaks off: FeedbackError."""
    try:
        connection = _connected(settings)
        try:
            connection.login(settings.user, settings.password.get_secret_value())
            kind, data = connection.select(_quoted(settings.folder))
            if kind != "OK":
                raise FeedbackError(
                    f"the IMAP server has no folder {settings.folder!r}: {data!r}",
                    hint="correct folder under [bounces.imap]",
                )
            yield ImapBox(connection)
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()
    except (imaplib.IMAP4.error, OSError) as error:
        raise FeedbackError(
            f"the IMAP server at {settings.host}:{settings.port} cannot be used: {error}",
            hint="correct [bounces.imap] in nurture.toml",
        ) from error


def _connected(settings: Imap) -> imaplib.IMAP4:
    if settings.tls == "implicit":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=TIMEOUT)
    connection = imaplib.IMAP4(settings.host, settings.port, timeout=TIMEOUT)
    if settings.tls == "starttls":
        connection.starttls(ssl.create_default_context())
    return connection


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(data: list[bytes | tuple[bytes, bytes]]) -> list[str]:
    return [word.decode() for part in data if isinstance(part, bytes) for word in part.split()]
