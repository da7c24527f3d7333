from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.expression import (
    UNKNOWN,
    And,
    Comparison,
    History,
    IsKnown,
    Known,
    Literal,
    Name,
    Node,
    Not,
    Or,
)
from nurture.core.truth import compile_test
from nurture.language.conditions import parse
from nurture.language.logic import always, follows, never

FIT, STAGE, ANSWER = Name(("fit",)), Name(("stage",)), Name(("answers", "x"))
STAGES = ("orientation", "comparison", "decision")
VALUES = st.sampled_from(["a", "b", "2", "true", 1, 2, 3, True, ("a", "b"), (1, 2), ()])
CLICKED = History("clicked", "a")
TERMS = st.sampled_from([FIT, STAGE, ANSWER, CLICKED, IsKnown(ANSWER)]) | VALUES.map(Literal)
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
COMPARISONS = st.builds(
    Comparison,
    TERMS,
    st.lists(st.tuples(OPERATORS, TERMS | st.sampled_from(STAGES).map(Literal)), min_size=1, max_size=2).map(
        tuple
    ),
)
TREES = st.recursive(
    COMPARISONS | TERMS,
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts)))
    ),
    max_leaves=6,
)


@dataclass(frozen=True)
class Somebody:
    fit: int
    stage: str
    answer: Known
    clicks: int

    def lookup(self, path: tuple[str, ...]) -> Known:
        known: dict[str, Known] = {"fit": self.fit, "stage": self.stage}
        return known.get(path[0], self.answer)

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        return self.clicks

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        return UNKNOWN


PEOPLE = st.builds(
    Somebody,
    st.integers(0, 4),
    st.sampled_from(STAGES),
    st.just(UNKNOWN) | VALUES,
    st.integers(0, 2),
)


@given(TREES, PEOPLE)
def test_what_never_holds_holds_for_nobody(tree: Node, somebody: Somebody) -> None:
    assert not (never(tree) and compile_test(tree)(somebody))


@given(TREES, PEOPLE)
def test_what_always_holds_holds_for_everybody(tree: Node, somebody: Somebody) -> None:
    assert not always(tree) or compile_test(tree)(somebody)


@given(TREES, TREES, PEOPLE)
def test_what_follows_holds_with_it(later: Node, earlier: Node, somebody: Somebody) -> None:
    if follows(later, earlier) and compile_test(later)(somebody):
        assert compile_test(earlier)(somebody)


@pytest.mark.parametrize(
    "text",
    [
        "fit < 10 and fit > 20",
        "10 < fit < 10",
        'contact.city == "a" and contact.city == "b"',
        'contact.city in ["a", "b"] and contact.city not in ["b", "a"]',
        "answers.x in []",
        'not known(answers.x) and answers.x == "a"',
        'clicked("a") and not clicked("a")',
        '"a" in contact.interests and "a" not in contact.interests',
        'answers.x == "much" and answers.x > 5',
        "1 > 2 or false",
    ],
)
def test_a_contradiction_is_seen(text: str) -> None:
    assert never(parse(text).root)


@pytest.mark.parametrize(
    "text",
    [
        "fit > 10 and fit < 20",
        'answers.x == "5" and answers.x == 5',
        'clicked("a") and not clicked("b")',
        'clicked("a", within=2d) and not clicked("a", within=1d)',
        "answers.x != 5 or answers.x == 5",
    ],
)
def test_what_can_hold_is_let_be(text: str) -> None:
    assert not never(parse(text).root)


def test_what_is_known_of_nobody_for_sure_does_not_always_hold() -> None:
    assert not always(parse("answers.x != 5 or answers.x == 5").root)


def test_a_narrower_condition_follows_into_the_wider() -> None:
    assert follows(parse("fit > 40").root, parse("fit > 20").root)


def test_a_condition_that_asks_for_more_does_not_follow() -> None:
    assert not follows(parse("fit > 40").root, parse('fit > 20 and contact.city == "a"').root)
