"""Which signal rules a card may have."""

from __future__ import annotations

from nurture.core.model import Stage
from nurture.core.profile import SignalRule
from nurture.learn.candidates import find_candidates
from nurture.store.ended import Habit

PRICES = SignalRule("prices", "visited", None, Stage.COMPARISON, 6)


def test_what_several_people_do_together_is_kept_and_not_learned() -> None:
    said = {"id": "team", "on": "visited", "points": 20, "people": 3, "within": "7d"}
    found = find_candidates([SignalRule("team", "visited", None, None, 20)], [said], [])
    assert (found.rules, found.kept, found.written["team"]["people"]) == ((), {"team": 20}, 3)


def test_a_habit_that_a_rule_counts_already_is_not_named_twice() -> None:
    said = {"id": "prices", "on": "visited", "stage": "comparison", "points": 6}
    habits = [Habit("visited", None, None, 50), Habit("visited", "/jobs", None, 40)]
    found = find_candidates([PRICES], [said], habits)
    assert list(found.written) == ["prices", "visited-jobs"]
    assert found.written["visited-jobs"]["where"] == 'url.path == "/jobs"'


def test_a_form_is_a_rule_of_its_own() -> None:
    found = find_candidates([], [], [Habit("submitted", None, 'a "b"', 20)])
    assert found.written["submitted-a-b"]["where"] == 'form == "a \\"b\\""'
