from __future__ import annotations

from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.engagement import (
    Match,
    SignalRules,
    cap_words,
    decayed,
    evidence,
    falls_below,
    find_matches,
    score,
)
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


def test_a_cap_limits_what_one_kind_of_signal_counts_together() -> None:
    found = matches(*[visited("/prices")] * 3, QUOTE)
    assert score(found, {"visited": 10}) == 10 + 40


def test_a_cap_is_held_against_what_decay_has_left() -> None:
    faded = matches(*[visited("/prices", MONDAY - 21 * DAY)] * 3)
    assert score(faded, {"visited": 10}) == 9


def test_a_cap_limits_what_humans_did_by_itself() -> None:
    found = matches(*[visited("/prices", classed=SignalClass.PROBABLE)] * 3, visited("/prices"))
    assert score(found, {"visited": 10}, human_only=True) == 6


@pytest.mark.parametrize("human_only", [True, False])
def test_a_bounce_takes_points_away_though_nobody_did_it(human_only: bool) -> None:
    bounced = signal("bounced", classed=SignalClass.MACHINE)
    rules = SignalRules([signal_rule("bounced", "bounced", None, -20)], {})
    found = find_matches([bounced], rules, PROFILE.half_life, MONDAY)
    assert score(found, human_only=human_only) == -20


SUMS = st.dictionaries(st.sampled_from(["opened", "clicked", "visited", "bounced"]), st.floats(-50, 200))
CAPS = st.dictionaries(st.sampled_from(["opened", "clicked", "visited"]), st.integers(0, 60))


def after_half_lives(passed: float, sums: dict[str, float], caps: dict[str, int]) -> float:
    return sum(min(points * 0.5**passed, caps.get(kind, inf)) for kind, points in sums.items())


@given(SUMS, CAPS, st.floats(0.5, 100), st.floats(0, 1))
def test_when_engagement_falls_below_a_limit_is_solved_for(
    sums: dict[str, float], caps: dict[str, int], limit: float, part: float
) -> None:
    falls = falls_below(limit, sums, caps)
    if falls is None:
        starts = after_half_lives(0, sums, caps)
        ever = min(after_half_lives(passed / 4, sums, caps) for passed in range(100))
        assert starts < limit or ever >= limit
    else:
        assert after_half_lives(falls * part, sums, caps) >= limit - 1e-6
        assert after_half_lives(falls, sums, caps) == pytest.approx(limit, abs=1e-6)


def test_a_kind_above_its_cap_is_told() -> None:
    found = matches(*[visited("/prices")] * 3)
    assert cap_words(found, {"visited": 10}) == ("visited: 18 points together, of which 10 count",)


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
