"""The outcome hook `outcomes`: what it takes, and what it refuses."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from nurture import FeedbackError, Result, ToldOutcome
from nurture.testing.suites_outcomes import OutcomeHookSuite
from plugins.outcome_hook import MOST, Options, Outcomes

SECRET = "long enough for a secret"
ONE = {"result": "won", "at": "2026-03-02T11:00:00+01:00", "email": "an@example.com"}


def hook() -> Outcomes:
    return Outcomes(Options(secret=SecretStr(SECRET)))


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), b"1772445600." + body, hashlib.sha256).hexdigest()
    return {"x-nurture-signature": f"t=1772445600,v1={digest}"}


def read(document: Any) -> Sequence[ToldOutcome]:
    body = json.dumps(document).encode()
    return hook().read(signed(body), body)


class TestOutcomes(OutcomeHookSuite):
    make = staticmethod(hook)

    def signed_call(self) -> tuple[Mapping[str, str], bytes]:
        body = json.dumps(ONE).encode()
        return signed(body), body


def test_one_outcome_is_read() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert read(ONE) == [ToldOutcome(Result.WON, at, (("email", "an@example.com"),))]


def test_many_are_read_in_their_order() -> None:
    assert [one.result for one in read([ONE, {**ONE, "result": "lost"}])] == [Result.WON, Result.LOST]


@pytest.mark.parametrize(
    ("named", "who"),
    [
        ({"phone": "+31612345678"}, ("phone", "+31612345678")),
        ({"contact": 7}, ("contact", "7")),
        ({"handover": 12}, ("handover", "12")),
        ({"external_id": {"system": "crm", "id": "4711"}}, ("external:crm", "4711")),
    ],
)
def test_people_are_named_in_many_ways(named: dict[str, Any], who: tuple[str, str]) -> None:
    (one,) = read({"result": "won", "at": ONE["at"], **named})
    assert one.who == (who,)


@pytest.mark.parametrize("value", ["2400.50", 2400.50])
def test_a_value_is_exact(value: Any) -> None:
    (one,) = read({**ONE, "value": value, "currency": "EUR", "reason": "r", "key": "k"})
    assert (one.value, one.currency, one.reason, one.key) == (Decimal("2400.50"), "EUR", "r", "k")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({**ONE, "result": "open"}, "result: "),
        ({**ONE, "at": "2026-03-02T10:00"}, "at: "),
        ({**ONE, "email": ""}, "email: "),
        ({"result": "won", "at": ONE["at"]}, "it names nobody"),
        ({**ONE, "value": "5"}, "value and currency belong together"),
        ({**ONE, "value": "1.005", "currency": "EUR"}, "value: "),
        ({**ONE, "value": "NaN", "currency": "EUR"}, "value: "),
        ({**ONE, "worth": 5}, "worth: "),
        ([ONE, {}], "1.result: "),
        ("won", ""),
        ([ONE] * (MOST + 1), "more than 5,000 outcomes"),
    ],
)
def test_what_does_not_fit_is_refused_whole(document: Any, words: str) -> None:
    with pytest.raises(FeedbackError) as refused:
        read(document)
    assert words in refused.value.message


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 5_000, b"\xff"])
def test_a_signed_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(FeedbackError):
        hook().read(signed(body), body)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x-nurture-signature": "t=1,v1=00"}, signed(b"another body"), signed(b"{}", "another secret")],
)
def test_a_wrong_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(FeedbackError, match="the signature is wrong"):
        hook().read(headers, b"{}")
