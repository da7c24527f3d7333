"""Providers post what came back: applied before it is answered, refused without a signature."""

from __future__ import annotations

import json
from urllib.error import URLError

import pytest

from nurture.store import schema
from nurture.store.engine import Store
from nurture.web.hooks import HOOK_BODY_AT_MOST
from nurture.web.services import PublicServices
from tests.store.people import add_contacts, rows_of
from tests.web.world import Answer, Client, both_databases


def call(client: Client, body: bytes, signature: str = "sealed") -> Answer:
    return client.ask("POST", "/hooks/posthorn", body, X_Signature=signature)


@both_databases
def test_what_a_provider_tells_is_applied_before_the_answer(client: Client, store: Store) -> None:
    answer = call(client, b"a@example.org b@example.org")
    assert (answer.status, answer.body) == (200, b"thanks")
    assert len(rows_of(store, schema.suppression)) == 2


def test_the_same_call_twice_is_answered_alike(client: Client, store: Store) -> None:
    for _ in range(2):
        answer = call(client, b"a@example.org")
        assert answer.status == 200
    assert len(rows_of(store, schema.suppression)) == 1


def test_a_call_with_a_wrong_signature_is_refused_and_changes_nothing(client: Client, store: Store) -> None:
    answer = call(client, b"a@example.org", signature="wax")
    assert answer.status == 403
    assert not rows_of(store, schema.suppression)


def test_a_hook_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.post("/hooks/pigeon", b"x", "text/plain").status == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_post_tells_anything(client: Client, method: str) -> None:
    assert client.ask(method, "/hooks/posthorn").status == 405


def test_a_call_that_is_too_long_is_refused(client: Client) -> None:
    body = b"a@example.org " * (HOOK_BODY_AT_MOST // 14 + 1)
    try:
        assert call(client, body).status == 413
    except URLError as error:
        # The answer came before all was sent, and nobody reads the rest.
        assert isinstance(error.reason, BrokenPipeError | ConnectionResetError)  # noqa: PT017


def test_a_batch_may_be_longer_than_a_form(client: Client) -> None:
    body = b"a@example.org " * 30_000
    assert call(client, body).status == 200


def test_while_the_database_is_away_the_provider_is_told_to_come_again(
    client: Client, services: PublicServices, store: Store
) -> None:
    with store.write() as connection:
        schema.suppression.drop(connection)
    answer = call(client, b"a@example.org")
    assert (answer.status, answer.text) == (503, "come again")


@both_databases
def test_outcomes_are_applied_before_the_answer_which_counts_them(client: Client, store: Store) -> None:
    add_contacts(store)
    answers = [client.ask("POST", "/hooks/ledger", b"1 9", X_Signature="sealed") for _ in range(2)]
    assert [(each.status, json.loads(each.body)) for each in answers] == [
        (200, {"new": 1, "known": 0, "unmatched": 1}),
        (200, {"new": 0, "known": 1, "unmatched": 1}),
    ]
    assert [row.lifecycle for row in rows_of(store, schema.journey)] == ["customer"]


def test_outcomes_with_a_wrong_signature_are_refused(client: Client, store: Store) -> None:
    assert client.ask("POST", "/hooks/ledger", b"1", X_Signature="wax").status == 403
    assert rows_of(store, schema.unmatched_outcome) == []
