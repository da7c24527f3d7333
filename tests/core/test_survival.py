"""How long things take: the waiting count too, and nobody is counted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.survival import course

COUNTS = st.dictionaries(st.integers(0, 400), st.integers(1, 50), max_size=20)


def test_without_anybody_waiting_it_is_the_plain_share() -> None:
    assert course({1: 1, 3: 2, 7: 1}, {}).points == ((1, 0.25), (3, 0.75), (7, 1.0))


def test_who_still_waits_counts_until_then() -> None:
    # By hand: after 2 days 1 of 4; one leaves the count at 3; after 5 days 1 of the 2 who are left.
    assert course({2: 1, 5: 1}, {3: 1, 9: 1}).points == ((2, 0.25), (5, pytest.approx(0.625)))


def test_the_median_is_unknown_where_most_still_wait() -> None:
    assert course({2: 1}, {30: 9}).quantile(0.5) is None


def test_the_median_is_the_day_by_which_half_have_had_it() -> None:
    assert course({1: 1, 3: 1, 8: 2}, {}).quantile(0.5) == 3


@given(COUNTS, COUNTS)
def test_the_share_only_grows_and_never_passes_one(ended: dict[int, int], waiting: dict[int, int]) -> None:
    shares = [share for _, share in course(ended, waiting).points]
    assert shares == sorted(shares)
    assert all(0 < share <= 1 + 1e-9 for share in shares)


@given(COUNTS)
def test_where_nobody_waits_everybody_has_had_it_in_the_end(ended: dict[int, int]) -> None:
    found = course(ended, {})
    assert found.by(400) == pytest.approx(1.0 if ended else 0.0)
