"""Fields that were filled after the talk are found."""

from __future__ import annotations

import pytest

from nurture.learn.leaks import Provenance, find_leaks
from tests.learn.made_up import make_leads

FIELD = "answers.field"


def reasons(fill: object, provenance: Provenance | None = None) -> list[str]:
    table = make_leads(800, more={FIELD: fill}).table
    return [one.because for one in find_leaks(table, provenance) if one.subject == FIELD]


def test_a_field_that_only_the_won_have_is_found() -> None:
    (reason,) = reasons(lambda number, won: "paid" if won and number % 2 else None)
    assert "of the won and of 0% of the lost" in reason


def test_a_field_that_is_too_good_alone_is_found() -> None:
    (reason,) = reasons(lambda number, won: "interested" if won == (number % 12 > 0) else "lost touch")
    assert "alone it tells won from lost" in reason


def test_a_field_that_was_filled_after_the_hand_over_is_found() -> None:
    (reason,) = reasons(lambda number, won: f"{number % 3}", Provenance(late={FIELD: 0.6}))
    assert reason == "60% of its values came in after the hand-over or the outcome"


def test_a_field_that_nobody_without_an_outcome_has_is_found() -> None:
    (reason,) = reasons(lambda number, won: f"{number % 3}", Provenance(elsewhere={FIELD: 0.0}, others=500))
    assert reason == "it is known of 100% of the leads with an outcome, and of 0% of all others"


@pytest.mark.parametrize("others", [0, 50])
def test_few_people_without_an_outcome_prove_nothing(others: int) -> None:
    assert not reasons(lambda number, won: f"{number % 3}", Provenance(elsewhere={FIELD: 0.0}, others=others))


def test_fields_of_before_the_talk_are_not_suspected() -> None:
    assert find_leaks(make_leads(800).table) == []
