"""What the charts of reports show."""

from __future__ import annotations

import re

import pytest

from nurture.core.survival import course
from nurture.reports.charts import courses


def ticks(svg: str) -> list[str]:
    return re.findall(r">([\d.]+%)<", svg)


@pytest.mark.parametrize(
    ("won", "highest"), [(8, "10%"), (25, "40%"), (100, "100%")], ids=["few", "some", "all"]
)
def test_a_course_is_drawn_as_high_as_it_comes(won: int, highest: str) -> None:
    svg = courses("Won", {"all": course({3: won}, {9: 100 - won})}, 10)
    assert ticks(svg)[-1] == highest


def test_the_end_of_a_course_lies_at_its_share_of_the_axis() -> None:
    svg = courses("Won", {"all": course({3: 10}, {9: 90})}, 10)
    # The upper end of the axis is 10 %, and 12 below the edge.
    assert re.search(r'class="course line-0" d="[^"]*V12\.0H', svg)
