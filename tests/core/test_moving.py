"""Where somebody under way stands after an edit: names, ways on, and taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nurture.core.campaign import Campaign, Step
from nurture.core.model import Enrolment, Stage
from nurture.core.moving import former_names, moves_between, relocated, taken_back
from tests.core.make import DAY, MONDAY, campaign, send, wait


def edition(
    number: int, *steps: Step, comparison: Sequence[Step] = (), moved: Mapping[str, str | None] | None = None
) -> Campaign:
    made = campaign(steps, comparison, version=f"v{number}", version_id=number)
    return replace(made, moved=moved or {})


def standing(step: str | None, *done: str) -> Enrolment:
    return Enrolment(1, 1, "new-website", 1, 1, Stage.ORIENTATION, step, MONDAY, MONDAY, done)


OLD = edition(1, send("a"), wait("w", DAY), send("z"))
RENAMED = edition(2, send("b"), wait("w", DAY), send("z"), moved={"a": "b"})


def test_a_new_name_counts_as_done() -> None:
    found = relocated(standing("w", "a"), OLD, RENAMED)
    assert found is not None
    assert found.done == ("a", "b")


def test_a_way_on_to_a_step_that_was_there_before_leaves_it_to_be_done() -> None:
    shorter = edition(2, wait("w", DAY), send("z"), moved={"a": "z"})
    found = relocated(standing("w", "a"), OLD, shorter)
    assert found is not None
    assert "z" not in found.done


def test_who_has_no_place_is_not_moved() -> None:
    assert relocated(standing("a"), OLD, edition(2, wait("w", DAY))) is None


def test_who_rests_at_the_end_stays_there_when_steps_are_added() -> None:
    found = relocated(standing(None, "a", "w", "z"), OLD, edition(2, send("a"), send("z"), send("more")))
    assert found is not None
    assert found.step is None


def test_who_stands_on_a_step_that_is_in_another_track_now_begins_their_own() -> None:
    other = edition(2, send("a"), send("z"), comparison=[wait("w", DAY)])
    found = relocated(standing("w", "a"), OLD, other)
    assert found is not None
    assert (found.step, found.done) == ("a", ("a",))


def test_taking_back_remembers_the_old_name() -> None:
    assert "a" in taken_back(standing("w", "b"), OLD, RENAMED).done


def test_taking_back_what_was_taken_back_remembers_the_new_name() -> None:
    assert "b" in taken_back(standing("w", "a"), RENAMED, OLD).done


def test_the_text_of_before_has_a_place_for_who_stands_on_a_renamed_step() -> None:
    found = relocated(standing("b"), RENAMED, OLD)
    assert found is not None
    assert found.step == "a"


def test_a_new_name_remembers_the_old_one() -> None:
    assert former_names({}, OLD, RENAMED) == {"b": {"a"}}


def test_a_name_of_names_remembers_them_all() -> None:
    third = edition(3, send("c"), wait("w", DAY), send("z"), moved={"b": "c"})
    assert former_names({"b": frozenset({"a"})}, RENAMED, third)["c"] == {"a", "b"}


def test_a_name_that_is_taken_back_remembers_the_one_between() -> None:
    assert former_names({"b": frozenset({"a"})}, RENAMED, OLD)["a"] == {"b"}


def test_of_two_steps_made_one_both_names_are_remembered() -> None:
    two = edition(1, send("a"), send("b"))
    assert former_names({}, two, edition(2, send("c"), moved={"a": "c", "b": "c"})) == {"c": {"a", "b"}}


def test_a_way_on_to_a_step_that_was_there_before_gives_it_no_other_name() -> None:
    assert former_names({}, OLD, edition(2, wait("w", DAY), send("z"), moved={"a": "z"})) == {}


def test_an_edit_without_a_new_name_forgets_none() -> None:
    known = {"b": frozenset({"a"})}
    assert former_names(known, RENAMED, edition(3, send("b"), send("z"))) == known


def test_of_two_steps_made_one_neither_comes_back_by_itself() -> None:
    two = edition(1, send("a"), send("b"))
    one = edition(2, send("c"), moved={"a": "c", "b": "c"})
    assert moves_between(one, two) == {}
