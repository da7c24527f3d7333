"""How much may go: days, minutes, warm-up, rests, and the alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.throttle import LONGEST_REST, Limits, PausePolicy, Tally, Use, WarmUp, alarm

NOON = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
POLICY = PausePolicy(blocked=0.05, blocked_at_least=20, complaints=0.003, complaints_at_least=5)
WARM_UP = WarmUp(date(2026, 3, 1), 50, 2.0)


@pytest.mark.parametrize(("day", "limit"), [(28, 0), (1, 50), (2, 100), (3, 200), (31, 1_000_000_000)])
def test_a_warm_up_grows_day_by_day_from_its_start(day: int, limit: int) -> None:
    assert WARM_UP.limit(date(2026, 2 if day == 28 else 3, day)) == limit


def test_a_warm_up_ends_at_the_days_limit() -> None:
    assert Limits(per_day=150, warm_up=WARM_UP).of_day(date(2026, 3, 20)) == 150


def test_a_minute_that_is_over_counts_no_more() -> None:
    use = Use().plus(10, NOON)
    assert use.left(Limits(per_minute=10), NOON, 5) == 0
    assert use.left(Limits(per_minute=10), NOON + timedelta(seconds=30), 5) == 5


def test_a_day_that_is_over_counts_no_more() -> None:
    use = Use().plus(10, NOON)
    assert use.left(Limits(per_day=10), NOON + timedelta(hours=11), 5) == 0
    assert use.left(Limits(per_day=10), NOON + timedelta(hours=12), 5) == 5


def test_a_full_day_is_looked_at_again_at_midnight() -> None:
    assert Use().plus(10, NOON).again(Limits(per_day=10, per_minute=100), NOON) == datetime(
        2026, 3, 3, tzinfo=UTC
    )


def test_a_full_minute_is_looked_at_again_in_the_next() -> None:
    again = Use().plus(10, NOON).again(Limits(per_day=100, per_minute=10), NOON)
    assert again == NOON + timedelta(seconds=30)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40)), max_size=60))
def test_no_minute_and_no_day_gets_more_than_its_limit(asked: list[tuple[int, int]]) -> None:
    limits = Limits(per_day=60, per_minute=15)
    use, now = Use(), NOON
    minutes: dict[datetime, int] = {}
    days: dict[date, int] = {}
    for seconds, wanted in asked:
        now += timedelta(seconds=seconds * 10)
        got = use.left(limits, now, wanted)
        use = use.plus(got, now)
        minute = now.replace(second=0)
        minutes[minute] = minutes.get(minute, 0) + got
        days[now.date()] = days.get(now.date(), 0) + got
    assert max(minutes.values(), default=0) <= 15
    assert max(days.values(), default=0) <= 60


def test_each_rest_is_twice_as_long_up_to_the_longest() -> None:
    use, rests = Use(), []
    for _ in range(9):
        use = use.struck(NOON)
        assert use.rest_until is not None
        rests.append((use.rest_until - NOON).total_seconds())
    assert rests == [15, 30, 60, 120, 240, 480, *[LONGEST_REST.total_seconds()] * 3]


def test_nothing_goes_by_what_rests() -> None:
    assert Use().struck(NOON).left(Limits(), NOON, 5) == 0


def test_nothing_goes_by_what_is_paused() -> None:
    assert replace(Use(), paused_why="a wave").left(Limits(), NOON, 5) == 0


def test_a_mail_that_was_taken_ends_the_rests() -> None:
    assert Use().struck(NOON).recovered() == Use()


@pytest.mark.parametrize(
    ("lately", "of_days", "alarmed"),
    [
        (Tally(100, 20), Tally(100, 20), True),
        (Tally(100, 19), Tally(100, 19), False),
        (Tally(1000, 50), Tally(1000, 50), False),
        (Tally(1000, 51), Tally(1000, 51), True),
        (Tally(10), Tally(10_000, complained=31), True),
        (Tally(10), Tally(10_000, complained=30), False),
        (Tally(10), Tally(10, complained=4), False),
        (Tally(), Tally(complained=5), True),
    ],
)
def test_a_wave_is_a_share_and_a_number(lately: Tally, of_days: Tally, alarmed: bool) -> None:
    assert (alarm(lately, of_days, POLICY) is not None) is alarmed


def test_an_alarm_says_what_was_counted() -> None:
    assert alarm(Tally(100, 30), Tally(100, 30), POLICY) == "30 of 100 mails were refused because of us"
