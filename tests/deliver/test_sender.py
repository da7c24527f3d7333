"""Sending once: real databases, a real SMTP conversation, and everything that can come between."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from nurture import Delivery, DeliveryState, OutboundMail, Ticket, Transport, TransportError
from nurture.clock import VirtualClock
from nurture.core.campaign import Policy, Window
from nurture.core.model import Contact
from nurture.deliver.relays import Relays
from nurture.deliver.sender import CLAIM_LEASE, PAUSES, Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.logs import reset_logs, set_up_logs
from nurture.settings import Bounces, Firm, Mail, Settings, Web
from nurture.store import outbox, outbox_view, schema
from nurture.store.engine import Store
from nurture.store.outbox import MAX_ATTEMPTS, Message, Recipient
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from nurture.tokens import CLICK, OPEN, UNSUBSCRIBE, LinkFacts, OpenFacts, UnsubscribeFacts
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options
from tests.core.make import campaign
from tests.deliver.people import NOW, SIGNER, add_messages, rows, states

BASE = "https://go.webmakers.example"
HTML = """---
subject: "Welkom {{ contact.first_name }}"
preheader: kort
---
<body><a class="b" href="https://webmakers.example/x?a=1&amp;b=2">zie</a>
<a href='mailto:hallo@webmakers.example'>mail</a> <a href="#top">op</a>
<link href="https://webmakers.example/style.css">
<a href="{{ unsubscribe_url }}">af</a></body>
"""
SETTINGS = Settings(
    firm=Firm(name="De Webmakers"),
    mail=Mail(from_address="hallo@webmakers.example", batch=10),
    web=Web(base_url=BASE),
)

ALWAYS = Window()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates" / "nl" / "hi"
    folder.mkdir(parents=True)
    (folder / "welcome.html").write_text(HTML)
    (folder / "welcome.txt").write_text("Dag {{ contact.first_name }}: https://webmakers.example/x")
    return tmp_path / "templates"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def make(store: Store, clock: VirtualClock, templates: Path) -> Callable[..., Sender]:
    """Makes a sender over a transport."""

    def make(transport: Transport, settings: Settings = SETTINGS, window: Window = ALWAYS) -> Sender:
        return Sender(
            store,
            clock,
            Relays.only(transport),
            TemplateLibrary([templates]),
            SIGNER,
            settings=settings,
            campaign_of=lambda _version: campaign(policy=Policy(window)),
        )

    return make


@pytest.fixture
def smtp(server: SmtpServer) -> Iterator[Transport]:
    transport = SmtpTransport(Options(host=server.host, port=server.port, timeout=5))
    yield transport
    transport.close()


@pytest.fixture
def sender(make: Callable[..., Sender], smtp: Transport) -> Sender:
    return make(smtp)


def contact_ids(server: SmtpServer) -> list[int]:
    """Whom the server has mail for."""
    return sorted(int(re.findall(r"\d+", recipient)[0]) for recipient in server.recipients())


def parsed(server: SmtpServer) -> EmailMessage:
    mail = email.message_from_bytes(server.journal[0].content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


# --- what arrives ------------------------------------------------------------------------------------


def test_what_is_due_is_sent_and_noted(sender: Sender, store: Store, server: SmtpServer) -> None:
    add_messages(store, 3)
    report = sender.send_batch()
    assert (report.claimed, report.sent, report.withheld) == (3, 3, 0)
    assert contact_ids(server) == [1, 2, 3]
    assert {(row["state"], row["done_at"], row["reply"]) for row in rows(store)} == {
        ("sent", NOW, "250 2.0.0 taken")
    }


def test_the_subject_that_was_sent_is_kept(sender: Sender, store: Store) -> None:
    add_messages(store, 2)
    sender.send_batch()
    assert [row["subject"] for row in rows(store)] == ["Welkom Reader1", "Welkom Reader2"]


def test_a_mail_carries_its_message_id_and_the_clocks_date(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    add_messages(store, 1)
    sender.send_batch()
    mail = parsed(server)
    assert (mail["Message-ID"], mail["Date"].datetime) == (rows(store)[0]["message_id"], NOW)


def test_links_carry_whose_they_are_and_where_they_lead(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    add_messages(store, 1)
    sender.send_batch()
    html = str(parsed(server).get_body(("html",)).get_content())  # type: ignore[union-attr]
    (row,) = rows(store)
    (click,) = re.findall(rf'href="{BASE}/c/([\w-]+)"', html)
    (pixel,) = re.findall(rf'<img src="{BASE}/o/([\w-]+)\.gif"[^>]*></body>', html)
    (leave,) = re.findall(rf'<a href="{BASE}/u/([\w-]+)"', html)
    assert SIGNER.read(CLICK, click, LinkFacts) == LinkFacts(
        row["id"], 1, "new-website", "welcome", "https://webmakers.example/x?a=1&b=2"
    )
    assert SIGNER.read(OPEN, pixel, OpenFacts) == OpenFacts(row["id"], 1, "new-website", "welcome")
    assert SIGNER.read(UNSUBSCRIBE, leave, UnsubscribeFacts) == UnsubscribeFacts(
        1, "marketing", row["id"], "new-website", "welcome"
    )


def test_other_addresses_are_left_alone(sender: Sender, store: Store, server: SmtpServer) -> None:
    add_messages(store, 1)
    sender.send_batch()
    html = str(parsed(server).get_body(("html",)).get_content())  # type: ignore[union-attr]
    for kept in (
        "'mailto:hallo@webmakers.example'",
        '"#top"',
        '<link href="https://webmakers.example/style.css">',
    ):
        assert kept in html


def test_one_click_leads_where_the_link_in_the_mail_leads(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    add_messages(store, 1)
    sender.send_batch()
    mail = parsed(server)
    url = mail["List-Unsubscribe"].strip("<>")
    assert f'<a href="{url}">' in str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]


@pytest.mark.parametrize(("maildir", "by_mail"), [("mail/back", True), ("", False)])
def test_a_mail_that_asks_to_leave_is_offered_only_where_somebody_reads_it(
    make: Callable[..., Sender], smtp: Transport, maildir: str, by_mail: bool
) -> None:
    mail = SETTINGS.mail.model_copy(update={"return_path": "back.webmakers.example"})
    settings = SETTINGS.model_copy(update={"mail": mail, "bounces": Bounces(maildir=maildir)})
    message = Message(1, 1, "c", 1, "s", "hi/welcome", "marketing", "nl", "<1@x>", "at_most_once", 1)
    recipient = Recipient(Contact(1, NOW, email="a@example.com", first_name="An"), None)
    content = make(smtp, settings).writer.write(message, recipient, NOW).mail.content
    assert (b"<mailto:bounce+" in content) is by_mail


def test_untracked_mail_has_no_personal_link_and_no_pixel(sender: Sender) -> None:
    message = Message(1, 1, "c", 1, "s", "hi/welcome", "marketing", "nl", "<1@x>", "at_most_once", 1)
    recipient = Recipient(Contact(1, NOW, email="a@example.com", first_name="An"), None)
    content = sender.writer.write(message, recipient, NOW, tracked=False).mail.content.decode()
    assert ("/c/" in content, "/o/" in content, "List-Unsubscribe:" in content) == (False, False, True)


def test_a_preview_shows_the_mail_without_sending_it(sender: Sender) -> None:
    message = Message(0, 1, "c", 1, "s", "hi/welcome", "marketing", "nl", "<1@x>", "at_most_once", 0)
    shown = sender.writer.preview(message, Recipient(Contact(1, NOW, first_name="An"), None))
    assert (shown.subject, shown.text) == ("Welkom An", "Dag An: https://webmakers.example/x")


def test_an_empty_outbox_is_no_work(sender: Sender, server: SmtpServer) -> None:
    assert (sender.send_batch().claimed, server.connections) == (0, 0)


# --- batches -----------------------------------------------------------------------------------------


def test_a_batch_is_no_larger_than_the_setting(sender: Sender, store: Store) -> None:
    add_messages(store, 12)
    assert [sender.send_batch().claimed for _ in range(3)] == [10, 2, 0]


def test_the_number_of_statements_does_not_depend_on_the_batch(
    make: Callable[..., Sender], smtp: Transport, store: Store
) -> None:
    add_messages(store, 111)
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    counts = []
    for size in (1, 10, 100):
        statements.clear()
        settings = SETTINGS.model_copy(update={"mail": SETTINGS.mail.model_copy(update={"batch": size})})
        assert make(smtp, settings).send_batch().sent == size
        counts.append(len([one for one in statements if not one.startswith("BEGIN")]))
    assert counts[0] == counts[1] == counts[2] <= 9


# --- refusals and broken conversations ---------------------------------------------------------------


def test_a_refused_mail_fails_and_is_reported(sender: Sender, store: Store, server: SmtpServer) -> None:
    server.fail(Fault("rcpt", "550 5.1.1 no such user", recipient="reader2@example.com"))
    add_messages(store, 3)
    report = sender.send_batch()
    assert states(store) == ["sent", "failed", "sent"]
    assert [(one.contact_id, one.reply) for one in report.refused] == [(2, "550 5.1.1 no such user")]


def test_a_refused_mail_leaves_a_bounce_that_no_human_made(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    server.fail(Fault("rcpt", "550 5.1.1 no such user", recipient="reader2@example.com"))
    add_messages(store, 3)
    sender.send_batch()
    with store.read() as connection:
        signal = schema.signal.c
        found = connection.execute(sa.select(signal.contact_id, signal.kind, signal.classed)).all()
    assert found == [(2, "bounced", "machine")]


def test_a_deferred_mail_is_tried_again_later_and_later(
    sender: Sender, store: Store, server: SmtpServer, clock: VirtualClock
) -> None:
    server.fail(Fault("rcpt", "451 4.7.1 greylisted", times=2))
    add_messages(store, 1)
    waits = []
    for _ in range(2):
        assert sender.send_batch().deferred == 1
        waits.append(rows(store)[0]["not_before"] - clock.now())
        assert sender.send_batch().claimed == 0
        clock.advance(waits[-1])
    assert (sender.send_batch().sent, waits) == (1, [timedelta(minutes=1), timedelta(minutes=5)])


def test_a_mail_that_is_always_deferred_fails_at_last(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    server.fail(Fault("rcpt", "451 4.7.1 greylisted"))
    add_messages(store, 1, attempts=MAX_ATTEMPTS - 1)
    assert sender.send_batch().failed == 1


def test_a_drop_after_the_dot_is_unknown_and_never_sent_again(
    sender: Sender, store: Store, server: SmtpServer, clock: VirtualClock
) -> None:
    server.fail(Fault("dot", None, recipient="reader2@example.com", keep=True))
    add_messages(store, 3)
    sender.send_batch()
    clock.advance(timedelta(days=30))
    sender.sweep()
    sender.send_batch()
    assert (states(store), contact_ids(server)) == (["sent", "unknown", "sent"], [1, 2, 3])


def test_a_drop_before_the_dot_is_tried_again(
    sender: Sender, store: Store, server: SmtpServer, clock: VirtualClock
) -> None:
    server.fail(Fault("data", None, times=1))
    add_messages(store, 2)
    assert sender.send_batch().deferred == 2
    clock.advance(timedelta(minutes=1))
    assert (sender.send_batch().sent, contact_ids(server)) == (2, [1, 2])


def test_a_server_that_is_gone_costs_nothing_but_time(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    server.stop()
    add_messages(store, 2)
    report = sender.send_batch()
    assert (report.deferred, "cannot be reached" in report.error) == (2, True)
    assert {(row["state"], row["attempts"], row["not_before"] > NOW) for row in rows(store)} == {
        ("ready", 0, True)
    }


MORNINGS = Window(frozenset({1, 2}), time(9), time(11))
"""On the readers' clock; at NOW it is 10 there, on a Monday."""


def test_a_mail_that_comes_too_late_for_its_window_waits_for_the_next(
    make: Callable[..., Sender], smtp: Transport, store: Store, clock: VirtualClock, server: SmtpServer
) -> None:
    add_messages(store, 2)
    sender = make(smtp, window=MORNINGS)
    clock.sleep(3600)
    sender.send_batch()
    assert server.journal == []
    assert {(row["state"], row["attempts"], row["not_before"]) for row in rows(store)} == {
        ("ready", 0, NOW + timedelta(hours=23))
    }


def test_a_mail_that_waited_for_its_window_goes_when_it_opens(
    make: Callable[..., Sender], smtp: Transport, store: Store, clock: VirtualClock
) -> None:
    add_messages(store, 1)
    sender = make(smtp, window=MORNINGS)
    clock.sleep(3600)
    sender.send_batch()
    clock.sleep(22 * 3600)
    assert (sender.send_batch().sent, states(store)) == (1, ["sent"])


def test_a_window_without_end_of_its_quiet_days_is_looked_at_again_in_a_day(
    make: Callable[..., Sender], smtp: Transport, store: Store
) -> None:
    add_messages(store, 1)
    make(smtp, window=Window(quiet=((NOW.date(), NOW.date() + timedelta(days=900)),))).send_batch()
    assert [row["not_before"] for row in rows(store)] == [NOW + timedelta(days=1)]


def test_mail_is_not_given_up_while_the_server_is_gone(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    server.stop()
    add_messages(store, 1, attempts=MAX_ATTEMPTS + 5)
    assert (sender.send_batch().deferred, states(store)) == (1, ["ready"])


# --- what comes between the claim and the mark -------------------------------------------------------


class Interrupted:
    """A transport in front of another: something happens after the claim, before the ticket is asked."""

    name = "interrupted"

    def __init__(self, behind: Transport, happens: Callable[[], None]) -> None:
        self._behind = behind
        self._happens = happens

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        self._happens()
        return list(self._behind.deliver(mails, ticket))

    def close(self) -> None:
        self._behind.close()


def test_an_unsubscribe_between_claim_and_mark_withholds_the_mail(
    make: Callable[..., Sender], smtp: Transport, store: Store, server: SmtpServer
) -> None:
    def unsubscribe() -> None:
        with store.write() as connection:
            connection.execute(
                sa.update(schema.consent).where(schema.consent.c.contact_id == 1).values(granted=False)
            )

    add_messages(store, 2)
    report = make(Interrupted(smtp, unsubscribe)).send_batch()
    assert (report.sent, report.withheld) == (1, 1)
    assert (states(store), contact_ids(server)) == (["withheld", "sent"], [2])


def test_a_worker_that_slept_through_its_lease_sends_nothing(
    make: Callable[..., Sender], smtp: Transport, store: Store, server: SmtpServer, clock: VirtualClock
) -> None:
    other = make(smtp)

    def oversleep() -> None:
        clock.advance(timedelta(seconds=30))
        other.sweep()
        assert other.send_batch().sent == 2

    add_messages(store, 2)
    report = make(Interrupted(smtp, oversleep)).send_batch()
    assert (report.sent, contact_ids(server), states(store)) == (0, [1, 2], ["sent", "sent"])


class Forgetful:
    """A transport that breaks its contract: it asks, and then fails or says nothing."""

    name = "forgetful"

    def __init__(self, error: bool) -> None:
        self._error = error

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        ticket.begin(mails[:1])
        if self._error:
            raise TransportError("broken")
        return []

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("error", [True, False])
def test_what_a_transport_does_not_tell_is_unknown_where_it_may_have_gone(
    make: Callable[..., Sender], store: Store, error: bool
) -> None:
    add_messages(store, 2)
    make(Forgetful(error)).send_batch()
    assert sorted(states(store)) == ["ready", "unknown"]


class Unsure:
    """A transport that never knows."""

    name = "unsure"

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        return [Delivery(one, DeliveryState.UNKNOWN) for one in ticket.begin(mails)]

    def close(self) -> None:
        """Nothing to close."""


def test_a_message_that_may_go_twice_is_tried_again_when_unknown(
    make: Callable[..., Sender], store: Store
) -> None:
    add_messages(store, 1, guarantee="at_least_once")
    assert (make(Unsure()).send_batch().deferred, states(store)) == (1, ["ready"])


# --- what must not cost a mail -------------------------------------------------------------------------


class Scripted:
    """A transport that does what it is told."""

    name = "scripted"

    def __init__(self, says: Callable[[Sequence[OutboundMail], Ticket], Iterable[Delivery]]) -> None:
        self.says = says

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        return self.says(mails, ticket)

    def close(self) -> None:
        """Nothing to close."""


def away(mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
    raise TransportError("away")


def saying(state: DeliveryState, reply: str = "") -> Callable[..., list[Delivery]]:
    def says(mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        ticket.begin(mails)
        return [Delivery(mail.outbox_id, state, reply) for mail in mails]

    return says


@pytest.fixture
def after_an_outage(
    make: Callable[..., Sender], store: Store, clock: VirtualClock
) -> tuple[Sender, Scripted]:
    """A sender, and its relay that was away for longer than a mail has attempts."""
    transport = Scripted(away)
    sender = make(transport)
    add_messages(store, 2)
    for _ in range(MAX_ATTEMPTS + 1):
        assert sender.send_batch().deferred == 2
        clock.advance(timedelta(minutes=16))
    return sender, transport


def test_a_first_deferral_after_an_outage_is_no_failure(
    after_an_outage: tuple[Sender, Scripted], store: Store
) -> None:
    sender, transport = after_an_outage
    transport.says = saying(DeliveryState.DEFERRED, "450 greylisted")
    assert (sender.send_batch().deferred, states(store)) == (2, ["ready", "ready"])


def test_a_worker_that_dies_after_an_outage_costs_no_mail(
    after_an_outage: tuple[Sender, Scripted], store: Store, clock: VirtualClock
) -> None:
    with store.write() as connection:
        outbox.claim(connection, clock.now(), 10, CLAIM_LEASE)
    clock.advance(CLAIM_LEASE)
    after_an_outage[0].sweep()
    assert states(store) == ["ready", "ready"]


def test_a_server_that_takes_longer_than_the_claim_gets_its_mail(
    make: Callable[..., Sender], smtp: Transport, store: Store, clock: VirtualClock
) -> None:
    add_messages(store, 2)
    slow = Interrupted(smtp, lambda: clock.advance(CLAIM_LEASE * 2))
    assert make(slow).send_batch().sent == 2


def swept_meanwhile(store: Store, clock: VirtualClock) -> None:
    clock.advance(CLAIM_LEASE)
    with store.write() as connection:
        assert outbox.sweep(connection, clock.now()).ready == 2


@pytest.mark.parametrize("says", [saying(DeliveryState.NOT_TRIED, "withheld"), away], ids=["begun", "away"])
def test_a_mail_is_not_given_up_while_a_slow_server_outlasts_every_claim(
    make: Callable[..., Sender], store: Store, clock: VirtualClock, says: Callable[..., list[Delivery]]
) -> None:
    transport = Scripted(says)
    sender = make(Interrupted(transport, lambda: swept_meanwhile(store, clock)))
    add_messages(store, 2, attempts=MAX_ATTEMPTS - 2)
    for _ in range(MAX_ATTEMPTS):
        sender.send_batch()
        clock.advance(timedelta(minutes=15))
    assert {(row["state"], row["attempts"]) for row in rows(store)} == {("ready", MAX_ATTEMPTS - 2)}


def test_a_lost_claim_is_not_reported_as_withheld(
    make: Callable[..., Sender], smtp: Transport, store: Store, clock: VirtualClock
) -> None:
    sender = make(Interrupted(smtp, lambda: swept_meanwhile(store, clock)))
    add_messages(store, 2)
    report = sender.send_batch()
    assert (report.lost, report.withheld, report.deferred) == (2, 0, 0)


def hiccup(store: Store, start: str, times: int) -> None:
    """From now on the database cannot do statements with that `start`, so many times."""
    left = list(range(times))

    def stop(*arguments: Any) -> None:
        if arguments[2].startswith(start) and left:
            left.pop()
            raise sa.exc.OperationalError(arguments[2], {}, Exception("deadlock detected"))

    event.listen(store.engine, "before_cursor_execute", stop)


def _one_refused(mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
    ticket.begin(mails)
    codes = [DeliveryState.SENT] * (len(mails) - 1) + [DeliveryState.FAILED]
    return [Delivery(mail.outbox_id, state, "x\0") for mail, state in zip(mails, codes, strict=True)]


def _bounced(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(schema.signal)).scalar_one()


@pytest.mark.parametrize("times", [1, len(PAUSES)])
def test_what_is_known_survives_a_deadlock(make: Callable[..., Sender], store: Store, times: int) -> None:
    add_messages(store, 3)

    def deliver(mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        said = _one_refused(mails, ticket)
        hiccup(store, "UPDATE outbox", times)
        return said

    make(Scripted(deliver)).send_batch()
    assert (states(store), _bounced(store)) == (["sent", "sent", "failed"], 1)


@pytest.fixture
def plain_logs() -> Iterator[None]:
    """Logs as commands write them; structlog by itself paints an exception, which takes a second."""
    set_up_logs()
    yield
    reset_logs()


@pytest.mark.usefixtures("plain_logs")
@pytest.mark.parametrize(("times", "bounces"), [(1, 1), (100, 0)])
def test_bounces_that_cannot_be_stored_take_no_outcome_with_them(
    make: Callable[..., Sender], store: Store, times: int, bounces: int
) -> None:
    add_messages(store, 3)
    hiccup(store, "INSERT INTO signal", times)
    make(Scripted(_one_refused)).send_batch()
    assert (states(store), _bounced(store)) == (["sent", "sent", "failed"], bounces)


def test_outcomes_that_cannot_be_stored_at_all_are_an_error(
    make: Callable[..., Sender], store: Store
) -> None:
    add_messages(store, 1)

    def deliver(mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        said = _one_refused(mails, ticket)
        hiccup(store, "UPDATE outbox", len(PAUSES) + 1)
        return said

    with pytest.raises(sa.exc.OperationalError, match="deadlock"):
        make(Scripted(deliver)).send_batch()


def test_a_defect_of_a_transport_takes_back_nothing_that_it_told(
    make: Callable[..., Sender], store: Store
) -> None:
    def deliver(mails: Sequence[OutboundMail], ticket: Ticket) -> Iterator[Delivery]:
        ticket.begin(mails[:2])
        yield Delivery(mails[0].outbox_id, DeliveryState.SENT, "250")
        raise ConnectionResetError("a defect")

    add_messages(store, 3)
    report = make(Scripted(deliver)).send_batch()
    assert sorted(states(store)) == ["ready", "sent", "unknown"]
    assert report.error == "the transport scripted failed: ConnectionResetError: a defect"


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.FAILED])
def test_a_reply_with_controls_can_be_stored(
    make: Callable[..., Sender], store: Store, state: DeliveryState
) -> None:
    add_messages(store, 1)
    make(Scripted(saying(state, "250 \0queued\x07"))).send_batch()
    assert [(row["state"], row["reply"]) for row in rows(store)] == [(state.value, "250  queued")]


# --- mails that cannot be written --------------------------------------------------------------------


def change_contact(store: Store, contact_id: int, **values: object) -> None:
    with store.write() as connection:
        contact = schema.contact
        connection.execute(sa.update(contact).where(contact.c.id == contact_id).values(**values))


def test_a_mail_that_cannot_be_written_fails_alone(sender: Sender, store: Store) -> None:
    add_messages(store, 2)
    change_contact(store, 1, first_name=None)
    report = sender.send_batch()
    assert (report.sent, report.failed, states(store)) == (1, 1, ["failed", "sent"])
    assert "contact.first_name is not known" in report.problems[0]
    assert rows(store)[0]["reply"] == report.problems[0]


@pytest.mark.parametrize(
    ("address", "reason"), [(None, "no e-mail address"), ("a b@example.com", "no mail can be sent to")]
)
def test_a_contact_that_cannot_be_addressed_gets_a_reason(
    sender: Sender, store: Store, address: str | None, reason: str
) -> None:
    add_messages(store, 1)
    change_contact(store, 1, email=address)
    sender.send_batch()
    assert (states(store), reason in rows(store)[0]["reply"]) == (["failed"], True)


def test_letters_outside_ascii_are_refused_with_a_reason_where_smtputf8_is_not_offered(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    add_messages(store, 2)
    change_contact(store, 1, email="jürgen@bücher.example")
    sender.send_batch()
    assert (states(store), server.recipients()) == (["failed", "sent"], ["reader2@example.com"])
    assert rows(store)[0]["reply"].endswith("the mail server offers no SMTPUTF8")


def test_letters_outside_ascii_go_where_smtputf8_is_offered(
    sender: Sender, store: Store, server: SmtpServer
) -> None:
    server.extensions = ("PIPELINING", "8BITMIME", "SMTPUTF8")
    add_messages(store, 2)
    change_contact(store, 1, email="jürgen@bücher.example")
    sender.send_batch()
    assert sorted(server.recipients()) == ["jürgen@xn--bcher-kva.example", "reader2@example.com"]
    mails = [command for command in server.commands if command.startswith("MAIL")]
    assert sorted(command.endswith(" SMTPUTF8") for command in mails) == [False, True]


def test_a_missing_template_fails_with_its_name(sender: Sender, store: Store) -> None:
    add_messages(store, 1, template="hi/welcom")
    assert "did you mean hi/welcome" in sender.send_batch().problems[0]


def test_lead_data_makes_no_header(sender: Sender, store: Store, server: SmtpServer) -> None:
    add_messages(store, 1)
    change_contact(store, 1, first_name="An\r\nBcc: x@example.com", name="x\r\nBcc: y@example.com\r\n\r\nhi")
    sender.send_batch()
    mail = parsed(server)
    assert (mail["Bcc"], mail["Subject"]) == (None, "Welkom An Bcc: x@example.com")


def test_a_failed_mail_can_be_sent_again_by_hand(sender: Sender, store: Store, server: SmtpServer) -> None:
    add_messages(store, 1)
    change_contact(store, 1, first_name=None)
    sender.send_batch()
    change_contact(store, 1, first_name="An")
    with store.write() as connection:
        outbox_view.resolve(connection, [rows(store)[0]["id"]], "resend", NOW)
    assert (sender.send_batch().sent, contact_ids(server)) == (1, [1])
