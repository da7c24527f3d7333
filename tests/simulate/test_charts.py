"""Charts: all that they are given is in them, at its place, under round numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.model import Lifecycle, Stage
from nurture.simulate.charts import LEFT, LINES, RIGHT, WIDTH, areas, axis, bars
from nurture.simulate.palette import STANDINGS, standing_style
from nurture.simulate.report import weekly
from nurture.simulate.result import DayCount

MONDAY = date(2026, 3, 2)
DAYS = [MONDAY + timedelta(days=number) for number in range(60)]


def ticks(svg: str) -> dict[str, float]:
    """Where each date stands."""
    texts = ElementTree.fromstring(svg).iter("text")
    return {
        text.text or "": float(text.attrib["x"]) for text in texts if text.attrib["text-anchor"] == "middle"
    }


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (21, [0, 5, 10, 15, 20, 25]),
        (57, [0, 20, 40, 60]),
        (838, [0, 200, 400, 600, 800, 1000]),
        (12_000, [0, 5000, 10_000, 15_000]),
    ],
)
def test_an_axis_has_a_few_round_numbers(most: int, lines: list[int]) -> None:
    assert axis(most) == lines


@given(st.integers(0, 10**9))
def test_an_axis_is_even_and_shows_what_it_must_and_little_more(most: int) -> None:
    lines = axis(most)
    step = lines[1]
    assert lines == list(range(0, lines[-1] + 1, step))
    assert lines[-1] - step < max(most, 1) <= lines[-1]
    assert len(lines) <= LINES + 1
    assert str(step).rstrip("0") in ("1", "2", "5")


def test_no_series_of_an_area_chart_is_lost() -> None:
    series = {f"kind-{number}": [1] * 60 for number in range(12)}
    assert areas("Many", DAYS, series).count("<polygon") == 12


def test_every_standing_has_a_colour_of_its_own() -> None:
    standings = {*Stage, *Lifecycle} - {Lifecycle.CONTACT}
    assert standings == set(STANDINGS)
    for shade in (0, 1):
        assert len({colours[shade] for colours in STANDINGS.values()}) == len(STANDINGS)


def test_a_standing_that_nobody_knows_is_coloured_too() -> None:
    assert ".at-new{" in standing_style(["new"])


def test_a_date_stands_under_its_own_bar() -> None:
    svg = bars("Mails", [DayCount(day, 1) for day in DAYS])
    bar = next(rect for rect in ElementTree.fromstring(svg).iter("rect") if "16 Mar" in rect[0].text)  # type: ignore[operator]
    middle = float(bar.attrib["x"]) + float(bar.attrib["width"]) / 2
    assert ticks(svg)["16 Mar"] == pytest.approx(middle, abs=0.2)


def test_a_date_stands_under_its_own_day_of_an_area() -> None:
    svg = areas("People", DAYS, {"orientation": [0] * 14 + [1] + [0] * 45})
    points = [tuple(map(float, point.split(","))) for point in re.findall(r"[\d.]+,[\d.]+", svg)]
    highest = min(points, key=lambda point: point[1])
    assert ticks(svg)["16 Mar"] == pytest.approx(highest[0], abs=0.2)


def test_the_same_day_has_the_same_place_in_bars_and_areas() -> None:
    counted = bars("Mails", [DayCount(day, 1) for day in DAYS])
    assert ticks(counted) == ticks(areas("People", DAYS, {"orientation": [1] * 60}))


@pytest.mark.parametrize("number", [1, 2, 7, 30, 90, 400, 1000])
def test_no_two_dates_run_into_each_other(number: int) -> None:
    days = [MONDAY + timedelta(days=day) for day in range(number)]
    places = [LEFT, *sorted(ticks(bars("Mails", [DayCount(day, 1) for day in days])).values())]
    assert all(right - left > 60 for left, right in pairwise(places[1:]))
    assert places[-1] < WIDTH - RIGHT


def test_a_bar_over_the_limit_is_marked() -> None:
    svg = bars("Mails", [DayCount(MONDAY, 41), DayCount(DAYS[1], 40)], limit=40)
    assert svg.count('class="bar over"') == 1


def test_charts_can_have_the_same_axis() -> None:
    assert ">40</text>" in bars("Hand-overs", [DayCount(MONDAY, 1)], each="week", most=40)


def test_a_week_counts_its_days_under_its_monday() -> None:
    counted = [DayCount(day, 1) for day in DAYS[3:10]]
    assert weekly(counted) == [DayCount(MONDAY, 4), DayCount(MONDAY + timedelta(days=7), 3)]


def test_a_chart_says_in_words_what_it_shows() -> None:
    svg = bars("Mails a day", [DayCount(MONDAY, 41), DayCount(DAYS[1], 1200)])
    assert 'aria-label="Mails a day: 1,241 in all, at most 1,200 (Tue 3 Mar 2026)"' in svg
