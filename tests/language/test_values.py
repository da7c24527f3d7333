from __future__ import annotations

from datetime import time, timedelta

import pytest

from nurture.core.written import parse_days, parse_hours
from nurture.language.values import parse_answer_time, parse_duration, parse_reject_rule


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("3d", timedelta(days=3)),
        ("4h", timedelta(hours=4)),
        ("30m", timedelta(minutes=30)),
        ("2w", timedelta(weeks=2)),
        ("1d 12h", timedelta(hours=36)),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "3", "d", "0d", "-3d", "3 days", "1.5d", "3d4", "999999w", "٣d"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {1, 2, 3, 4, 5}),
        ("sat-mon", {6, 7, 1}),
        ("mon, wed,fri", {1, 3, 5}),
        ("Tue", {2}),
        ("mon-tue, sun", {1, 2, 7}),
    ],
)
def test_days_are_ranges_and_lists(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "mon-", "mon-tue-wed", "monday", "mon;tue"])
def test_what_is_no_days_is_none(text: str) -> None:
    assert parse_days(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("09:00-17:30", (time(9), time(17, 30))),
        ("9:05 - 17:00", (time(9, 5), time(17))),
        ("22:00-06:00", (time(22), time(6))),
        ("00:00-24:00", (time(0), time(0))),
    ],
)
def test_hours_are_from_and_up_to(text: str, hours: tuple[time, time]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    "text", ["9-17", "09:00", "09:60-10:00", "25:00-26:00", "24:00-25:00", "09.00-17.30"]
)
def test_what_is_no_hours_is_none(text: str) -> None:
    assert parse_hours(text) is None


def test_an_answer_time_can_be_in_hours_of_business() -> None:
    assert parse_answer_time("4 business hours") == (timedelta(hours=4), True)
    assert parse_answer_time("2d") == (timedelta(days=2), False)


@pytest.mark.parametrize("text", ["0 business hours", "4 business", "soon"])
def test_what_is_no_answer_time_is_none(text: str) -> None:
    assert parse_answer_time(text) is None


@pytest.mark.parametrize("text", ["recycle", "recycle after", "recycle after soon", "forget"])
def test_what_is_no_way_on_for_a_rejection_is_none(text: str) -> None:
    assert parse_reject_rule(text) is None
