"""Several people of one firm who do the same within a while give each of its contacts the points once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.assess import assess, find_promotion, measure
from nurture.core.colleagues import Picture, find_pictures, picture_signal
from nurture.core.engagement import SignalRules
from nurture.core.model import Signal, SignalClass, Stage
from nurture.core.profile import SignalRule
from nurture.core.words import signal_words
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES
from tests.core.make import DAY, FITTING, MONDAY, PROFILE, contact, snapshot, visited

WEEK = 7 * DAY
THREE = SignalRule(
    "three", "visited", parse('url.path == "/prices"', names=SIGNAL_NAMES), Stage.COMPARISON, 20,
    people=3, within=WEEK,
)  # fmt: skip
RULES = SignalRules([THREE], {})


def by(who: int, day: float, path: str = "/prices", **changes: object) -> Signal:
    """What contact `who` looked at so many days after Monday; earlier ones have lower ids."""
    at = MONDAY + timedelta(days=day)
    return replace(visited(path, at, id=int(day * 1000) + who + 10_000), contact_id=who, **changes)


def completed_at(*signals: Signal) -> float | None:
    """On which day the picture was completed; None: it is not."""
    found = find_pictures(signals, RULES)
    return (found[0].signal.at - MONDAY) / DAY if found else None


# --- when -------------------------------------------------------------------------------------------


def test_the_third_person_completes_the_picture() -> None:
    assert completed_at(by(1, 0), by(2, 3), by(3, 5)) == 5


def test_one_person_who_comes_three_times_does_not() -> None:
    assert completed_at(by(1, 0), by(1, 1), by(2, 2)) is None


def test_three_people_over_a_longer_time_do_not() -> None:
    assert completed_at(by(1, 0), by(2, 4), by(3, 7.5)) is None


def test_the_time_counts_from_the_first_of_them_on_the_dot() -> None:
    assert completed_at(by(1, 0), by(2, 4), by(3, 7)) == 7


@pytest.mark.parametrize("classed", [SignalClass.PROBABLE, SignalClass.MACHINE])
def test_only_what_humans_did_counts(classed: SignalClass) -> None:
    assert completed_at(by(1, 0), by(2, 1), by(3, 2, classed=classed)) is None


def test_what_the_rule_does_not_ask_for_does_not_count() -> None:
    assert completed_at(by(1, 0), by(2, 1), by(3, 2, "/jobs")) is None


def test_who_comes_while_it_is_complete_does_not_complete_it_anew() -> None:
    assert completed_at(by(1, 0), by(2, 1), by(3, 2), by(4, 3), by(1, 4)) == 2


def test_when_it_comes_together_again_the_newest_time_counts() -> None:
    assert completed_at(by(1, 0), by(2, 1), by(3, 2), by(1, 30), by(2, 31), by(3, 32)) == 32


def test_it_tells_who_they_were() -> None:
    (picture,) = find_pictures([by(2, 0), by(1, 1), by(2, 2), by(3, 3)], RULES)
    assert picture.people == (1, 2, 3)


SIGNALS = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 40)), max_size=20)


def naively(signals: Sequence[Signal]) -> datetime | None:
    """The same, asked of every signal anew."""

    def people(until: Signal, among: Sequence[Signal]) -> int:
        begun = until.at - WEEK
        return len({one.contact_id for one in among if begun <= one.at})

    found = None
    for number, one in enumerate(signals):
        if people(one, signals[:number]) < 3 <= people(one, signals[: number + 1]):
            found = one.at
    return found


@given(SIGNALS)
def test_it_is_complete_when_asking_every_signal_says_so(days: list[tuple[int, int]]) -> None:
    signals = [
        replace(by(who, day), id=number) for number, (who, day) in enumerate(sorted(days, key=lambda d: d[1]))
    ]
    found = find_pictures(signals, RULES)
    assert (found[0].signal.at if found else None) == naively(signals)


@given(SIGNALS, st.randoms())
def test_the_order_in_which_signals_come_in_does_not_matter(
    days: list[tuple[int, int]], chance: object
) -> None:
    signals = [replace(by(who, day), id=number) for number, (who, day) in enumerate(days)]
    mixed = list(signals)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # a Random
    assert find_pictures(mixed, RULES) == find_pictures(signals, RULES)


# --- what it gives ----------------------------------------------------------------------------------

PICTURED = replace(PROFILE, signals=(*PROFILE.signals, THREE))
TOGETHER = (by(2, 0), by(3, 1), by(4, 2))


def points(now: datetime, *firm: Signal) -> float:
    rules = SignalRules(PICTURED.signals, {})
    return measure(snapshot(firm=firm), PICTURED, rules, {}, now).engagement


def test_somebody_who_did_nothing_has_the_points_too() -> None:
    assert points(MONDAY + 2 * DAY, *TOGETHER) == 20


def test_the_points_are_given_once() -> None:
    assert points(MONDAY + 2 * DAY, *TOGETHER, by(5, 2), by(1, 2)) == 20


def test_they_fade_from_when_it_was_completed() -> None:
    assert points(MONDAY + 2 * DAY + PICTURED.half_life, *TOGETHER) == pytest.approx(10)


def test_a_single_visit_gives_nothing_of_it() -> None:
    one = replace(PROFILE, signals=(THREE,))
    found = measure(snapshot([by(1, 0)], firm=(by(1, 0),)), one, SignalRules(one.signals, {}), {}, MONDAY)
    assert found.engagement == 0


def test_it_speaks_for_its_stage() -> None:
    standing = assess(snapshot(firm=TOGETHER), PICTURED, {}, MONDAY + 2 * DAY)
    assert standing.stage is Stage.COMPARISON
    assert "3 people of the firm visited /prices within 7 days" in standing.why_stage


def test_where_it_is_a_buying_signal_it_promotes_who_fits() -> None:
    buying = replace(PROFILE, signals=(replace(THREE, buying=True),))
    someone = snapshot(contact=contact(answers={"budget": "10k+"}), account=FITTING, firm=TOGETHER)
    found = measure(someone, buying, SignalRules(buying.signals, {}), {}, MONDAY + 2 * DAY)
    promotion = find_promotion(found, buying, someone)
    assert promotion is not None
    assert promotion.because.startswith(
        "a buying signal (3 people of the firm visited /prices within 7 days)"
    )


def test_it_names_nobody() -> None:
    picture = Picture(THREE, by(3, 2), (1, 2, 3))
    assert signal_words(picture_signal(picture)) == "3 people of the firm visited /prices within 7 days"
