"""What a server refuses at the door counts as what comes back later does; and where that comes back to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.campaign import Policy, Window
from nurture.deliver.relays import Relays
from nurture.deliver.returnpath import ReturnPath
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.settings import Firm, Mail, Settings
from nurture.store import schema
from nurture.store.engine import Store
from nurture.store.outbox import MAX_ATTEMPTS
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options
from tests.core.make import campaign
from tests.deliver.people import NOW, SIGNER, add_messages, rows

FIRM = Firm(name="De Webmakers", address="Straat 1")
RETURNS = "bounces.webmakers.example"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def send(store: Store, server: SmtpServer, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Sends what is due."""
    folder = tmp_path / "templates" / "nl" / "hi"
    folder.mkdir(parents=True)
    (folder / "welcome.html").write_text('---\nsubject: x\n---\n<a href="{{ unsubscribe_url }}">af</a>')
    (folder / "welcome.txt").write_text("Dag")
    transport = SmtpTransport(Options(host=server.host, port=server.port, timeout=5))
    sender = Sender(
        store,
        VirtualClock(NOW),
        Relays.only(transport),
        TemplateLibrary([tmp_path / "templates"]),
        SIGNER,
        settings=Settings(firm=FIRM, mail=Mail(from_address="hallo@webmakers.example", return_path=RETURNS)),
        campaign_of=lambda _version: campaign(policy=Policy(Window())),
    )
    yield sender.send_batch
    transport.close()


def suppressed(store: Store) -> list[bytes]:
    with store.read() as connection:
        return list(connection.scalars(sa.select(schema.suppression.c.address_hash)))


def severities(store: Store) -> list[str]:
    with store.read() as connection:
        return [data["severity"] for data in connection.scalars(sa.select(schema.signal.c.data))]


def test_an_address_that_was_refused_for_good_gets_no_more_mail(
    send: Callable[[], object], store: Store, server: SmtpServer
) -> None:
    server.fail(Fault("rcpt", "550 5.1.1 no such user", recipient="reader2@example.com"))
    add_messages(store, 3)
    send()
    assert suppressed(store) == [SIGNER.address_hash("reader2@example.com")]


@pytest.mark.parametrize(
    ("reply", "severity"),
    [("552 5.2.2 mailbox full", "soft"), ("550 5.7.1 blocked by our policy", "ours"), ("554 no", "soft")],
)
def test_a_refusal_that_is_not_final_suppresses_nobody(
    send: Callable[[], object], store: Store, server: SmtpServer, reply: str, severity: str
) -> None:
    server.fail(Fault("rcpt", reply, recipient="reader2@example.com"))
    add_messages(store, 3)
    send()
    assert (suppressed(store), severities(store)) == ([], [severity])


def test_the_last_of_too_many_put_offs_is_a_soft_bounce_whatever_it_says(
    send: Callable[[], object], store: Store, server: SmtpServer
) -> None:
    server.fail(Fault("rcpt", "450 4.1.1 user unknown", recipient="reader1@example.com"))
    add_messages(store, 1, attempts=MAX_ATTEMPTS - 1)
    send()
    assert [row["state"] for row in rows(store)] == ["failed"]
    assert (suppressed(store), severities(store)) == ([], ["soft"])


def test_a_put_off_that_will_be_tried_again_is_no_bounce(
    send: Callable[[], object], store: Store, server: SmtpServer
) -> None:
    server.fail(Fault("rcpt", "450 4.1.1 user unknown", recipient="reader1@example.com"))
    add_messages(store, 1)
    send()
    assert severities(store) == []


def test_each_mail_has_an_envelope_that_says_which_it_is(
    send: Callable[[], object], store: Store, server: SmtpServer
) -> None:
    add_messages(store, 2)
    send()
    path = ReturnPath(SIGNER, RETURNS, "")
    assert [mail.sender for mail in server.journal] == [path.address(1), path.address(2)]
