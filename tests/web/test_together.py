"""All hits of one mail together: bursts, the trap, and what they say of earlier hits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from nurture.core.model import SignalKind
from nurture.web.classify import AROUND, LOOKED, TRAPPED, Seen, together
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


def look(seconds: float, way: str = "unsubscribe", network: str = "a") -> Seen:
    return Seen(LOOKED, after(seconds), network, way)


def visit(seconds: float, network: str = "a") -> Seen:
    return Seen(SignalKind.VISITED, after(seconds), network, "https://firm.example/prices")


SLOW = [click(20, "1"), click(30, "2"), click(40, "3")]
SCATTERED = [click(20, "1", "a"), click(30, "2", "b"), click(40, "3", "c")]
WAYS_OUT = [click(20, "1"), look(32), look(44, "preferences")]


@pytest.mark.parametrize(
    ("hits", "machines"),
    [
        pytest.param(SLOW, {0, 1, 2}, id="links ten seconds apart"),
        pytest.param(SCATTERED, {0, 1, 2}, id="each from another address"),
        pytest.param(WAYS_OUT, {0, 1, 2}, id="one link, and all ways out"),
        pytest.param([click(20, "1", "a"), look(30, network="b")], {0, 1}, id="a way out from elsewhere"),
        pytest.param([click(20, "1", "a"), trap(30, "b")], {0, 1}, id="the trap from elsewhere"),
        pytest.param([*SLOW, visit(41), visit(300)], {0, 1, 2, 3, 4}, id="its script runs too"),
        pytest.param([*SCATTERED, click(120, "1", "d")], {0, 1, 2}, id="a person beside it"),
        pytest.param([*SLOW, click(60, "2", "d")], {0, 1, 2}, id="a person soon after it"),
        pytest.param([click(120, "1"), click(150, "2")], set(), id="a person with two questions"),
        pytest.param([click(45, "1"), click(80, "2"), click(115, "3")], set(), id="a person who reads on"),
        pytest.param([click(200, "1"), look(230)], set(), id="a person who clicks, and has enough"),
        pytest.param([look(20), look(30, "preferences")], {0, 1}, id="all ways out, and nothing else"),
        pytest.param(
            [click(300, "1"), click(320, "2"), click(340, "3")], set(), id="three links, much later"
        ),
    ],
)
def test_which_hits_right_after_the_delivery_are_a_scanners(hits: Sequence[Seen], machines: set[int]) -> None:
    assert together(hits, NOW).keys() == machines


def test_where_the_delivery_is_not_known_slow_links_are_let_be() -> None:
    assert together(SLOW) == {}


def test_the_reason_counts_the_links() -> None:
    found = together([click(0, "1"), click(0.1, "2"), click(0.2, "3")])
    assert found[0].endswith("links of the mail within 1 s from one network")


def test_a_flood_of_hits_is_judged_in_time() -> None:
    hits = [click(number * AROUND.total_seconds(), "1") for number in range(2_000)]
    assert together(hits) == {}


class Counted(str):
    """A link that counts how often it is looked at."""

    looks = 0

    def __hash__(self) -> int:
        Counted.looks += 1
        return super().__hash__()


def test_a_flood_of_clicks_costs_each_of_them_the_same() -> None:
    def looks(number: int) -> int:
        Counted.looks = 0
        flood = [click(5 + n / 100, Counted(n % 5)) for n in range(number)]
        assert len(together(flood, NOW)) == number
        return Counted.looks

    assert looks(400) <= 5 * looks(100)
