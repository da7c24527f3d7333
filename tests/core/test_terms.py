"""Fit in the terms of sales: what is known, what is not, and what to ask next."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nurture.core.facts import SnapshotFacts
from nurture.core.model import Account, Snapshot
from nurture.core.profile import FitTerm, PointRule, Profile
from nurture.core.qualify import TermFinding, by_term, explain_fit, open_questions
from nurture.language.conditions import parse
from tests.core.make import MONDAY, PROFILE, contact, snapshot


def rule(id: str, when: str, points: int, about: FitTerm | None = None, ask: str | None = None) -> PointRule:
    return PointRule(id, parse(when), points, about, ask)


BUDGET = (
    rule("ample", 'answers.budget == "10k+"', 35, FitTerm.BUDGET, "budget"),
    rule("small", 'answers.budget == "<2k"', -20, FitTerm.BUDGET, "budget"),
)
ROLE = rule("decides", 'answers.role == "owner"', 15, FitTerm.AUTHORITY, "role")
START = rule("soon", 'answers.start == "now"', 15, FitTerm.TIME_FRAME, "start")
SIZE = rule("sme", "account.employees >= 5", 30, FitTerm.SIZE)
GOAL = rule("says-why", "known(answers.goal)", 5, FitTerm.NEED, "goal")


def of(*rules: PointRule) -> Profile:
    return replace(PROFILE, fit_rules=rules)


def facts(who: Snapshot) -> SnapshotFacts:
    return SnapshotFacts(who, None, None, None, MONDAY)


def telling(**answers: str) -> Snapshot:
    return snapshot(contact=contact(answers=answers))


def terms(who: Snapshot, *rules: PointRule) -> tuple[TermFinding, ...]:
    return by_term(explain_fit(of(*rules), facts(who)).every)


def asked(who: Snapshot, *rules: PointRule) -> list[str]:
    return [one.field for one in open_questions(of(*rules), facts(who))]


# --- by term ----------------------------------------------------------------------------------------


def test_rules_about_one_term_are_told_as_one() -> None:
    (budget,) = terms(telling(budget="10k+"), *BUDGET)
    assert (budget.term, budget.matched, budget.points) == ("budget", True, 35)


def test_an_unknown_budget_is_a_question_and_no_no() -> None:
    (budget,) = terms(telling(), *BUDGET)
    assert budget.matched is None
    assert budget.words == "budget: unknown, ask on the next form; 55 points at stake"


def test_a_field_of_another_name_is_named_beside_the_term() -> None:
    (authority,) = terms(telling(), ROLE)
    assert authority.words == "authority: unknown, ask on the next form (role); 15 points at stake"


def test_an_unknown_that_no_form_asks_for_says_what_is_missing() -> None:
    (size,) = terms(telling(), SIZE)
    assert size.words == "size: number of employees is unknown; 30 points at stake"


def test_a_budget_of_which_no_rule_makes_anything_is_a_miss() -> None:
    (budget,) = terms(telling(budget="5k"), *BUDGET)
    assert (budget.matched, budget.ask) == (False, ())


def test_a_rule_about_no_term_stands_for_itself() -> None:
    (found,) = terms(telling(), replace(SIZE, about=None))
    assert found.term == "sme"


def test_the_words_of_a_term_are_those_of_people() -> None:
    (found,) = terms(telling(start="now"), START)
    assert found.words == 'time frame: start is "now"'


# --- what to ask next -------------------------------------------------------------------------------


def test_the_most_telling_question_comes_first() -> None:
    assert asked(telling(), ROLE, *BUDGET, START) == ["budget", "role", "start"]


def test_what_is_known_is_not_asked_again() -> None:
    assert asked(telling(budget="5k", start="now"), ROLE, *BUDGET, START) == ["role"]


def test_what_no_answer_could_change_is_not_asked() -> None:
    either = rule("decides", 'answers.role == "owner" or contact.job_title == "owner"', 15, None, "role")
    who = snapshot(contact=contact(job_title="owner"))
    assert asked(who, either) == []


def test_a_rule_that_only_asks_whether_something_is_known_is_a_question_too() -> None:
    assert asked(telling(), GOAL) == ["goal"]
    assert asked(telling(goal="more clients"), GOAL) == []


def test_a_rule_without_a_question_asks_nothing() -> None:
    assert asked(snapshot(account=Account(1)), SIZE) == []


ANSWERS = st.dictionaries(
    st.sampled_from(["budget", "role", "start", "goal"]),
    st.sampled_from(["10k+", "<2k", "owner", "now", "x"]),
)


@given(ANSWERS)
def test_answering_what_is_asked_leaves_nothing_to_ask(answers: dict[str, str]) -> None:
    rules = (*BUDGET, ROLE, START, GOAL)
    answered = {**answers, **dict.fromkeys(asked(telling(**answers), *rules), "something")}
    assert asked(telling(**answered), *rules) == []


@given(ANSWERS)
def test_points_at_stake_are_those_that_an_answer_can_still_change(answers: dict[str, str]) -> None:
    profile, who = of(*BUDGET, ROLE, START), telling(**answers)
    for question in open_questions(profile, facts(who)):
        possible = {
            explain_fit(profile, facts(telling(**{**answers, question.field: value}))).points
            for value in ("10k+", "<2k", "owner", "now", "something else")
        }
        assert max(possible) - min(possible) == question.at_stake
