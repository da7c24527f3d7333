"""Several ways out: shares, limits, rests and pauses, over real SMTP servers and both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.feedback import Feedback, FeedbackKind
from nurture.core.throttle import FIRST_REST, Limits, PausePolicy, WarmUp
from nurture.deliver.feedback import FeedbackBook
from nurture.deliver.relays import POLICY, Relay, Relays, overview
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.settings import Bounces, Firm, Mail, Settings
from nurture.store import schema, throttles
from nurture.store.engine import Store
from nurture.testing.smtp import Fault, SmtpServer, smtp_server
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Server
from tests.core.make import campaign
from tests.deliver.people import NOW, SIGNER, add_messages, rows, states

BLOCKED = "550 5.7.1 blocked: our list says that you send spam"
TOUCHY = PausePolicy(blocked=0.5, blocked_at_least=3, complaints=0.1, complaints_at_least=2)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nl" / "hi").mkdir(parents=True)
    (tmp_path / "nl" / "hi" / "welcome.html").write_text("---\nsubject: Welkom\n---\n{{ unsubscribe_url }}")
    (tmp_path / "nl" / "hi" / "welcome.txt").write_text("{{ unsubscribe_url }}")
    return tmp_path


@pytest.fixture
def main() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def second() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def send(store: Store, clock: VirtualClock, folder: Path) -> Iterator[Callable[..., Sender]]:
    """Makes a sender over relays; its transports are closed at the end."""
    opened: list[Relay] = []

    def make(*relays: Relay, batch: int = 10, **options: object) -> Sender:
        opened.extend(relays)
        settings = Settings(
            firm=Firm(name="De Webmakers"), mail=Mail(from_address="hallo@webmakers.example", batch=batch)
        )
        ways = Relays(relays, **options)  # type: ignore[arg-type]
        return Sender(
            store,
            clock,
            ways,
            TemplateLibrary([folder]),
            SIGNER,
            settings=settings,
            campaign_of=lambda _version: campaign(),
        )

    yield make
    for relay in opened:
        relay.transport.close()


def relay(name: str, server: SmtpServer, weight: int = 1, **limits: object) -> Relay:
    transport = SmtpTransport(Server(host=server.host, port=server.port, timeout=5), f"smtp.{name}")
    return Relay(name, transport, weight, Limits(**limits))  # type: ignore[arg-type]


def drain(sender: Sender) -> int:
    return sum(iter(lambda: sender.send_batch().claimed, 0))


# --- shares and limits --------------------------------------------------------------------------------


def test_relays_share_the_mails_by_their_weights(
    send: Callable[..., Sender], store: Store, main: SmtpServer, second: SmtpServer
) -> None:
    add_messages(store, 80)
    drain(send(relay("main", main, 3), relay("second", second, 1)))
    assert (len(main.journal), len(second.journal)) == (60, 20)


def test_the_outbox_tells_by_which_relay_a_mail_went(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 1)
    drain(send(relay("main", main)))
    assert rows(store)[0]["relay"] == "main"


def test_a_relay_sends_no_more_a_minute_than_its_limit(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 30)
    sender = send(relay("main", main, per_minute=12))
    sent = [drain(sender)]
    for _ in range(2):
        clock.sleep(60)
        sent.append(drain(sender))
    assert sent == [12, 12, 6]


def test_a_warm_up_sends_more_each_day(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 40)
    sender = send(relay("main", main, warm_up=WarmUp(NOW.date(), 5, 2.0)))
    sent = []
    for _ in range(4):
        sent.append(drain(sender))
        clock.sleep(86_400)
    assert sent == [5, 10, 20, 5]


def test_many_senders_together_keep_one_limit(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 60)
    senders = [send(relay("main", main, per_day=25), batch=4) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(drain, senders)) == 25


def test_what_one_relay_may_not_have_goes_by_the_other(
    send: Callable[..., Sender], store: Store, main: SmtpServer, second: SmtpServer
) -> None:
    add_messages(store, 30)
    drain(send(relay("main", main, 9, per_day=10), relay("second", second)))
    assert (len(main.journal), len(second.journal)) == (10, 20)


def test_a_domain_gets_no_more_a_minute_than_its_limit(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 30)
    sender = send(relay("main", main), domains={"example.com": Limits(per_minute=8)})
    drain(sender)
    first = len(main.journal)
    clock.sleep(60)
    drain(sender)
    assert (first, len(main.journal)) == (8, 16)


def test_mails_that_wait_for_their_domain_use_up_nothing_of_the_relays_day(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 30)
    sender = send(relay("main", main, per_day=20), domains={"example.com": Limits(per_minute=8)})
    for _ in range(4):
        drain(sender)
        clock.sleep(60)
    assert len(main.journal) == 20


def test_a_domain_with_all_its_places_taken_waits(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 3)
    sender = send(relay("main", main), domains={"example.com": Limits(at_once=1)})
    with store.write() as connection:
        assert throttles.take_place(connection, "example.com", 1, 7, NOW, timedelta(minutes=5))
    drain(sender)
    assert (len(main.journal), states(store)) == (0, ["ready"] * 3)
    clock.sleep(301)
    drain(sender)
    assert len(main.journal) == 3


def test_a_place_is_free_again_when_its_batch_has_ended(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 30)
    drain(send(relay("main", main), domains={"example.com": Limits(at_once=1)}))
    assert len(main.journal) == 30


# --- rests --------------------------------------------------------------------------------------------


def test_what_a_dead_relay_does_not_take_goes_by_the_other_at_once(
    send: Callable[..., Sender], store: Store, main: SmtpServer, second: SmtpServer
) -> None:
    add_messages(store, 20)
    sender = send(relay("main", main), relay("second", second))
    main.stop()
    drain(sender)
    assert (len(second.journal), states(store)) == (20, ["sent"] * 20)


def test_a_relay_that_says_421_is_left_alone_for_a_while(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 3)
    main.fail(Fault("mail", "421 4.7.0 too many connections", times=1))
    sender = send(relay("main", main))
    sender.send_batch()
    connections = main.connections
    with store.write() as connection:
        connection.execute(sa.update(schema.outbox).values(not_before=NOW))
    assert (sender.send_batch().claimed, main.connections) == (0, connections)
    clock.sleep(FIRST_REST.total_seconds() + 1)
    assert sender.send_batch().sent == 3


def test_a_domain_that_puts_all_off_is_left_alone_for_a_while(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 12)
    main.fail(Fault("rcpt", "451 4.7.1 come back later"))
    sender = send(relay("main", main), batch=6)
    sender.send_batch()
    asked = len(main.commands)
    report = sender.send_batch()
    assert (report.claimed, report.deferred) == (6, 6)
    assert not any(command.startswith("RCPT") for command in main.commands[asked:])


# --- pauses -------------------------------------------------------------------------------------------


def test_a_wave_of_refusals_because_of_us_pauses_the_relay(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 30)
    main.fail(Fault("rcpt", BLOCKED))
    told: list[tuple[str, str]] = []
    sender = send(relay("main", main), policy=TOUCHY, observe=lambda *said: told.append(said))
    drain(sender)
    assert states(store).count("failed") == 10
    assert told == [("main", "10 of 10 mails were refused because of us")]


def test_refusals_of_addresses_pause_nothing(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 30)
    main.fail(Fault("rcpt", "550 5.1.1 no such user"))
    drain(send(relay("main", main), policy=TOUCHY))
    assert states(store).count("failed") == 30


def test_complaints_pause_the_relay_that_the_mails_went_by(
    send: Callable[..., Sender], store: Store, clock: VirtualClock, main: SmtpServer
) -> None:
    add_messages(store, 4)
    drain(send(relay("main", main)))
    told: list[tuple[str, str]] = []
    relays = Relays([relay("main", main)], policy=TOUCHY, observe=lambda *said: told.append(said))
    book = FeedbackBook(store, clock, SIGNER, Bounces(), lambda signals: None, relays)
    complaints = [
        Feedback(FeedbackKind.COMPLAINT, f"reader{row['contact_id']}@example.com", NOW,
                 f"c{row['id']}", outbox_id=row["id"])
        for row in rows(store)[:2]
    ]  # fmt: skip
    book.apply(complaints)
    assert told == [("main", "2 of 4 mails were reported as spam")]


def test_a_relay_that_a_person_lets_go_on_has_a_clean_record(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 20)
    main.fail(Fault("rcpt", BLOCKED, times=10))
    sender = send(relay("main", main), policy=TOUCHY)
    drain(sender)
    with store.write() as connection:
        assert throttles.pause(connection, "main", None, NOW)
    assert drain(sender) == 10


def test_what_was_not_sent_by_a_paused_relay_stays_ready(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 3)
    with store.write() as connection:
        throttles.pause(connection, "main", "by hand", NOW)
    drain(send(relay("main", main)))
    assert states(store) == ["ready"] * 3


def test_the_overview_tells_what_stands_still_and_why(
    send: Callable[..., Sender], store: Store, main: SmtpServer
) -> None:
    add_messages(store, 5)
    one = relay("main", main, per_day=7)
    drain(send(one))
    with store.write() as connection:
        throttles.pause(connection, "main", "by hand", NOW)
        (row,) = overview(connection, Relays([one], policy=POLICY), NOW)
    assert (row["today"], row["limit"], row["paused"]) == (5, 7, "by hand")
