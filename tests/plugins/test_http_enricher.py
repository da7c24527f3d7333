"""The bundled remote enrichers over HTTP: any JSON API, whatever it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nurture import Enrichment, Lead, Unanswered
from nurture.testing.suites_ingest import RemoteEnricherSuite
from plugins.http_enricher import Api, HttpEnricher, address, at
from tests.plugins.http import Asked, Reply, WebServer, answering, serving

JAN = Lead(company_domain="jansen.nl")
FIRM = {"company": {"size": 40, "branches": ["bakery", "food"], "active": True}}
FIELDS = {"account.employees": "company.size", "account.sector": "company.branches.0"}


def api(url: str, **options: Any) -> HttpEnricher:
    given: dict[str, Any] = {"url": f"{url}firms/{{company_domain}}", "fields": FIELDS, **options}
    return HttpEnricher("register", Api.model_validate(given))


def ask(server: WebServer, lead: Lead = JAN, **options: Any) -> Enrichment | Unanswered | None:
    (answer,) = api(server.url, **options).enrich([lead])
    return answer


def failure(status: int = 200, body: bytes = b"", **headers: str) -> Unanswered:
    with answering(status, body, **headers) as server:
        answer = ask(server)
    assert isinstance(answer, Unanswered)
    return answer


@pytest.fixture(scope="class")
def register() -> Iterator[WebServer]:
    with answering(200, json.dumps(FIRM).encode()) as server:
        yield server


class TestHttpEnricherKeepsTheContract(RemoteEnricherSuite):
    lead = JAN
    away = api("http://127.0.0.1:9/")

    @pytest.fixture(autouse=True)
    def _at_the_register(self, register: WebServer) -> None:
        self.enricher = api(register.url)


# --- asking -----------------------------------------------------------------------------------------


def test_values_are_taken_from_where_the_settings_say() -> None:
    with answering(200, json.dumps(FIRM).encode()) as server:
        answer = ask(server, confidence=0.8)
    values = {"account.employees": 40, "account.sector": "bakery"}
    assert answer == Enrichment(values, 0.8, "127.0.0.1 says so, asked with company_domain")


def test_headers_go_along() -> None:
    with answering(200, b"{}") as server:
        ask(server, headers={"Authorization": "Bearer s3cret"})
    assert server.asked[0].headers["authorization"] == "Bearer s3cret"


def test_a_secret_is_not_shown() -> None:
    assert "s3cret" not in repr(Api(url="https://a.example/{email}", headers={"X": "s3cret"}, fields=FIELDS))


@pytest.mark.parametrize(
    "nasty", ["a/../../admin", "a?x=1&y", "a#b", "a%2fb", "jan@jansen.nl", "ü ñ", "a\r\nX: y"]
)
def test_a_value_stays_one_piece_of_the_address(nasty: str) -> None:
    with answering(200, b"{}") as server:
        ask(server, Lead(company_domain=nasty))
    path = server.asked[0].path
    assert (path.count("/"), unquote(path.removeprefix("/firms/"))) == (2, nasty)


@pytest.mark.parametrize("nothing", [None, "", " ", ".", ".."])
def test_what_would_lead_elsewhere_is_not_asked(nothing: str | None) -> None:
    with answering(200, b"{}") as server:
        assert ask(server, Lead(company_domain=nothing)) is None
    assert server.asked == []


@given(st.text(min_size=1))
def test_no_value_leaves_its_place_in_the_address(value: str) -> None:
    made = address("https://a.example/x/{email}/y", {"email": value.encode("utf-8", "replace").decode()})
    assert made is None or (made.count("/"), made.count("?"), made.count("#")) == (5, 0, 0)


# --- answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 404, 410])
def test_that_nothing_is_there_is_an_answer(status: int) -> None:
    with answering(status) as server:
        assert ask(server) is None


@pytest.mark.parametrize("body", [b"{}", b"[]", b"3", b'{"company": null}', b'{"company": {"size": {}}}'])
def test_an_answer_without_any_of_the_values_knows_nothing(body: bytes) -> None:
    with answering(200, body) as server:
        assert ask(server) is None


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b'{"company": NaN}',
        b"[" * 200_000,
        b'{"company": {"size": 1}',
        b"x" * 2_000_000,
    ],
)
def test_garbage_is_no_answer_and_may_be_asked_again(garbage: bytes) -> None:
    assert failure(200, garbage).again


def test_that_there_are_too_many_questions_is_nobodys_fault() -> None:
    assert failure(429, **{"Retry-After": "120"}) == Unanswered(
        "127.0.0.1 answered 429", busy=True, wait=timedelta(minutes=2)
    )


def test_a_date_to_wait_for_is_understood() -> None:
    until = datetime.now(UTC) + timedelta(minutes=10)
    wait = failure(503, **{"Retry-After": format_datetime(until, usegmt=True)}).wait
    assert wait is not None
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


def test_nobody_is_waited_for_longer_than_a_day() -> None:
    assert failure(429, **{"Retry-After": "9" * 40}).wait == timedelta(days=1)


@pytest.mark.parametrize("status", [301, 401, 402, 403])
def test_what_a_person_must_put_right_counts_against_no_question(status: int) -> None:
    assert failure(status, Location="http://127.0.0.1:9/").busy


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (422, False), (408, True), (500, True), (502, True)]
)
def test_a_refusal_is_final_and_a_failure_is_not(status: int, again: bool) -> None:
    assert failure(status).again is again


def answered(answer: Callable[[Asked], Reply], leads: int, **options: Any) -> tuple[list[Any], int]:
    """What came of so many questions, and how many were asked."""
    with serving(answer) as server:
        found = api(server.url, **options).enrich([JAN] * leads)
    return found, len(server.asked)


def test_after_too_many_questions_no_more_are_asked() -> None:
    found, asked = answered(lambda _asked: Reply(429), 3)
    assert (asked, [one.busy for one in found]) == (1, [True, True, True])


def test_a_connection_that_is_cut_counts_against_no_question() -> None:
    found, _asked = answered(lambda _asked: Reply(hang_up=True), 1)
    assert found[0].busy


def test_one_that_is_too_slow_holds_up_a_batch_once() -> None:
    slow = threading.Event()
    with serving(lambda _asked: Reply(wait=slow)) as server:
        found = api(server.url, timeout=0.2).enrich([JAN] * 3)
        slow.set()
    assert [one.busy for one in found if isinstance(one, Unanswered)] == [False, True, True]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
    ),
    st.text(),
)
def test_any_document_has_a_value_at_any_path_or_none(document: Any, path: str) -> None:
    assert isinstance(at(document, path), str | int | float | bool | None)


# --- settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://a.example/{email}", "anybody between can read"),
        ("https://{company_domain}/x", "must not depend on what is asked about"),
        ("https://a.example/x", "asks about nobody"),
        ("https://a.example/{mail}", "there is no field 'mail'"),
        ("https://a.example/{email!r}", "without ! or :"),
        ("ftp://a.example/{email}", "is no web address"),
        ("https://a.example/{}", "there is no field ''"),
        ("https://a.example/{email", "expected '}'"),
    ],
)
def test_an_address_that_cannot_work_is_refused_with_what_to_write(url: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Api(url=url, fields=FIELDS)


def test_a_field_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no field 'employees'"):
        Api(url="https://a.example/{email}", fields={"employees": "size"})
