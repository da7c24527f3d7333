"""All hits of one mail together: bursts, the trap, and what they say of earlier hits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from nurture.core.model import SignalKind
from nurture.web.classify import AROUND, TRAPPED, Seen, together
from tests.store.people import NOW


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def click(seconds: float, link: str, network: str = "a") -> Seen:
    return Seen(SignalKind.CLICKED, after(seconds), network, link)


def opened(seconds: float, network: str = "a") -> Seen:
    return Seen(SignalKind.OPENED, after(seconds), network)


def trap(seconds: float, network: str = "a") -> Seen:
    return Seen(TRAPPED, after(seconds), network)


@pytest.mark.parametrize(
    ("hits", "machines"),
    [
        pytest.param([click(0, "1"), click(0.9, "2")], {0, 1}, id="two links at once"),
        pytest.param([click(0, "1"), click(1.1, "2")], set(), id="two links, a second apart"),
        pytest.param([click(0, "1"), click(0.1, "1"), click(0.2, "1")], set(), id="a nervous hand"),
        pytest.param([click(0, "1"), click(2, "2"), click(5, "3")], {0, 1, 2}, id="three in five seconds"),
        pytest.param([click(0, "1"), click(3, "2"), click(6, "3")], set(), id="three, slowly"),
        pytest.param([click(0, "1"), click(0.5, "2", "b")], set(), id="two people"),
        pytest.param([click(0, "1", ""), click(0.5, "2", "")], set(), id="nobody knows where from"),
        pytest.param([click(5, "3"), click(0, "1"), click(2, "2")], {0, 1, 2}, id="in any order"),
        pytest.param([opened(0), trap(3), click(20, "1")], {0, 1, 2}, id="around the trap"),
        pytest.param([click(0, "1"), trap(601)], {1}, id="long before the trap"),
        pytest.param([click(0, "1", "b"), trap(1)], {1}, id="another network than the trapped one"),
        pytest.param(
            [click(0, "1"), click(0.1, "2"), opened(500), opened(700)], {0, 1, 2}, id="around a burst"
        ),
        pytest.param([], set(), id="nothing"),
    ],
)
def test_which_hits_are_a_scanners(hits: Sequence[Seen], machines: set[int]) -> None:
    assert together(hits).keys() == machines


def test_the_reason_counts_the_links() -> None:
    found = together([click(0, "1"), click(0.1, "2"), click(0.2, "3")])
    assert found[0].endswith("links of the mail within 1 s from one network")


def test_a_flood_of_hits_is_judged_in_time() -> None:
    hits = [click(number * AROUND.total_seconds(), "1") for number in range(2_000)]
    assert together(hits) == {}
