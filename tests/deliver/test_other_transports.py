"""Messages that go another way than by SMTP: over an HTTP API with keys, and to telephones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture import Transport
from nurture.clock import VirtualClock
from nurture.core.channels import Channel
from nurture.deliver.relays import Relay, Relays
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.settings import Firm, Mail, Settings, Web
from nurture.store import outbox, schema
from nurture.store.engine import Store
from nurture.tokens import UNSUBSCRIBE, UnsubscribeFacts
from plugins import resend, sms_gateway
from tests.core.make import campaign
from tests.deliver.people import DOMAIN, NOW, SIGNER, add_contacts, add_messages, rows, send, states
from tests.plugins.http import Reply, WebServer, answering, serving
from tests.plugins.resend_api import API_KEY, Fault, ResendApi, error, resend_api

HANG_UP = Reply(hang_up=True)
SETTINGS = Settings(
    firm=Firm(name="De Webmakers"),
    mail=Mail(from_address="hallo@webmakers.example", batch=10),
    web=Web(base_url="https://go.webmakers.example"),
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates/nl/hi"
    folder.mkdir(parents=True)
    (folder / "welcome.html").write_text('---\nsubject: Hi\n---\n<a href="{{ unsubscribe_url }}">x</a>')
    (folder / "welcome.txt").write_text("Hi {{ contact.first_name }}: {{ unsubscribe_url }}\n")
    (folder / "welcome.sms.txt").write_text("Dag {{ contact.first_name }}. Stop: {{ unsubscribe_url }}\n")
    return tmp_path / "templates"


Make = Callable[..., Sender]


@pytest.fixture
def make(store: Store, clock: VirtualClock, templates: Path) -> Make:
    """A sender over the given relays."""

    def make(relays: Relays, **given: Any) -> Sender:
        parts = (store, clock, relays, TemplateLibrary([templates]), SIGNER)
        given = {"settings": SETTINGS, "campaign_of": lambda _version: campaign(), **given}
        return Sender(*parts, **given)

    return make


# --- over an API with idempotency keys --------------------------------------------------------------


@pytest.fixture
def resends() -> Iterator[tuple[ResendApi, Transport]]:
    with resend_api() as (api, server):
        options = resend.Options(api_key=API_KEY, url=server.url, timeout=5)
        transport = resend.ResendTransport(options, lambda _seconds: None)
        yield api, transport
        transport.close()


def test_a_mail_whose_answer_never_came_is_repeated_and_arrives_once(
    store: Store, clock: VirtualClock, make: Make, resends: tuple[ResendApi, Transport]
) -> None:
    api, transport = resends
    sender = make(Relays.only(transport))
    add_messages(store, 1)
    api.faults.append(Fault(HANG_UP, taken=True, times=3))
    assert sender.send_batch().deferred == 1
    (row,) = rows(store)
    assert (row["state"], row["relay"]) == ("ready", "resend")
    clock.advance(timedelta(minutes=2))
    assert sender.send_batch().sent == 1
    assert len(api.mails) == 1


def test_a_mail_that_may_have_arrived_is_given_to_no_other_relay(
    store: Store, clock: VirtualClock, make: Make, resends: tuple[ResendApi, Transport]
) -> None:
    api, transport = resends
    add_messages(store, 1)
    api.faults.append(Fault(HANG_UP, taken=True, times=3))
    make(Relays.only(transport)).send_batch()
    clock.advance(timedelta(minutes=2))
    assert make(Relays([Relay("another", transport)])).send_batch().claimed == 0
    assert make(Relays.only(transport)).send_batch().sent == 1


def test_a_mail_that_may_have_arrived_is_unknown_when_resend_has_forgotten_its_key(
    store: Store, clock: VirtualClock, make: Make, resends: tuple[ResendApi, Transport]
) -> None:
    api, transport = resends
    sender = make(Relays.only(transport))
    add_messages(store, 1)
    api.faults.append(Fault(HANG_UP, taken=True, times=3))
    sender.send_batch()
    (row,) = rows(store)
    clock.advance(row["repeat_until"] - NOW)
    assert sender.send_batch().claimed == 0
    assert sender.sweep().unknown == 1
    assert (states(store), len(api.mails)) == (["unknown"], 1)


def test_a_wrong_key_sends_nothing_and_loses_nothing(
    store: Store, make: Make, resends: tuple[ResendApi, Transport]
) -> None:
    api, transport = resends
    add_messages(store, 3)
    api.faults.append(Fault(error(401, "validation_error", "API key is invalid"), times=9))
    report = make(Relays.only(transport)).send_batch()
    assert (report.deferred, report.unknown, report.failed) == (3, 0, 0)
    assert "API key is invalid" in report.error
    assert {(row["state"], row["attempts"]) for row in rows(store)} == {("ready", 0)}


# --- to telephones ----------------------------------------------------------------------------------


@pytest.fixture
def gateway() -> Iterator[WebServer]:
    with answering(202) as server:
        yield server


@pytest.fixture
def texting(make: Make, gateway: WebServer) -> Iterator[Sender]:
    transport = sms_gateway.SmsGateway(sms_gateway.Options(url=gateway.url, body="form"))
    yield make(Relays.only(transport), channel=Channel.SMS)
    transport.close()


def add_texts(store: Store, *phones: str | None) -> None:
    """A contact for each number, with a text message that is due."""
    numbers = range(1, len(phones) + 1)
    with store.write() as connection:
        add_contacts(connection, numbers)
        for number, phone in zip(numbers, phones, strict=True):
            contact = schema.contact
            connection.execute(sa.update(contact).where(contact.c.id == number).values(phone=phone))
        texts = [(number, send(template="hi/welcome.sms")) for number in numbers]
        outbox.add(connection, texts, SIGNER, DOMAIN, NOW)


def test_a_text_goes_to_the_telephone_with_a_way_to_stop(
    store: Store, texting: Sender, gateway: WebServer
) -> None:
    add_texts(store, "+31612345678")
    assert texting.send_batch().sent == 1
    (asked,) = gateway.asked
    assert b"to=%2B31612345678&text=Dag+Reader1.+Stop%3A+https" in asked.body
    (row,) = rows(store)
    assert (row["state"], row["relay"]) == ("sent", "sms_gateway")
    assert row["subject"].startswith("Dag Reader1. Stop: https://go.webmakers.example/u/")


def test_mails_and_texts_go_their_own_ways(
    store: Store, texting: Sender, gateway: WebServer, make: Make, resends: tuple[ResendApi, Transport]
) -> None:
    add_texts(store, "+31612345678", "+31612345679")
    with store.write() as connection:
        outbox.add(connection, [(1, send("mail"))], SIGNER, DOMAIN, NOW)
    api, transport = resends
    mailing = make(Relays.only(transport), channel=Channel.MAIL)
    assert (mailing.send_batch().sent, texting.send_batch().sent) == (1, 2)
    assert (len(api.mails), len(gateway.asked)) == (1, 2)


def test_who_took_the_consent_back_gets_no_text(store: Store, texting: Sender, gateway: WebServer) -> None:
    add_texts(store, "+31612345678")
    with store.write() as connection:
        connection.execute(sa.update(schema.consent).values(granted=False))
    assert texting.send_batch().withheld == 1
    assert gateway.asked == []


def test_a_suppressed_number_gets_no_text(store: Store, texting: Sender, gateway: WebServer) -> None:
    add_texts(store, "+31612345678")
    hashed = SIGNER.address_hash("+31612345678")
    with store.write() as connection:
        values = {"address_hash": hashed, "reason": "asked for it", "at": NOW}
        connection.execute(sa.insert(schema.suppression), values)
    assert texting.send_batch().withheld == 1
    assert gateway.asked == []


@pytest.mark.parametrize(
    ("phone", "text", "reply"),
    [
        (None, "Dag", "the contact has no telephone number"),
        ("+31612345678", "Dag " * 150, "takes 4 messages, and sms.parts_at_most is 3"),
        ("+31612345678", "{{ contact.city }}", "contact.city"),
    ],
    ids=["no number", "too long", "unknown value"],
)
def test_a_text_that_cannot_be_written_fails_alone(
    store: Store, texting: Sender, templates: Path, phone: str | None, text: str, reply: str
) -> None:
    (templates / "nl/hi/welcome.sms.txt").write_text(text)
    add_texts(store, phone)
    assert texting.send_batch().failed == 1
    assert reply in rows(store)[0]["reply"]


def test_a_refused_number_is_no_bounce_of_the_persons_mailbox(store: Store, make: Make) -> None:
    add_texts(store, "+31612345678")
    with serving(lambda _asked: Reply(400, b"550 5.1.1 no such user")) as server:
        transport = sms_gateway.SmsGateway(sms_gateway.Options(url=server.url))
        assert make(Relays.only(transport), channel=Channel.SMS).send_batch().failed == 1
        transport.close()
    with store.read() as connection:
        assert connection.execute(sa.select(schema.suppression)).all() == []
        assert connection.execute(sa.select(schema.signal)).all() == []


def test_the_link_in_a_text_ends_the_consent_that_it_went_by(
    store: Store, texting: Sender, gateway: WebServer
) -> None:
    add_texts(store, "+31612345678")
    texting.send_batch()
    token = gateway.asked[0].body.decode().rpartition("%2Fu%2F")[2]
    facts = SIGNER.read(UNSUBSCRIBE, token, UnsubscribeFacts)
    assert (facts.contact_id, facts.purpose) == (1, "marketing")
