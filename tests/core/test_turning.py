from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.decide import decide
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Enrol, Signal, SignalClass
from nurture.core.plan import Plan
from nurture.core.turning import next_turn, turning_parts
from nurture.language.conditions import parse
from tests.core.make import DAY, HOUR, MONDAY, PROFILE, campaign, contact, send, signal, snapshot, visited

CREATED = MONDAY - 200 * DAY


def facts(*signals: Signal, now: datetime = MONDAY, created: datetime = CREATED) -> SnapshotFacts:
    return SnapshotFacts(snapshot(signals, contact=contact(created_at=created)), 0, 0.0, None, now)


def asked(condition: str, of: SnapshotFacts) -> object:
    return parse(condition).test(of)


# --- dormant ----------------------------------------------------------------------------------------


def test_nothing_for_ninety_days_makes_a_contact_dormant() -> None:
    last = visited("/prices", MONDAY - 90 * DAY)
    assert asked("contact.dormant", facts(last)) is True
    assert asked("contact.dormant", facts(last, now=MONDAY - timedelta(seconds=1))) is False


def test_nobody_is_dormant_who_came_in_lately() -> None:
    assert asked("contact.dormant", facts(created=MONDAY - 89 * DAY)) is False


def test_who_never_did_anything_is_dormant_in_the_end() -> None:
    assert asked("contact.dormant", facts()) is True


@pytest.mark.parametrize("classed", [SignalClass.PROBABLE, SignalClass.MACHINE])
def test_only_what_a_person_surely_did_wakes_the_dormant(classed: SignalClass) -> None:
    assert asked("contact.dormant", facts(signal("opened", classed=classed))) is True


@pytest.mark.parametrize("kind", ["bounced", "complained", "unsubscribed"])
def test_bounces_and_farewells_are_no_activity(kind: str) -> None:
    assert asked("contact.dormant or active()", facts(signal(kind))) is True
    assert asked("active()", facts(signal(kind))) is False


def test_dormancy_is_told_in_words() -> None:
    told = parse("contact.dormant").evaluate(facts()).reason
    assert told == "dormant: nothing has come from them for a long time"


# --- recency and frequency --------------------------------------------------------------------------


def test_active_looks_back_as_far_as_it_is_told() -> None:
    last = visited("/prices", MONDAY - 7 * DAY)
    assert asked("active(within=7d)", facts(last)) is True
    assert asked("active(within=6d)", facts(last)) is False


def test_days_are_counted_once_each() -> None:
    two_days = [visited("/", MONDAY - DAY), visited("/", MONDAY - HOUR), visited("/", MONDAY)]
    assert asked("active_days(within=30d) == 2", facts(*two_days)) is True


def test_activity_is_told_in_words() -> None:
    finding = parse("active_days(within=30d) >= 3").evaluate(facts(visited("/")))
    assert finding.reason == "active on 1 day in the last 30 days, below 3"


# --- when it turns ----------------------------------------------------------------------------------


def turn(condition: str, of: SnapshotFacts) -> datetime | None:
    return next_turn(turning_parts([parse(condition)]), of)


def test_a_condition_on_nothing_that_turns_wakes_nobody() -> None:
    assert turn('visited("/prices", within=7d) and active()', facts(visited("/prices"))) is None


def test_dormancy_turns_when_the_time_is_up() -> None:
    assert turn("not contact.dormant", facts(visited("/"))) == MONDAY + 90 * DAY


def test_whom_it_has_made_dormant_time_does_not_wake() -> None:
    assert turn("contact.dormant", facts()) is None


MOMENTS = st.lists(st.integers(0, 40 * 24).map(lambda hours: MONDAY - hours * HOUR), max_size=6)
CONDITIONS = st.sampled_from(
    [
        "contact.dormant",
        "active(within=9d) >= 2",
        "active(within=9d)",
        "active_days(within=9d) >= 2",
        "active_days(within=20d) == 1 and not contact.dormant",
    ]
)


@given(moments=MOMENTS, condition=CONDITIONS, later=st.integers(1, 200 * 24))
def test_between_now_and_the_next_turn_the_answer_stays(
    moments: list[datetime], condition: str, later: int
) -> None:
    signals = [visited("/", at) for at in sorted(moments)]
    here, at = facts(*signals), MONDAY + later * HOUR
    until = turn(condition, here)
    if until is None or at < until:
        assert asked(condition, facts(*signals, now=at)) is asked(condition, here)


def test_time_alone_brings_the_dormant_into_their_campaign() -> None:
    again = campaign([send("hello")], name="again", audience=parse("contact.dormant"))
    plan = Plan(PROFILE, {1: again}, (1,))
    of = snapshot([visited("/", MONDAY)], contact=contact())
    first = decide(of, plan, MONDAY)
    assert first.next_at is not None
    entered = decide(of, plan, first.next_at)
    assert [effect.enrolment.campaign for effect in entered.effects if isinstance(effect, Enrol)] == ["again"]


def test_the_profile_says_after_how_long_somebody_is_dormant() -> None:
    again = campaign([send("hello")], name="again", audience=parse("contact.dormant"))
    plan = Plan(replace(PROFILE, dormant_after=10 * DAY), {1: again}, (1,))
    of = snapshot([visited("/", MONDAY)], contact=contact())
    assert decide(of, plan, MONDAY).next_at == MONDAY + 10 * DAY
