from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nurture.core.campaign import Cap, Window
from nurture.core.schedule import (
    business_deadline,
    cap_frees_at,
    find_zone,
    next_allowed,
    public_holiday,
    retry_delay,
)
from tests.core.make import DAY, HOUR, MONDAY

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Window(frozenset(range(1, 6)), time(9), time(17, 30), "NL")

CHANGES = [
    ("Europe/Amsterdam", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Amsterdam", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 11, 1, 4, 30, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
]
"""Zones and the moments at which their clocks change: by an hour, by half of one, at midnight, by a day."""


def local(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[arg-type, misc]  # ints only


def shows_time_in(window: Window, at: datetime, zone: ZoneInfo) -> bool:
    """What a person with a clock on the wall and the window on paper would say."""
    wall = at.astimezone(zone).replace(tzinfo=None)
    for began in (wall.date(), wall.date() - DAY):
        opens = datetime.combine(began, window.start)
        closes = datetime.combine(began + (DAY if window.end <= window.start else timedelta(0)), window.end)
        if opens <= wall < closes and began.isoweekday() in window.days:
            return True
    return False


def test_within_the_window_it_is_now() -> None:
    assert next_allowed(MONDAY, OFFICE, AMSTERDAM) == MONDAY


def test_before_opening_it_is_the_same_day() -> None:
    assert next_allowed(local(AMSTERDAM, 2026, 3, 2, 4), OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 2, 9)


def test_at_the_closing_time_it_is_too_late() -> None:
    closing = local(AMSTERDAM, 2026, 3, 2, 17, 30)
    assert next_allowed(closing, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 3, 9)


def test_friday_evening_is_monday_morning() -> None:
    evening = local(AMSTERDAM, 2026, 3, 6, 20)
    assert next_allowed(evening, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 9, 9)


def test_holidays_are_left_out() -> None:
    before_easter = local(AMSTERDAM, 2026, 4, 3, 20)
    assert next_allowed(before_easter, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 4, 7, 9)


def test_the_hours_are_those_of_the_readers_own_wall() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert next_allowed(MONDAY, OFFICE, tokyo) == local(tokyo, 2026, 3, 3, 9)


def test_a_window_over_midnight_belongs_to_the_day_it_began() -> None:
    night = Window(frozenset({5}), time(22), time(2))
    in_it, behind_it = local(AMSTERDAM, 2026, 3, 7, 1), local(AMSTERDAM, 2026, 3, 7, 23)
    assert next_allowed(in_it, night, AMSTERDAM) == in_it
    assert next_allowed(behind_it, night, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 13, 22)


def test_an_opening_time_that_is_skipped_is_the_moment_of_the_change() -> None:
    window = Window(start=time(2, 30), end=time(5))
    evening = local(AMSTERDAM, 2026, 3, 28, 20)
    assert next_allowed(evening, window, AMSTERDAM) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_opening_time_shown_twice_opens_the_first_time() -> None:
    window = Window(start=time(2, 30), end=time(5))
    evening = local(AMSTERDAM, 2026, 10, 24, 20)
    assert next_allowed(evening, window, AMSTERDAM) == local(AMSTERDAM, 2026, 10, 25, 2, 30)


@given(
    st.sampled_from(CHANGES),
    st.timedeltas(-2 * DAY, 2 * DAY),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30])),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 30, 45])),
    st.frozensets(st.integers(1, 7), min_size=4),
)
def test_it_is_the_first_moment_at_which_the_wall_clock_shows_a_time_in_the_window(
    change: tuple[str, datetime], offset: timedelta, start: time, end: time, days: frozenset[int]
) -> None:
    assume(start != end)
    zone, now = ZoneInfo(change[0]), (change[1] + offset).replace(second=0, microsecond=0)
    window = Window(days, start, end)
    allowed = next_allowed(now, window, zone)
    assert shows_time_in(window, allowed, zone)
    minutes = int((allowed - now) / timedelta(minutes=1))
    assert not any(shows_time_in(window, now + timedelta(minutes=n), zone) for n in range(minutes))


def test_a_country_without_known_holidays_is_an_error() -> None:
    with pytest.raises(ValueError, match="no holidays are known for 'XX'"):
        public_holiday("XX", date(2026, 1, 1))


def test_a_region_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert [public_holiday(place, epiphany) for place in ("DE-BY", "DE-BE")] == [True, False]


@pytest.mark.parametrize("nonsense", ["", "Nowhere/Atlantis", "../../etc/passwd", "America", "a\0b", None])
def test_what_is_no_time_zone_gives_way_to_the_next(nonsense: str | None) -> None:
    assert find_zone(nonsense, "Europe/Amsterdam").key == "Europe/Amsterdam"


# --- caps, retries, deadlines -----------------------------------------------------------------------

TIMES = st.lists(st.timedeltas(timedelta(0), 20 * DAY), max_size=10)


def test_a_cap_of_no_messages_never_frees() -> None:
    assert cap_frees_at([], Cap(0, DAY), MONDAY) is None


@given(TIMES, st.integers(1, 4), st.timedeltas(HOUR, 10 * DAY))
def test_a_message_at_the_freed_time_keeps_within_the_cap_and_none_before_would(
    ages: list[timedelta], messages: int, per: timedelta
) -> None:
    sent = [MONDAY - age for age in ages]

    def recent(at: datetime) -> int:
        return sum(1 for one in sent if at - per < one <= at)

    frees = cap_frees_at(sent, Cap(messages, per), MONDAY)
    assert frees is not None
    assert recent(frees) < messages
    assert frees == MONDAY or recent(frees - timedelta(microseconds=1)) >= messages


def test_each_retry_waits_twice_as_long_up_to_a_limit() -> None:
    minutes = [retry_delay(attempt) / timedelta(minutes=1) for attempt in (1, 2, 3, 9, 10, 10_000)]
    assert minutes == [1, 2, 4, 256, 360, 360]


def test_a_deadline_counts_only_open_hours() -> None:
    friday = local(AMSTERDAM, 2026, 3, 6, 16)
    assert business_deadline(friday, 4 * HOUR, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 9, 11, 30)


def test_a_deadline_that_starts_at_night_starts_in_the_morning() -> None:
    night = local(AMSTERDAM, 2026, 3, 2, 23)
    assert business_deadline(night, HOUR, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 3, 3, 10)


def test_a_deadline_passes_over_holidays() -> None:
    before_easter = local(AMSTERDAM, 2026, 4, 2, 17)
    assert business_deadline(before_easter, HOUR, OFFICE, AMSTERDAM) == local(AMSTERDAM, 2026, 4, 7, 9, 30)


def test_without_a_window_a_deadline_counts_office_hours_on_working_days() -> None:
    friday = local(AMSTERDAM, 2026, 3, 6, 16)
    assert business_deadline(friday, 4 * HOUR, Window(), AMSTERDAM) == local(AMSTERDAM, 2026, 3, 9, 11, 30)


@given(st.sampled_from(CHANGES[:6]), st.timedeltas(-2 * DAY, 2 * DAY), st.integers(1, 7))
def test_between_start_and_deadline_lie_just_the_hours_asked_for(
    change: tuple[str, datetime], offset: timedelta, hours: int
) -> None:
    zone, start = ZoneInfo(change[0]), (change[1] + offset).replace(second=0, microsecond=0)
    window = Window(start=time(1), end=time(4))
    deadline = business_deadline(start, hours * HOUR, window, zone)
    minutes = int((deadline - start) / timedelta(minutes=1))
    open_minutes = sum(shows_time_in(window, start + timedelta(minutes=n), zone) for n in range(minutes))
    assert open_minutes == hours * 60
