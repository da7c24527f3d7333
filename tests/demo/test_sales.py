from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from nurture.demo.sales import Crm, Told, crm, planned_answer
from nurture.handover.answers import Answer, check_answer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "http://n.example/h/t#accept"
DOSSIER = {"handover_id": 7, "accept_url": URL, "evidence": [{"buying": False}, {"buying": True}]}
BODY = json.dumps({"event": "handover.opened", "handover": DOSSIER}).encode()


@pytest.fixture
def receiver() -> Iterator[Crm]:
    with crm("a secret") as started:
        yield started


def posted(receiver: Crm, secret: str) -> int:
    digest = hmac.new(secret.encode(), b"1." + BODY, hashlib.sha256).hexdigest()
    parts = urlsplit(receiver.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.request("POST", parts.path, BODY, {"X-Nurture-Signature": f"t=1,v1={digest}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_genuine_post_is_heard_once(receiver: Crm) -> None:
    assert posted(receiver, "a secret") == 204
    assert list(receiver.heard()) == [Told(7, URL, asked=True)]
    assert list(receiver.heard()) == []


def test_a_forged_post_is_refused(receiver: Crm) -> None:
    assert posted(receiver, "another secret") == 401
    assert list(receiver.heard()) == []


def test_sales_gives_answers_that_the_desk_takes() -> None:
    answers = [planned_answer(1, Told(number, URL), NOW) for number in range(200)]
    given = [answer.fields for answer in answers if answer is not None]
    for fields in given:
        check_answer(Answer(fields["answer"], fields.get("reason")))
    assert {fields["answer"] for fields in given} == {"accepted", "rejected"}
    assert None in answers


def test_sales_sends_nobody_away_who_asked_for_a_quote() -> None:
    answers = [planned_answer(1, Told(number, URL, asked=True), NOW) for number in range(200)]
    assert {answer.fields["answer"] for answer in answers if answer is not None} == {"accepted"}
