"""The JSON API of the sales desk: with a token only, for its own teams only, and never an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from nurture.store import schema
from nurture.store.engine import Store
from nurture.web.services import PublicServices
from tests.handover.world import open_all, request
from tests.store.people import add_contacts, rows_of
from tests.web.world import API_TOKEN, Answer, Client, both_databases


@pytest.fixture
def number(services: PublicServices, store: Store) -> int:
    """An open hand-over."""
    add_contacts(store, 3, lifecycle="prospect")
    return open_all(services.desk, store, [request()])[0]


def ask(client: Client, path: str, given: Any = None, *, token: str = API_TOKEN, method: str = "") -> Answer:
    body = given if isinstance(given, bytes) else None if given is None else json.dumps(given).encode()
    method = method or ("GET" if body is None else "POST")
    return client.ask(method, path, body, Authorization=f"Bearer {token}", Content_Type="application/json")


def said(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "application/json"
    return json.loads(answer.body)


@both_databases
def test_open_hand_overs_are_listed(client: Client, number: int) -> None:
    (one,) = said(ask(client, "/api/handovers"))["handovers"]
    assert (one["id"], one["contact"], one["state"], one["assignee_name"]) == (
        number,
        "An de Vries",
        "open",
        "Sanne",
    )


def test_a_dossier_is_shown_with_where_to_answer(client: Client, number: int) -> None:
    shown = said(ask(client, f"/api/handovers/{number}"))
    assert shown["dossier"]["say_next"] == "Ask what they miss now."
    assert shown["dossier"]["accept_url"].startswith("https://nurture.example/h/")


@both_databases
@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"answer": "accepted"}, "accepted"),
        ({"answer": "rejected", "reason": "not_now", "until": "2026-09-01"}, "rejected"),
        ({"answer": "asked", "need": "budget"}, "paused"),
    ],
)
def test_an_answer_is_taken(client: Client, number: int, given: dict[str, str], state: str) -> None:
    answered = said(ask(client, f"/api/handovers/{number}/answer", given))
    assert (answered["handover"]["state"], answered["result"]["repeated"]) == (state, False)


def test_who_answers_is_the_program_unless_it_says_who(client: Client, number: int) -> None:
    path = f"/api/handovers/{number}/answer"
    ask(client, path, {"answer": "accepted", "by": "Sanne"})
    back = said(ask(client, path, {"answer": "handed_back", "reason": "unreachable"}))["handover"]
    assert (back["answered_by"], back["returned_by"]) == ("Sanne", "crm")


def test_the_same_answer_twice_is_one_and_another_one_is_refused(client: Client, number: int) -> None:
    path = f"/api/handovers/{number}/answer"
    repeated = [said(ask(client, path, {"answer": "accepted"}))["result"]["repeated"] for _ in range(2)]
    other = ask(client, path, {"answer": "rejected", "reason": "spam"})
    assert (repeated, other.status) == ([False, True], 409)
    assert said(other)["error"] == f"hand-over {number} was already accepted by crm"


def test_a_list_comes_in_pages(client: Client, services: PublicServices, store: Store, number: int) -> None:
    open_all(services.desk, store, [request(2), request(3)])
    first = said(ask(client, "/api/handovers?limit=2"))
    second = said(ask(client, f"/api/handovers?limit=2&after={first['next']}"))
    assert [one["contact_id"] for one in first["handovers"] + second["handovers"]] == [1, 2, 3]
    assert second["next"] is None


def test_answered_ones_are_listed_where_all_are_asked_for(client: Client, number: int) -> None:
    ask(client, f"/api/handovers/{number}/answer", {"answer": "accepted"})
    assert [len(said(ask(client, f"/api/handovers?state={s}"))["handovers"]) for s in ("open", "all")] == [
        0,
        1,
    ]


# --- who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {API_TOKEN}", f"Bearer {API_TOKEN}x"]
)
def test_without_a_token_of_ours_nothing_is_told_or_done(
    client: Client, store: Store, number: int, header: str
) -> None:
    asked = client.ask("GET", "/api/handovers", Authorization=header)
    given = client.ask(
        "POST", f"/api/handovers/{number}/answer", b'{"answer": "accepted"}', Authorization=header
    )
    assert [asked.status, given.status] == [401, 401]
    assert asked.headers["WWW-Authenticate"] == "Bearer"
    assert [row.answer for row in rows_of(store, schema.handover)] == [None]


def test_a_token_of_another_team_sees_and_answers_nothing(client: Client, number: int) -> None:
    listed = ask(client, "/api/handovers", token="another one")
    answered = ask(client, f"/api/handovers/{number}/answer", {"answer": "accepted"}, token="another one")
    foreign = ask(client, "/api/handovers?team=sales", token="another one")
    assert (said(listed)["handovers"], answered.status, foreign.status) == ([], 404, 403)


def test_looking_changes_nothing(client: Client, store: Store, number: int) -> None:
    for path in (f"/api/handovers/{number}/answer", f"/api/handovers/{number}", "/api/handovers"):
        for method in ("GET", "HEAD"):
            ask(client, path, method=method)
    assert [row.answer for row in rows_of(store, schema.handover)] == [None]


# --- what is malformed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[" * 5_000,
        b'{"answer": ' * 3_000,
        b'{"answer": 5}',
        b'{"answer": "maybe"}',
        b'{"answer": "rejected"}',
        b'{"answer": "accepted", "colour": "red"}',
        b'{"answer": "rejected", "reason": "not_now", "until": "soon"}',
        b'{"answer": "asked", "need": "\\u0000"}',
        b'{"answer": "\\ud800"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_answer_is_refused_and_changes_nothing(
    client: Client, store: Store, number: int, body: bytes
) -> None:
    answer = ask(client, f"/api/handovers/{number}/answer", body)
    assert (answer.status, bool(said(answer)["error"])) == (400, True)
    assert [(row.answer, row.asked_at) for row in rows_of(store, schema.handover)] == [(None, None)]


@both_databases
def test_a_note_with_what_no_database_stores_is_stored_without_it(
    client: Client, store: Store, number: int
) -> None:
    ask(client, f"/api/handovers/{number}/answer", {"answer": "accepted", "note": "a\0b"})
    assert [row.note for row in rows_of(store, schema.handover)] == ["ab"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/handovers?state=closed", 400),
        ("/api/handovers?limit=-1", 400),
        ("/api/handovers?limit=501", 400),
        ("/api/handovers?after=99999999999999999999999", 400),
        ("/api/handovers?after=%C2%B2", 400),
        ("/api/handovers/0", 404),
        ("/api/handovers/x", 404),
        ("/api/handovers/99999999999999999999999", 404),
        ("/api/handovers/%00", 404),
        ("/api/elsewhere", 404),
    ],
)
def test_what_is_asked_wrongly_is_told_so(client: Client, number: int, path: str, status: int) -> None:
    answer = ask(client, path)
    assert (answer.status, bool(said(answer)["error"])) == (status, True)
