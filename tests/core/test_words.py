from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.core.model import Signal
from nurture.core.words import ago, counted, number, signal_words
from tests.core.make import DAY, HOUR, signal, visited


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (-DAY, "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (3 * HOUR, "3 hours ago"),
        (DAY + HOUR, "1 day ago"),
        (400 * DAY, "400 days ago"),
        (3221 * DAY, "8 years ago"),
    ],
)
def test_an_age_is_said_in_its_largest_unit(age: timedelta, words: str) -> None:
    assert ago(age) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(1, "1 point"), (0.98, "1 point"), (-1, "-1 point"), (0.3, "0.3 points"), (2, "2 points")],
)
def test_one_of_something_is_said_as_one(value: float, words: str) -> None:
    assert counted(value, "point") == words


@pytest.mark.parametrize(("value", "words"), [(6, "6"), (5.13, "5.1"), (39.98, "40")])
def test_a_number_has_no_needless_decimals(value: float, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (visited("/prices?x=1"), "visited /prices"),
        (signal("submitted", form="quote"), "submitted quote form"),
        (signal("clicked", step="welcome", url="https://example.com"), "clicked in welcome"),
        (signal("opened", step="welcome"), "opened welcome"),
        (signal("replied", step="welcome"), "replied to welcome"),
        (signal("webinar"), "webinar"),
    ],
)
def test_a_signal_is_said_by_its_kind(what: Signal, words: str) -> None:
    assert signal_words(what) == words
