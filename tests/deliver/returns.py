"""Mails that came back about mails of ours, and what is needed to take them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.deliver.feedback import FeedbackBook
from nurture.deliver.inbound import Inbound
from nurture.deliver.relays import Relays
from nurture.deliver.returnpath import ReturnPath
from nurture.setting_bounces import Bounces
from nurture.store import schema
from nurture.store.engine import Store
from tests.deliver.people import NOW, SIGNER, add_messages, rows

OURS = "hello@webmakers.example"
DOMAIN = "bounces.webmakers.example"
SIGNED = ReturnPath(SIGNER, DOMAIN, OURS)
PLAIN = ReturnPath(SIGNER, "", OURS)


def inbound(store: Store, return_path: ReturnPath = SIGNED) -> Inbound:
    book = FeedbackBook(store, VirtualClock(NOW), SIGNER, Bounces(), lambda signals: None, Relays([]))
    return Inbound(book, VirtualClock(NOW), return_path, OURS)


def add_sent(store: Store, count: int = 3) -> None:
    """Contacts 1, 2, …, each with a mail that went out under the same outbox id."""
    add_messages(store, count, state="sent", done_at=NOW)
    with store.write() as connection:
        connection.execute(
            sa.insert(schema.identity),
            [
                {"kind": "email", "value": f"reader{n}@example.com", "contact_id": n}
                for n in range(1, count + 1)
            ],
        )


def message_id(store: Store, number: int = 1) -> str:
    found: str = rows(store)[number - 1]["message_id"]
    return found


def signals(store: Store) -> list[tuple[int, str]]:
    signal = schema.signal.c
    with store.read() as connection:
        found = connection.execute(sa.select(signal.contact_id, signal.kind).order_by(signal.id))
        return [(row[0], row[1]) for row in found]


def suppressed(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.suppression)) or 0


def mail(body: str, **headers: Any) -> bytes:
    """A small mail; names of headers with _ for -."""
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"{head}\n{body}\n".encode()


def bounce(to: str, *, words: str = "550 5.1.1 no such user here", quoted: str = "", key: str = "1") -> bytes:
    """A bounce of qmail's make about reader1."""
    body = (
        "Hi. This is the qmail-send program at mx.example.com.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        f"<reader1@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: {words}\n\n"
        f"--- Below this line is a copy of the message.\n\nReturn-Path: <x@example.org>\n{quoted}"
    )
    return mail(
        body,
        From="MAILER-DAEMON@mx.example.com",
        To=to,
        Subject="failure notice",
        Message_ID=f"<{key}@mx.example.com>",
        Date="Mon, 2 Mar 2026 08:59:00 +0000",
    )
