"""Values of conditions as SQL: one expression for each type that a value may have.

A name such as `answers.size` is a text for one contact and a number for the next. A `Shape` therefore has an
expression a type, which is NULL where the value is of another one. Of all the comparisons of two shapes at
most one is not NULL, and that one is the answer: it is what COALESCE gives.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import sqlalchemy as sa

from nurture.core import truth
from nurture.core.model import Value

Expression: TypeAlias = sa.ColumnElement[Any]
Answer: TypeAlias = sa.ColumnElement[bool]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

NOTHING: Answer = sa.cast(sa.null(), sa.Boolean)
"""Unknown."""

_TRUTHS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Shape:
    """A value: each expression is NULL where the value is not of that type. All NULL: unknown.

    `items` is a JSON array. `opaque` is true where there is an object of JSON: known, and nothing else.
    `constant` is set, and nothing else, where the condition itself names the value. `words` says that `items`
    has nothing but texts in it, whoever it is. `present` is whether anything is known, where that is
    cheaper to ask than the five.
    """

    text: Expression | None = None
    number: Expression | None = None
    truth: Answer | None = None
    items: Expression | None = None
    opaque: Answer | None = None
    constant: Value = None
    words: bool = False
    present: Answer | None = None

    def expressions(self) -> tuple[Expression, ...]:
        every = (self.text, self.number, self.truth, self.items, self.opaque)
        return tuple(one for one in every if one is not None)


class Speech(Protocol):
    """What the two databases say differently; see `store.speech`."""

    def literal_number(self, value: float) -> Expression:
        """A number of the condition itself."""

    def number_column(self, column: Expression) -> Expression:
        """A number that has its own column."""

    def member(self, document: Expression, name: str) -> Shape:
        """What a JSON object has under a name."""

    def lower(self, text: Expression) -> Expression:
        """The text in lower case, as `str.lower` gives it."""

    def plain_number(self, text: Expression) -> Expression:
        """The number that a text is in itself; NULL where it is none."""

    def compare_texts(self, left: Expression, op: str, right: Expression) -> Answer:
        """By code point, exactly."""

    def one_of(self, text: Expression, words: Sequence[str]) -> Answer:
        """Whether a text is one of these, exactly."""

    def part_of(self, part: Expression, text: Expression) -> Answer:
        """Whether `part` stands somewhere in `text`."""

    def starts(self, text: Expression, part: Expression) -> Answer: ...

    def ends(self, text: Expression, part: Expression) -> Answer: ...

    def bare(self, text: Expression) -> Expression:
        """The text without white space around it, by Python's notion of that."""

    def same_items(self, left: Shape, right: Shape) -> Answer:
        """Whether two lists are equal; NULL where one has a list or an object in it."""

    def has_word(self, items: Expression, word: str) -> Answer:
        """Whether a list of texts has this one."""

    def length(self, items: Expression) -> Expression:
        """How many items a list has."""

    def elements(self, items: Expression) -> tuple[sa.FromClause, Shape]:
        """The items of a list as rows, and the shape of one."""

    def day(self, moment: Expression) -> Expression:
        """The day (UTC) on which something was."""

    def member_text(self, document: Expression, name: str) -> Expression:
        """What a JSON object has under a name, where it is a text."""

    def share(self, at: Expression, now: datetime, half_life: timedelta) -> Expression:
        """What decay has left of something by `now`: `core.engagement.decayed` of 1."""

    def faded_at(self, now: datetime, half_life: timedelta, times: Expression) -> Expression:
        """When something that is `times` as much as it may be has faded to that."""

    def later(self, at: Expression, by: timedelta) -> Expression:
        """A moment so much after another one."""


def literal(value: Value) -> Shape:
    """A value that stands in the condition."""
    return Shape(constant=value)


def answer(value: bool | None) -> Answer:
    """A truth that is known when the condition is compiled."""
    if value is None:
        return NOTHING
    return sa.true() if value else sa.false()


def known(shape: Shape) -> Answer:
    """Whether anything is known of it: true or false, never NULL."""
    if shape.constant is not None:
        return sa.true()
    if shape.present is not None:
        return shape.present
    return sa.or_(sa.false(), *(one.is_not(None) for one in shape.expressions()))


def text_of(shape: Shape) -> Expression | None:
    """The value where it is a text; None where it never is one."""
    return sa.literal(shape.constant, sa.Text) if isinstance(shape.constant, str) else shape.text


def truth_of(speech: Speech, shape: Shape) -> Answer:
    """What a value means where a truth is asked for."""
    if shape.constant is not None:
        return answer(truth.truth_of(shape.constant))
    pieces: list[Answer] = []
    if shape.text is not None:
        pieces.append(_text_truth(shape.text))
    if shape.number is not None:
        pieces.append(shape.number != speech.literal_number(0))
    if shape.truth is not None:
        pieces.append(shape.truth)
    if shape.items is not None:
        pieces.append(speech.length(shape.items) > 0)
    return _first(pieces)


def compare(speech: Speech, left: Shape, op: str, right: Shape) -> Answer:
    """One comparison, by the rules of `core.truth`."""
    if left.constant is not None and right.constant is not None:
        return answer(truth.compare(left.constant, op, right.constant))
    if op == "in":
        return contains(speech, right, left)
    if op == "not in":
        return sa.not_(contains(speech, right, left))
    pieces = []
    if (a := text_of(left)) is not None and (b := text_of(right)) is not None:
        pieces.append(speech.compare_texts(a, op, b))
    for a, b in (
        (_number(speech, left), _number(speech, right)),
        (_text_number(speech, left), _number(speech, right)),
        (_number(speech, left), _text_number(speech, right)),
    ):
        if a is not None and b is not None:
            pieces.append(compared(a, op, b))
    if op in ("==", "!="):
        pieces += _only_equal(speech, left, op, right)
    return _first(pieces)


def compared(left: Expression, op: str, right: Expression) -> Answer:
    """`left op right` as the database means it."""
    result: Answer = _OPERATORS[op](left, right)
    return result


def contains(speech: Speech, container: Shape, item: Shape) -> Answer:
    """Whether `item` is in a list, or part of a text."""
    if isinstance(container.constant, tuple):
        among = _among(speech, item, container.constant)
        # `in []` of something unknown is unknown, where an OR of nothing would be false.
        return sa.or_(*among) if among else sa.case((known(item), sa.false()))
    if container.words and container.items is not None and isinstance(item.constant, str):
        return speech.has_word(container.items, item.constant)
    pieces = []
    if (text := text_of(container)) is not None and (part := text_of(item)) is not None:
        pieces.append(speech.part_of(part, text))
    if container.items is not None:
        pieces.append(_one_equal(speech, container.items, item))
    return _first(pieces)


def _among(speech: Speech, item: Shape, values: tuple[Value, ...]) -> list[Answer]:
    """Whether the item is one of these values, an answer each; one answer for all that are words alone, so
    that a text which is dear to reckon (in lower case, say) is reckoned once."""
    words = [one for one in values if isinstance(one, str) and _is_word(one)]
    if item.text is None or len(words) < 2:
        return [compare(speech, item, "==", literal(one)) for one in values]
    others = [compare(speech, item, "==", literal(one)) for one in values if one not in words]
    return [speech.one_of(item.text, words), *others]


def _is_word(text: str) -> bool:
    """Whether nothing but a text can be equal to it."""
    return truth.plain_number(text) is None and text.strip().lower() not in _TRUTHS


def _only_equal(speech: Speech, left: Shape, op: str, right: Shape) -> list[Answer]:
    """What knows no order: truths and lists."""
    equal = []
    for a, b in (
        (_truth(left), _truth(right)),
        (_text_as_truth(speech, left), _truth(right)),
        (_truth(left), _text_as_truth(speech, right)),
    ):
        if a is not None and b is not None:
            equal.append(compared(a, "==", b))
    if _is_list(left) and _is_list(right):
        equal.append(speech.same_items(left, right))
    return equal if op == "==" else [sa.not_(one) for one in equal]


def _one_equal(speech: Speech, items: Expression, item: Shape) -> Answer:
    """Kleene's OR over the rows of a list: true before unknown before false."""
    rows, element = speech.elements(items)
    equal = compare(speech, item, "==", element)
    found = sa.func.max(sa.case((equal, 1), (sa.not_(equal), 0)))
    unknown = sa.func.count() > sa.func.count(equal)
    answers = sa.case((found == 1, sa.true()), (unknown, NOTHING), else_=sa.false())
    within = sa.select(answers).select_from(rows).scalar_subquery()
    return sa.case((sa.and_(items.is_not(None), known(item)), within))


def _first(pieces: list[Answer]) -> Answer:
    if not pieces:
        return NOTHING
    return pieces[0] if len(pieces) == 1 else sa.func.coalesce(*pieces, type_=sa.Boolean())


def _number(speech: Speech, shape: Shape) -> Expression | None:
    value = shape.constant
    if isinstance(value, int | float) and not isinstance(value, bool):
        return speech.literal_number(value)
    return shape.number


def _truth(shape: Shape) -> Answer | None:
    return answer(shape.constant) if isinstance(shape.constant, bool) else shape.truth


def _is_list(shape: Shape) -> bool:
    return isinstance(shape.constant, tuple) or shape.items is not None


def _text_number(speech: Speech, shape: Shape) -> Expression | None:
    if isinstance(shape.constant, str):
        value = truth.plain_number(shape.constant)
        return None if value is None else speech.literal_number(value)
    return None if shape.text is None else speech.plain_number(shape.text)


def _text_as_truth(speech: Speech, shape: Shape) -> Answer | None:
    if isinstance(shape.constant, str):
        bare = shape.constant.strip().lower()
        return answer(bare == "true") if bare in _TRUTHS else None
    return None if shape.text is None else _text_truth(speech.bare(shape.text))


def _text_truth(text: Expression) -> Answer:
    # No letter outside ASCII is one of these in lower case, so the plainest lower() does on both databases.
    word = sa.func.lower(text)
    return sa.case((word == "true", sa.true()), (word == "false", sa.false()))
