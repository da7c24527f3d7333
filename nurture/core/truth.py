"""Whether a condition holds: each tree is compiled once into closures, for this is the hottest code we have.

Inside this module None means unknown, of a value as of a truth. The rules:

- An unknown value makes a comparison unknown; and, or, not are Kleene's three-valued ones, as in SQL.
- Things that cannot be compared ("abc" with 5) are unknown, never an error; so is anything with an object of
  JSON, and two lists where one has a list or an object in it.
- A text that is a plain number compares with a number as that number ("40" >= 5), and the texts true and
  false with a truth, because imported answers are texts. Two texts compare as texts, exactly.
- Where a truth is asked for, a number is true unless it is 0, a list unless it is empty, and an object of
  JSON is unknown.
- `"x" in list` looks for an equal item, `"x" in text` for a part.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from nurture.core.expression import (
    UNKNOWN,
    And,
    Comparison,
    Facts,
    History,
    IsKnown,
    Literal,
    Lower,
    Name,
    Node,
    Not,
    Or,
    RuleCall,
    Term,
    TextTest,
    Unknown,
)
from nurture.core.model import Value

Truth: TypeAlias = bool | None
Test: TypeAlias = Callable[[Facts], Truth]
Getter: TypeAlias = Callable[[Facts], Value]

_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_test(node: Node) -> Test:
    """A function that answers whether `node` holds for some facts: True, False, or None for unknown."""
    match node:
        case And(operands):
            return _all_of(tuple(compile_test(operand) for operand in operands))
        case Or(operands):
            return _any_of(tuple(compile_test(operand) for operand in operands))
        case Not(operand):
            return _negation(compile_test(operand))
        case Comparison(_, ((op, right),)):
            return _pair(node.first, op, right)
        case Comparison():
            return _all_of(tuple(_pair(*pair) for pair in node.pairs()))
        case Literal(bool(value)):
            return lambda facts: value
        case History(kind, what, within):
            return lambda facts: facts.history(kind, what, within) > 0
        case _:
            getter = compile_value(node)
            return lambda facts: truth_of(getter(facts))


def compile_value(term: Term) -> Getter:
    """A function that answers what `term` is for some facts; None for unknown."""
    match term:
        case Literal(value):
            return lambda facts: value
        case Name(path):
            return lambda facts: _known(facts.lookup(path))
        case History(kind, what, within):
            return lambda facts: facts.history(kind, what, within)
        case Lower(subject):
            return _lower(compile_value(subject))
        case TextTest(subject, test, argument):
            return _text_test(compile_value(subject), test, compile_value(argument))
        case IsKnown(name):
            getter = compile_value(name)
            return lambda facts: getter(facts) is not None
        case RuleCall(rule, arguments):
            getters = tuple(compile_value(argument) for argument in arguments)
            return lambda facts: _known(facts.rule(rule, tuple(_or_unknown(get(facts)) for get in getters)))


def truth_of(value: Value) -> Truth:
    """What a value means where a truth is asked for; a text other than true and false means nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _TRUTHS.get(value.lower())
    return bool(value) if isinstance(value, int | float | tuple | list) else None


def compare(left: Value, op: str, right: Value) -> Truth:
    """One comparison of two values, by the rules above."""
    if left is None or right is None:
        return None
    if op == "in":
        return contains(right, left)
    if op == "not in":
        return _opposite(contains(right, left))
    pair = _alike(left, right)
    if pair is None:
        return None
    left, right = pair
    if op == "==":
        return left == right
    if op == "!=":
        return left != right
    return None if isinstance(left, bool | tuple) else _ORDER[op](left, right)


def contains(container: Value, item: Value) -> Truth:
    """Whether `item` is in a list, or part of a text; unknown where `container` is neither."""
    if isinstance(container, tuple | list):
        return _any_equal(item, container)
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    return None


def plain_number(text: str) -> float | None:
    """The number that a text is in itself (`"40"`, `" -1.5 "`); None where it is anything else."""
    return float(text) if _PLAIN_NUMBER.fullmatch(text.strip()) else None


_TRUTHS = {"true": True, "false": False}


def _known(value: Value | Unknown) -> Value:
    return None if value is UNKNOWN else value  # type: ignore[return-value]  # UNKNOWN is the only Unknown


def _or_unknown(value: Value) -> Value | Unknown:
    return UNKNOWN if value is None else value


def _opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


# --- and, or, not -----------------------------------------------------------------------------------


def _all_of(tests: tuple[Test, ...]) -> Test:
    def test(facts: Facts) -> Truth:
        answer: Truth = True
        for each in tests:
            truth = each(facts)
            if truth is False:
                return False
            if truth is None:
                answer = None
        return answer

    return test


def _any_of(tests: tuple[Test, ...]) -> Test:
    def test(facts: Facts) -> Truth:
        answer: Truth = False
        for each in tests:
            truth = each(facts)
            if truth:
                return True
            if truth is None:
                answer = None
        return answer

    return test


def _negation(inner: Test) -> Test:
    return lambda facts: _opposite(inner(facts))


# --- comparisons ------------------------------------------------------------------------------------


def _pair(left: Term, op: str, right: Term) -> Test:
    match right:
        case Literal(tuple(items)) if op in ("in", "not in"):
            return _in_list(compile_value(left), items, wanted=op == "in")
        case Literal(int() | float() as number) if op in _ORDER and not isinstance(number, bool):
            return _against_number(compile_value(left), op, number)
    get_left, get_right = compile_value(left), compile_value(right)
    return lambda facts: compare(get_left(facts), op, get_right(facts))


def _against_number(getter: Getter, op: str, number: float) -> Test:
    """The commonest comparison, without the detour over types."""
    order = _ORDER[op]

    def test(facts: Facts) -> Truth:
        value = getter(facts)
        if type(value) is int or type(value) is float:
            return order(value, number)
        return compare(value, op, number)

    return test


def _in_list(getter: Getter, items: tuple[Value, ...], *, wanted: bool) -> Test:
    texts = frozenset(item for item in items if isinstance(item, str))
    only_texts = len(texts) == len(frozenset(items))

    def test(facts: Facts) -> Truth:
        value = getter(facts)
        if value is None:
            return None
        if only_texts and isinstance(value, str):
            return (value in texts) is wanted
        found = _any_equal(value, items)
        return found if wanted else _opposite(found)

    return test


def _any_equal(value: Value, items: Iterable[Value]) -> Truth:
    answer: Truth = False
    for item in items:
        truth = compare(value, "==", item)
        if truth:
            return True
        if truth is None:
            answer = None
    return answer


def _alike(left: Value, right: Value) -> tuple[Any, Any] | None:
    """Both as one type that can be compared, or None."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, str):
        return _alike_text(left, right)
    if isinstance(right, str):
        swapped = _alike_text(right, left)
        return swapped and (swapped[1], swapped[0])
    if isinstance(left, bool) or isinstance(right, bool):
        return (left, right) if isinstance(left, bool) and isinstance(right, bool) else None
    if isinstance(left, tuple | list) and isinstance(right, tuple | list):
        return (tuple(left), tuple(right)) if _is_flat(left) and _is_flat(right) else None
    return (left, right) if isinstance(left, int | float) and isinstance(right, int | float) else None


def _is_flat(items: Iterable[Value]) -> bool:
    return all(item is None or isinstance(item, str | int | float) for item in items)


def _alike_text(text: str, other: Value) -> tuple[Any, Any] | None:
    if isinstance(other, bool):
        truth = _TRUTHS.get(text.strip().lower())
        return None if truth is None else (truth, other)
    if isinstance(other, int | float):
        number = plain_number(text)
        return None if number is None else (number, other)
    return None


# --- texts ------------------------------------------------------------------------------------------


def _lower(getter: Getter) -> Getter:
    def get(facts: Facts) -> Value:
        value = getter(facts)
        return value.lower() if isinstance(value, str) else None

    return get


def _text_test(getter: Getter, test: str, get_argument: Getter) -> Getter:
    def get(facts: Facts) -> Value:
        value, argument = getter(facts), get_argument(facts)
        if value is None or argument is None:
            return None
        if test == "contains":
            return contains(value, argument)
        if not (isinstance(value, str) and isinstance(argument, str)):
            return None
        return value.startswith(argument) if test == "startswith" else value.endswith(argument)

    return get
