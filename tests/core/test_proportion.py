"""Shares and their intervals: against published figures, the defining equation, and a census."""

from __future__ import annotations

from math import comb, isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.proportion import Z95, found, share

cases = st.integers(1, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_the_published_one(hits: int, of: int, low: float, high: float) -> None:
    found = share(hits, of)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(cases)
def test_its_ends_are_as_far_from_the_share_as_the_quantile_says(case: tuple[int, int]) -> None:
    hits, of = case
    found = share(hits, of)
    assert found.value is not None
    for end, known in ((found.low, hits == 0), (found.high, hits == of)):
        assert end is not None
        if not known:
            assert isclose(abs(found.value - end), Z95 * sqrt(end * (1 - end) / of), abs_tol=1e-9)


@given(cases)
def test_the_share_lies_within_its_interval(case: tuple[int, int]) -> None:
    found = share(*case)
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("true", [0.05, 0.2, 0.5])
def test_it_holds_the_true_share_in_about_95_of_100_cases(true: float) -> None:
    of = 100
    held = 0.0
    for hits in range(of + 1):
        found = share(hits, of)
        assert found.low is not None
        assert found.high is not None
        if found.low <= true <= found.high:
            held += comb(of, hits) * true**hits * (1 - true) ** (of - hits)
    assert 0.93 <= held <= 0.975


def test_of_nothing_there_is_no_share() -> None:
    assert share(0, 0).value is None


def test_more_hits_than_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2 is no share"):
        share(3, 2)


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    quality = found(rightly=30, chosen=40, right=60)
    assert (quality.precision.value, quality.recall.value) == (0.75, 0.5)
    assert quality.f1.value == pytest.approx(2 * 0.75 * 0.5 / (0.75 + 0.5))


@given(cases, st.integers(0, 500))
def test_f1_lies_within_its_interval(case: tuple[int, int], missed: int) -> None:
    rightly, chosen = case
    f1 = found(rightly, chosen, rightly + missed).f1
    assert f1.low is not None
    assert f1.value is not None
    assert f1.high is not None
    assert f1.low <= f1.value + 1e-12
    assert f1.value <= f1.high + 1e-12
