from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.engagement import Match, SignalRules, decayed, evidence, find_matches, score
from nurture.core.model import Signal, SignalClass
from tests.core.make import DAY, MONDAY, PROFILE, QUOTE, signal, signal_rule, visited

AGES = st.timedeltas(timedelta(0), 3650 * DAY)
HALF_LIVES = st.timedeltas(timedelta(hours=1), 365 * DAY)


def matches(*signals: Signal) -> list[Match]:
    return find_matches(signals, SignalRules(PROFILE.signals, {}), PROFILE.half_life, MONDAY)


@given(HALF_LIVES)
def test_after_one_half_life_half_is_left(half_life: timedelta) -> None:
    assert decayed(8, half_life, half_life) == 4


@given(AGES, AGES, HALF_LIVES)
def test_fading_in_two_steps_is_fading_in_one(
    first: timedelta, then: timedelta, half_life: timedelta
) -> None:
    in_two = decayed(decayed(100, first, half_life), then, half_life)
    assert in_two == pytest.approx(decayed(100, first + then, half_life))


def test_what_a_source_dates_into_the_future_counts_whole() -> None:
    assert decayed(8, -DAY, 21 * DAY) == 8


def test_every_matching_rule_counts() -> None:
    rules = [
        signal_rule("any", "visited", None, 1),
        signal_rule("prices", "visited", 'url.path == "/prices"', 6),
    ]
    found = find_matches([visited("/prices")], SignalRules(rules, {}), 21 * DAY, MONDAY)
    assert score(found) == 7


def test_a_signal_that_no_rule_is_about_counts_nothing() -> None:
    assert matches(signal("danced"), visited("/jobs"), signal("submitted", form="poll")) == []


def test_machines_give_no_points_and_probable_humans_all_of_them() -> None:
    found = matches(
        visited("/prices", classed=SignalClass.MACHINE), visited("/prices", classed=SignalClass.PROBABLE)
    )
    assert (score(found), score(found, human_only=True)) == (6, 0)


def test_evidence_says_what_when_and_how_much_is_left() -> None:
    (one,) = evidence(matches(visited("/prices", MONDAY - 3 * DAY)), MONDAY)
    assert one.words == "visited /prices, 3 days ago: 5.4 of 6 points"


def test_evidence_begins_with_the_buying_signal_then_the_strongest() -> None:
    told = evidence(matches(visited("/portfolio"), visited("/prices"), QUOTE), MONDAY)
    assert [one.rule for one in told] == ["quote", "prices", "portfolio"]


def test_what_is_remembered_of_a_page_does_not_answer_for_another() -> None:
    rules = SignalRules(PROFILE.signals, {})
    pages = ["/prices", "/portfolio", "/prices", "/jobs", "/portfolio"]
    found = [[rule.id for rule in rules.matching(visited(page))] for page in pages]
    assert found == [["prices"], ["portfolio"], ["prices"], [], ["portfolio"]]


def test_rules_about_other_data_are_asked_each_time() -> None:
    rules = SignalRules([signal_rule("red", "submitted", 'data.colour == "red"', 5)], {})
    found = [
        rules.matching(signal("submitted", form="quote", colour=each)) for each in ("red", "blue", "red")
    ]
    assert [len(each) for each in found] == [1, 0, 1]


def test_odd_data_is_no_match_and_no_error() -> None:
    assert matches(signal("submitted", form=["quote"]), signal("visited", url=5)) == []
