"""Sales answers a hand-over from the notification: looking changes nothing, a button answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.clock import VirtualClock
from nurture.store import schema
from nurture.store.engine import Store
from nurture.tokens import ANSWER, AnswerFacts
from nurture.web.services import PublicServices
from tests.handover.world import SIGNER, open_all, request
from tests.store.people import add_contacts, rows_of
from tests.web.world import Client, both_databases


@pytest.fixture
def path(services: PublicServices, store: Store) -> str:
    """The address of an opened hand-over's answer."""
    add_contacts(store, lifecycle="prospect")
    (id_,) = open_all(services.desk, store, [request()])
    return services.desk.show(id_).accept_url.removeprefix("https://nurture.example").partition("#")[0]


def answer_of(store: Store) -> tuple[str | None, str | None, str | None]:
    (row,) = rows_of(store, schema.handover)
    return row.answer, row.reason, row.answered_by


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(client: Client, store: Store, path: str, method: str) -> None:
    assert client.ask(method, path).status == 200
    assert answer_of(store) == (None, None, None)


def test_the_page_shows_who_and_why_and_both_buttons(client: Client, path: str) -> None:
    page = client.get(path).text
    for part in (
        "An de Vries, Bakkerij De Vries",
        "asked for a quote",
        "sent the quote form",
        "Ask what they miss now.",
        "Mon 2 Mar 2026, 14:30",
        'value="accepted"',
        'value="rejected"',
        'value="no_budget"',
    ):
        assert part in page


@both_databases
def test_one_press_accepts(client: Client, store: Store, path: str) -> None:
    answer = client.post(path, b"answer=accepted")
    assert (answer.status, "Accepted: this one is yours" in answer.text) == (200, True)
    assert answer_of(store) == ("accepted", None, "Sanne")


def test_a_rejection_keeps_reason_and_note(client: Client, store: Store, path: str) -> None:
    client.post(path, b"answer=rejected&reason=not_now&note=in%20autumn%00")
    assert answer_of(store) == ("rejected", "not_now", "Sanne")
    assert [row.note for row in rows_of(store, schema.handover)] == ["in autumn"]


def test_an_answered_hand_over_shows_no_buttons(client: Client, path: str) -> None:
    client.post(path, b"answer=accepted")
    assert "<button" not in client.get(path).text


def test_the_second_press_is_answered_as_the_first(client: Client, path: str) -> None:
    assert client.post(path, b"answer=accepted").body == client.post(path, b"answer=accepted").body


def test_another_answer_afterwards_is_refused_kindly(client: Client, store: Store, path: str) -> None:
    client.post(path, b"answer=accepted")
    answer = client.post(path, b"answer=rejected&reason=spam")
    assert (answer.status, "This was answered already" in answer.text) == (409, True)
    assert answer_of(store)[0] == "accepted"


@pytest.mark.parametrize("body", [b"", b"answer=maybe", b"answer=rejected", b"answer=rejected&reason=dunno"])
def test_what_is_no_answer_changes_nothing(client: Client, store: Store, path: str, body: bytes) -> None:
    assert client.post(path, body).status == 400
    assert answer_of(store) == (None, None, None)


def test_an_expired_address_says_so(client: Client, store: Store, path: str, clock: VirtualClock) -> None:
    clock.advance(timedelta(days=91))
    answer = client.post(path, b"answer=accepted")
    assert (answer.status, "This link has expired" in answer.text) == (410, True)
    assert answer_of(store) == (None, None, None)


def test_a_forged_or_foreign_number_leads_nowhere(client: Client, path: str) -> None:
    unknown = f"/h/{SIGNER.sign(ANSWER, AnswerFacts(999, 2**40))}"
    assert [client.get(address).status for address in (unknown, path[:-4] + "AAAA")] == [404, 404]


def test_dutch_sales_reads_dutch(client: Client, path: str) -> None:
    page = client.get(path, Accept_Language="nl-NL,nl;q=0.9").text
    assert "Aannemen" in page
    assert "Geen budget" in page


def test_what_a_lead_wrote_is_only_text(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:

    asked = request()
    asked = replace(asked, contact=replace(asked.contact, name="<script>alert(1)</script>{{ 7*7 }}"))
    with store.write() as connection:
        services.desk.open(connection, [asked], asked.contact.created_at)
    newest = services.desk.show(services.desk.list()[0].id)
    page = client.get(newest.accept_url.removeprefix("https://nurture.example").partition("#")[0]).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
