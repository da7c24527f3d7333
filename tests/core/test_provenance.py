"""What a person said stays; of what was found, the surest stays."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nurture.core.provenance import ALL_ELSE, Origin, as_document, from_document, may_replace, origin_of

SURE = st.floats(0, 1)
AT = datetime(2026, 3, 2, tzinfo=UTC)


def found(confidence: float, by: str = "register") -> Origin:
    return Origin(None, by, confidence, AT, "looked up")


@given(SURE)
def test_what_was_said_is_never_replaced(confidence: float) -> None:
    assert not may_replace("Ede", Origin(record=3), found(confidence))


@given(SURE)
def test_what_is_not_known_to_be_found_counts_as_said(confidence: float) -> None:
    assert not may_replace("Ede", origin_of("city", {}), found(confidence))


@given(SURE)
def test_a_gap_is_filled_however_unsure_it_is(confidence: float) -> None:
    assert may_replace(None, Origin(record=3), found(confidence))


@given(SURE, SURE)
def test_of_two_finds_the_surer_stays(present: float, other: float) -> None:
    assert may_replace("Ede", found(present, "a"), found(other, "b")) is (other > present)


@given(SURE, SURE)
def test_an_enricher_corrects_itself_when_it_is_no_less_sure(before: float, now: float) -> None:
    assert may_replace("Ede", found(before), found(now)) is (now >= before)


def test_a_field_without_an_origin_of_its_own_has_that_of_all_else() -> None:
    assert origin_of("city", {ALL_ELSE: Origin(record=7)}) == Origin(record=7)


@given(SURE)
def test_origins_come_back_from_the_database_as_they_went(confidence: float) -> None:
    origins = {ALL_ELSE: Origin(record=7), "city": found(confidence), "country": Origin(record=0)}
    assert from_document(as_document(origins)) == origins
