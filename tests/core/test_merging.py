"""Whose values hold when two contacts become one: what was said before what was found, with its origin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nurture.core.merging import merged_contact
from nurture.core.provenance import ALL_ELSE, Origin, as_document, from_document, origin_of

OLD = datetime(2026, 3, 2, tzinfo=UTC)
COLUMNS = (
    *("account_id", "email", "phone", "name", "first_name", "last_name", "company", "job_title", "website"),
    *("city", "country", "locale", "timezone", "interests", "answers", "tags", "problems", "junk_reason"),
)


def row(id: int, days: int, origins: dict[str, Origin], **values: Any) -> dict[str, Any]:
    """A contact that was written so many days after the others, from record `id` but for `origins`."""
    at = OLD + timedelta(days=days)
    known = {"id": id, "created_at": at, "updated_at": at, "source": "csv", **dict.fromkeys(COLUMNS)}
    return {**known, **values, "origins": as_document({ALL_ELSE: Origin(record=id), **origins})}


def found(confidence: float) -> Origin:
    return Origin(None, "register", confidence, OLD, "listed")


def origin(merged: dict[str, Any], field: str) -> Origin:
    return origin_of(field, from_document(merged["origins"]))


def test_what_was_said_holds_against_what_was_found_later() -> None:
    merged = merged_contact(row(1, 0, {}, city="Ede"), row(2, 1, {"city": found(0.9)}, city="Arnhem"))
    assert merged["city"] == "Ede"


def test_of_two_finds_the_surer_holds() -> None:
    older = row(1, 0, {"city": found(0.9)}, city="Ede")
    assert merged_contact(older, row(2, 1, {"city": found(0.5)}, city="Arnhem"))["city"] == "Ede"


def test_of_two_words_the_newer_holds() -> None:
    assert merged_contact(row(1, 0, {}, city="Ede"), row(2, 1, {}, city="Arnhem"))["city"] == "Arnhem"


def test_an_address_at_the_firm_tells_the_account_better_than_its_name() -> None:
    older = row(1, 0, {}, email="an@jansen-bouw.nl", company="Jansen Bouw", account_id=1)
    newer = row(2, 1, {}, email="an.wit@gmail.com", company="Jansen Bouw BV", account_id=2)
    assert merged_contact(older, newer)["account_id"] == 1


def test_who_has_another_firm_now_is_of_that() -> None:
    older = row(1, 0, {}, email="an@jansen-bouw.nl", company="Jansen Bouw", account_id=1)
    newer = row(2, 1, {}, email="an.wit@gmail.com", company="Slagerij West", account_id=2)
    assert merged_contact(older, newer)["account_id"] == 2


def test_an_answer_that_was_said_holds_too() -> None:
    newer = row(2, 1, {"answers.role": found(0.9)}, answers={"role": "buyer"})
    assert merged_contact(row(1, 0, {}, answers={"role": "owner"}), newer)["answers"] == {"role": "owner"}


def test_each_value_keeps_its_own_origin() -> None:
    merged = merged_contact(
        row(1, 0, {}, name="An"), row(2, 1, {"city": found(0.9)}, city="Ede", phone="+31")
    )
    assert [origin(merged, name) for name in ("name", "phone", "city")] == [
        Origin(record=1),
        Origin(record=2),
        found(0.9),
    ]
