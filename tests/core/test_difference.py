"""Differences of shares: the published examples, and what no interval may do."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.difference import difference
from nurture.core.proportion import share

CASES = st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_the_interval_is_that_of_newcombes_table(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10, contrasts a, b and f."""
    found = difference(share(*one), share(*other))
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(CASES, CASES)
def test_the_difference_lies_within_its_interval(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = difference(share(*one), share(*other))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


@given(CASES, CASES)
def test_the_other_way_round_only_the_sign_changes(one: tuple[int, int], other: tuple[int, int]) -> None:
    there, back = difference(share(*one), share(*other)), difference(share(*other), share(*one))
    assert there.low == pytest.approx(-(back.high or 0.0))


def test_of_nothing_there_is_no_difference_to_tell() -> None:
    assert difference(share(0, 0), share(1, 2)).value is None


def test_it_holds_the_truth_in_about_95_of_100_cases() -> None:
    dice, held, runs = random.Random(5), 0, 2_000
    for _ in range(runs):
        one = sum(dice.random() < 0.08 for _ in range(120))
        other = sum(dice.random() < 0.05 for _ in range(60))
        found = difference(share(one, 120), share(other, 60))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.03 <= found.high
    assert 0.93 <= held / runs <= 0.985
