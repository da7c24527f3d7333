"""Won and lost: what can be so, and where it leaves the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.model import Lifecycle, Outcome, Result
from nurture.core.outcomes import (
    LEADS_TO,
    Consequence,
    Standing,
    ToldOutcome,
    consequence,
    problem_with,
)
from nurture.core.past import standing_then
from nurture.core.telling import Kept, record_words

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
WHO = (("email", "an@example.com"),)


def told(**changes: Any) -> ToldOutcome:
    return replace(ToldOutcome(Result.WON, NOW, WHO), **changes)


def outcome(result: Result = Result.WON, **changes: Any) -> Outcome:
    return replace(Outcome(5, 1, result, NOW, source="Sanne"), **changes)


def led(before: Lifecycle, result: Result, holding: Outcome | None = None, **standing: Any) -> Consequence:
    one = outcome(result)
    return consequence(one, holding or one, Standing(before, **standing))


# --- what can be so ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"who": ()}, "it names nobody", id="nobody"),
        pytest.param({"at": NOW + 2 * DAY}, "2026-03-04 is yet to come", id="in the future"),
        pytest.param({"value": Decimal(5)}, "a value needs a currency", id="no currency"),
        pytest.param({"currency": "EUR"}, "a currency needs a value", id="no value"),
        pytest.param(
            {"value": Decimal(5), "currency": "euro"},
            "'euro' is no currency: write EUR, USD, …",
            id="a word for a currency",
        ),
        pytest.param(
            {"value": Decimal("-1"), "currency": "EUR"}, "-1 is no value of a deal", id="less than nothing"
        ),
        pytest.param({"value": Decimal("NaN"), "currency": "EUR"}, "NaN is no value of a deal", id="NaN"),
        pytest.param(
            {"value": Decimal("1.005"), "currency": "EUR"}, "1.005 is finer than a hundredth", id="too fine"
        ),
    ],
)
def test_what_cannot_be_so_is_told_with_what_is_wrong(changes: dict[str, Any], problem: str) -> None:
    assert problem_with(told(**changes), NOW) == problem


def test_another_clock_may_be_a_little_ahead() -> None:
    assert problem_with(told(at=NOW + timedelta(hours=12)), NOW) is None


def test_the_same_said_again_has_the_same_digest() -> None:
    one = told(value=Decimal("2400"), currency="EUR", line=3)
    assert one.digest == told(value=Decimal("2400.00"), currency="EUR", line=9).digest


@pytest.mark.parametrize(
    "changes",
    [{"result": Result.LOST}, {"at": NOW - DAY}, {"who": (("phone", "1"),)}, {"key": "7"}, {"reason": "r"}],
)
def test_what_says_something_else_has_another_digest(changes: dict[str, Any]) -> None:
    assert told(**changes).digest != told().digest


# --- where it leads ---------------------------------------------------------------------------------


@pytest.mark.parametrize("before", Lifecycle)
def test_whoever_is_won_is_a_customer_from_wherever_they_stood(before: Lifecycle) -> None:
    assert led(before, Result.WON).lifecycle is Lifecycle.CUSTOMER


@pytest.mark.parametrize("before", sorted(set(Lifecycle) - {Lifecycle.DISQUALIFIED}))
def test_whoever_is_lost_is_lost(before: Lifecycle) -> None:
    assert led(before, Result.LOST).lifecycle is Lifecycle.LOST


def test_whoever_is_disqualified_stays_so_when_lost() -> None:
    assert led(Lifecycle.DISQUALIFIED, Result.LOST).lifecycle is Lifecycle.DISQUALIFIED


def test_an_accepted_one_is_simply_a_customer() -> None:
    record = led(Lifecycle.ACCEPTED, Result.WON, handover_id=3).record
    assert (record.what, record.reason) == ("won", "on 2026-03-02, told by Sanne: a customer from now on")


def test_a_prospect_whom_nobody_accepted_counts_as_accepted_and_that_is_told() -> None:
    record = led(Lifecycle.PROSPECT, Result.WON, handover_id=12, given_at=NOW - DAY, open=True).record
    assert record.reason == (
        "on 2026-03-02, told by Sanne: a customer from now on; nobody had answered hand-over 12, so it "
        "counts as accepted"
    )


def test_a_sale_without_any_hand_over_says_so() -> None:
    reason = led(Lifecycle.CONTACT, Result.WON).record.reason
    assert (
        reason
        == "on 2026-03-02, told by Sanne: a customer from now on, though we never gave the person to sales"
    )


def test_a_sale_to_somebody_who_rested_says_from_where() -> None:
    reason = led(Lifecycle.RECYCLED, Result.WON, handover_id=3).record.reason
    assert reason == "on 2026-03-02, told by Sanne: a customer from now on, straight from recycled"


def test_the_record_tells_the_money_and_the_reason() -> None:
    one = outcome(value=Decimal(2400), currency="EUR", reason="liked the plan")
    record = consequence(one, one, Standing(Lifecycle.ACCEPTED)).record
    assert record.reason.startswith("2,400.00 EUR on 2026-03-02, told by Sanne (liked the plan): ")


def test_an_earlier_outcome_that_is_told_later_changes_nothing() -> None:
    later = outcome(Result.LOST, id=4, at=NOW + DAY)
    kept = led(Lifecycle.LOST, Result.WON, later)
    assert (kept.lifecycle, kept.record.what) == (Lifecycle.LOST, "outcome_kept")
    assert kept.record.reason.endswith("is kept and changes nothing: lost, which was later, holds")


def test_an_outcome_of_before_the_present_hand_over_changes_nothing() -> None:
    kept = led(Lifecycle.ACCEPTED, Result.LOST, handover_id=15, given_at=NOW + DAY)
    assert (kept.lifecycle, kept.record.what) == (Lifecycle.ACCEPTED, "outcome_kept")


def test_an_outcome_that_names_the_present_hand_over_is_of_it_whatever_the_date() -> None:
    one = outcome(Result.LOST, handover_id=15)
    found = consequence(one, one, Standing(Lifecycle.ACCEPTED, 15, NOW + DAY))
    assert found.lifecycle is Lifecycle.LOST


@pytest.mark.parametrize("result", Result)
def test_a_picture_of_then_knows_what_had_become_of_them(result: Result) -> None:
    kept = Kept(NOW, led(Lifecycle.RECYCLED, result, handover_id=3).record)
    standing = standing_then(Lifecycle.CONTACT, NOW - DAY, [kept])
    assert standing.lifecycle is LEADS_TO[result]


def test_an_outcome_that_changed_nothing_changes_no_picture_either() -> None:
    later = outcome(Result.LOST, id=4, at=NOW + DAY)
    kept = Kept(NOW, led(Lifecycle.ACCEPTED, Result.WON, later).record)
    assert standing_then(Lifecycle.CONTACT, NOW - DAY, [kept]).lifecycle is Lifecycle.CONTACT


def test_a_record_reads_as_a_sentence() -> None:
    words = record_words(led(Lifecycle.ACCEPTED, Result.LOST, handover_id=3).record)
    assert words == "is lost: on 2026-03-02, told by Sanne: lost from now on"


RESULTS = st.lists(st.tuples(st.sampled_from(Result), st.integers(0, 3)), min_size=1, max_size=6)


@given(RESULTS, st.sampled_from(Lifecycle), st.randoms(use_true_random=False))
def test_in_whatever_order_outcomes_are_told_the_last_by_its_date_holds(
    told: list[tuple[Result, int]], before: Lifecycle, shuffled: Random
) -> None:
    said = [outcome(result, id=n, at=NOW + day * DAY) for n, (result, day) in enumerate(told)]
    shuffled.shuffle(said)
    lifecycle, known = before, list[Outcome]()
    for one in said:
        known.append(one)
        holding = max(known, key=lambda each: (each.at, each.id))
        lifecycle = consequence(one, holding, Standing(lifecycle)).lifecycle
    last = max(said, key=lambda each: (each.at, each.id))
    stays = before is Lifecycle.DISQUALIFIED and all(one.result is Result.LOST for one in said)
    assert lifecycle is (before if stays else LEADS_TO[last.result])
