"""Takes what comes back over LMTP (RFC 2033) or SMTP (RFC 5321).

Each mail lies durably in the Maildir before it is answered.

Only mail to addresses of ours is taken, so that nobody can use the disk, or reach anybody else.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from nurture.deliver.maildirs import Maildir
from nurture.deliver.returnpath import ReturnPath
from nurture.errors import SettingsError
from nurture.logs import Log
from nurture.setting_bounces import Bounces

SIZE_AT_MOST = 20 * 1024 * 1024
RECIPIENTS_AT_MOST = 50

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")

log = Log(__name__)


class _Handler:
    def __init__(self, maildir: Maildir, is_ours: Callable[[str], bool], *, replies_each: bool) -> None:
        self._maildir = maildir
        self._is_ours = is_ours
        self._replies_each = replies_each

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._is_ours(address):
            return "550 5.1.1 no such address here"
        if len(envelope.rcpt_tos) >= RECIPIENTS_AT_MOST:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        head = f"Return-Path: <{_UNSAFE.sub('', envelope.mail_from or '')}>\r\n"
        head += "".join(f"Delivered-To: {_UNSAFE.sub('', each)}\r\n" for each in envelope.rcpt_tos)
        content = envelope.content
        body = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        try:
            self._maildir.keep(head.encode("utf-8", "replace") + body)
        except OSError as error:
            log.error("a mail that came back could not be kept", error=str(error))
            answer = "451 4.3.0 it could not be kept; please try again"
        else:
            answer = "250 2.0.0 kept"
        # LMTP answers for each recipient (RFC 2033, section 4.2).
        return "\r\n".join([answer] * (len(envelope.rcpt_tos) if self._replies_each else 1))


@contextmanager
def listening(
    settings: Bounces, maildir: Maildir | None, return_path: ReturnPath, others: Collection[str]
) -> Iterator[tuple[str, int]]:
    """Listens at `settings.listen` until the end; gives the host and port.

    Mail is taken for return paths that we made, and for `others` of our addresses. Raised when the address
    cannot be used, or there is no Maildir: SettingsError.
    """
    if maildir is None:
        raise SettingsError(
            "bounces.listen is set, but there is no Maildir to keep the mails in",
            hint="write maildir under [bounces]",
        )
    host, _, port = settings.listen.rpartition(":")
    known = {address.lower() for address in others if address}

    def is_ours(address: str) -> bool:
        return address.lower() in known or return_path.mail_in(address) is not None

    protocol = LMTP if settings.protocol == "lmtp" else SMTP
    handler = _Handler(maildir, is_ours, replies_each=settings.protocol == "lmtp")

    def conversation() -> SMTP:
        return protocol(
            handler, data_size_limit=SIZE_AT_MOST, ident="Nurture", enable_SMTPUTF8=True, loop=loop
        )

    loop = asyncio.new_event_loop()
    try:
        server = loop.run_until_complete(loop.create_server(conversation, host.strip("[]"), int(port)))
    except OSError as error:
        loop.close()
        raise SettingsError(
            f"bounces.listen: {settings.listen} cannot be used: {error.strerror or error}",
            hint="end the program that uses it, or write another host:port",
        ) from error
    thread = threading.Thread(target=loop.run_forever, name="listener", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Takes no more, and breaks off what is under way: it was not answered, and comes again."""
    server.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
