"""What a card asks is what the condition language asks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.expression import UNKNOWN, Known
from nurture.core.model import Value
from nurture.language.conditions import parse
from nurture.learn.atoms import Atom, find_atoms
from nurture.learn.search import Condition
from nurture.learn.table import Column, Filling, Kind, Table
from nurture.learn.writing import condition_text, ids_for, literal, membership_of, subject_of

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
numbers = st.integers(-1_000, 1_000) | st.sampled_from([0.5, -1.25, 550.0])


class OneValue:
    """The facts of somebody with one answer."""

    def __init__(self, name: str, value: Value) -> None:
        self.name, self.value = name, value

    def lookup(self, path: tuple[str, ...]) -> Known:
        return UNKNOWN if self.value is None or path != ("answers", self.name) else self.value

    def history(self, *_: object) -> int:
        return 0

    def rule(self, *_: object) -> Known:
        return UNKNOWN


def column_of(subject: str, kind: Kind, values: list[Value]) -> Column:
    filling = Filling()
    for value in values:
        filling.add(value)
    found = filling.column(subject)
    return Column(subject, kind, found.values, found.codes)


def agrees(atom: Atom, name: str, kind: Kind, value: Value) -> bool:
    column = column_of(atom.subject, kind, [value])
    known = None if column.codes[0] < 0 else value
    said = parse(condition_text(Condition((atom,)))).test(OneValue(name, known))
    return bool(said) is bool(atom.holds(column)[0])


@given(texts, st.none() | texts, st.lists(texts, max_size=4), st.booleans())
def test_a_list_of_choices_means_the_same_in_both(
    name: str, value: str | None, choices: list[str], negated: bool
) -> None:
    atom = Atom(subject_of("answers", name), choices=tuple(choices), negated=negated)
    assert agrees(atom, name, Kind.CHOICE, value)


@given(st.none() | numbers | numbers.map(str), st.none() | numbers, st.none() | numbers)
def test_a_range_means_the_same_in_both(value: Value, low: float | None, high: float | None) -> None:
    atom = Atom("answers.size", low=low, high=high)
    assert agrees(atom, "size", Kind.NUMBER, value)


@given(st.none() | st.booleans(), st.booleans())
def test_a_truth_means_the_same_in_both(value: bool | None, asked: bool) -> None:
    assert agrees(Atom("answers.yes", choices=(asked,)), "yes", Kind.TRUTH, value)


def test_a_list_is_asked_for_what_is_in_it() -> None:
    atom = Atom(membership_of("web shop", "contact.interests"), choices=(False,))
    assert condition_text(Condition((atom,))) == 'not "web shop" in contact.interests'


def test_ids_are_names_and_each_is_there_once() -> None:
    conditions = [
        Condition((Atom('answers["Lead Origin"]', choices=('Add "now"',)),)),
        Condition((Atom('answers["Lead Origin"]', choices=("Add now",)),)),
    ]
    assert ids_for(conditions) == ["lead-origin-add-now", "lead-origin-add-now-2"]


@given(texts)
def test_any_text_can_be_written(text: str) -> None:
    assert parse(f"answers.x == {literal(text)}").test(OneValue("x", text)) is True


def test_numbers_are_written_plainly() -> None:
    assert [literal(value) for value in (550.0, 0.5, -3, 1e-5, np.float64(2.25))] == [
        "550", "0.5", "-3", "0.00001", "2.25",
    ]  # fmt: skip


def test_long_ids_end_with_a_whole_word() -> None:
    atoms = (
        Atom('answers["What matters most to you in choosing a course"]', choices=("Better Career",)),
        Atom('answers["Total Time Spent on Website"]', low=550),
    )
    (found,) = ids_for([Condition(atoms)])
    assert found == "what-matters-most-to-you-better-career-total-time-spent-on"


@pytest.mark.parametrize(
    ("kind", "values", "directions"),
    [
        pytest.param(Kind.CHOICE, [f"{'x' * 300} {n}" for n in range(8)], {}, id="what was written"),
        pytest.param(
            Kind.CHOICE, [f"{n}-{n + 1}k" for n in range(150)], {"answers.x": 1}, id="many in order"
        ),
        pytest.param(Kind.NUMBER, [10**n for n in range(9, 25)], {}, id="numbers that are names"),
        pytest.param(Kind.CHOICE, [1 / 3, 2 / 3, 10**20], {}, id="numbers that cannot be written"),
    ],
)
def test_every_condition_that_is_tried_can_be_written(
    kind: Kind, values: list[Value], directions: dict[str, int]
) -> None:
    column = column_of("answers.x", kind, values * 2)
    table = Table((column,), np.zeros(len(column.codes), dtype=bool))
    # Also where two of them stand in one rule.
    for atom in find_atoms(table, np.zeros(len(table)), directions, 1):
        assert parse(condition_text(Condition((atom, atom))))
