"""Sales answers a hand-over from the notification: looking changes nothing, a button answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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


def forms(page: str) -> list[str]:
    """What can be answered on a page."""
    return re.findall(r'<form method="post" id="([a-z-]+)"', page)


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


def test_an_accepted_hand_over_can_only_be_handed_back(client: Client, path: str) -> None:
    client.post(path, b"answer=accepted")
    assert forms(client.get(path).text) == ["hand-back"]


def test_a_rejected_hand_over_shows_no_buttons(client: Client, path: str) -> None:
    client.post(path, b"answer=rejected&reason=spam")
    assert "<button" not in client.get(path).text


def test_one_press_of_a_reason_rejects(client: Client, store: Store, path: str) -> None:
    assert '<button class="second" name="reason" value="no_budget">' in client.get(path).text
    client.post(path, b"answer=rejected&note=&until=&same_as=&reason=no_budget")
    assert answer_of(store) == ("rejected", "no_budget", "Sanne")


def test_sales_can_say_until_when(client: Client, store: Store, path: str) -> None:
    client.post(path, b"answer=rejected&reason=not_now&until=2026-09-01")
    assert [row.recycle_at for row in rows_of(store, schema.journey)] == [
        datetime(2026, 8, 31, 22, 0, tzinfo=UTC)
    ]


def test_asking_for_more_pauses_and_the_page_says_so(client: Client, store: Store, path: str) -> None:
    page = client.post(path, b"answer=asked&need=region&need_words=").text
    assert "You have asked for <strong>region</strong>" in page
    assert forms(page) == ["accept", "reject"]
    assert [row.asked_for for row in rows_of(store, schema.handover)] == ["region"]


def test_words_of_ones_own_count_before_a_choice(client: Client, store: Store, path: str) -> None:
    client.post(path, b"answer=asked&need=region&need_words=Who+decides%3F")
    assert [row.asked_for for row in rows_of(store, schema.handover)] == ["Who decides?"]


def test_what_was_accepted_is_handed_back_by_one_press(client: Client, store: Store, path: str) -> None:
    client.post(path, b"answer=accepted")
    page = client.post(path, b"answer=handed_back&reason=unreachable").text
    assert "Handed back, thank you" in page
    assert [row.returned_reason for row in rows_of(store, schema.handover)] == ["unreachable"]


def test_what_cannot_be_is_said_and_changes_nothing(client: Client, store: Store, path: str) -> None:
    answer = client.post(path, b"answer=rejected&reason=not_now&until=2020-01-01")
    assert (answer.status, "2020-01-01 has passed" in answer.text) == (409, True)
    assert answer_of(store) == (None, None, None)


def test_enter_in_a_field_answers_nothing(client: Client, path: str) -> None:
    # The first button of a form is the one that Enter presses; where it is disabled, nothing is sent.
    page = client.get(path).text
    for form in re.findall(r"<form method=.*?</form>", page, re.DOTALL):
        if re.search(r"<input (?!type=.hidden)", form):
            assert form.index("<button disabled hidden>") == form.index("<button")


# --- who answers ------------------------------------------------------------------------------------------


def told(services: PublicServices, store: Store, path: str, email: str) -> str:
    """The address that somebody else was told of the same hand-over."""
    (row,) = rows_of(store, schema.handover)
    return f"/h/{SIGNER.sign(ANSWER, AnswerFacts(row.id, 2**40, email))}"


def test_who_was_told_is_who_answered(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:
    client.post(told(services, store, path, "sanne@example.com"), b"answer=accepted")
    assert answer_of(store) == ("accepted", None, "Sanne")


def test_who_has_it_no_more_cannot_answer_and_reads_who_has_it(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:
    former = told(services, store, path, "daan@example.com")
    assert "It was given to Sanne." in client.get(former).text
    assert client.post(former, b"answer=accepted").status == 409
    assert answer_of(store) == (None, None, None)


def test_who_had_it_before_is_not_asked_to_hand_back_what_another_one_accepted(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:
    client.post(path, b"answer=accepted")
    assert forms(client.get(told(services, store, path, "daan@example.com")).text) == []


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31", "2026-02-30", "soon"])
def test_any_day_is_understood_or_refused(client: Client, path: str, until: str) -> None:
    answer = client.post(path, f"answer=rejected&reason=not_now&until={until}".encode())
    assert answer.status in (200, 409)


def test_whom_it_was_escalated_to_can_answer(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:
    with store.write() as connection:
        connection.execute(schema.handover.update().values(escalated_to="boss@example.com"))
    client.post(told(services, store, path, "boss@example.com"), b"answer=accepted")
    assert answer_of(store) == ("accepted", None, "boss@example.com")


def test_a_scanner_that_follows_every_link_answers_nothing(
    client: Client, services: PublicServices, store: Store, path: str
) -> None:
    shown = services.desk.show(rows_of(store, schema.handover)[0].id)
    links = [shown.accept_url, shown.reject_url, shown.ask_url, shown.hand_back_url]
    base = services.base_url
    seen: set[str] = set()
    while links:
        address = links.pop().removeprefix(base).partition("#")[0]
        if not address.startswith("/") or address in seen:
            continue
        seen.add(address)
        for method in ("HEAD", "GET"):
            links += re.findall(r"""(?:href|src|action)=["']([^"']*)""", client.ask(method, address).text)
        client.post(address, b"")
    assert seen == {path}
    (row,) = rows_of(store, schema.handover)
    assert (row.answer, row.asked_at, row.next_look) == (None, None, None)


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
