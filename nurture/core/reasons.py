"""Why a condition holds or not, in plain words with the values seen; compiled once, like the test itself.

A reason states what is so, whichever way the condition came out (`fit is 40, below 60`): so one text serves a
condition and its negation alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from nurture.core.expression import (
    And,
    Comparison,
    Facts,
    History,
    IsKnown,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Term,
    TextTest,
)
from nurture.core.model import Value
from nurture.core.truth import Truth, compile_test, compile_value
from nurture.core.wording import RELATIONS, bounds, happened, label, show, turned

Answer: TypeAlias = tuple[Truth, str]
Reason: TypeAlias = Callable[[Facts], Answer]


def compile_reason(node: Node) -> Reason:
    """A function that answers whether `node` holds for some facts, and why."""
    match node:
        case And(operands):
            return _joint_reason(tuple(compile_reason(operand) for operand in operands), decisive=False)
        case Or(operands) if all(isinstance(operand, IsKnown) for operand in operands):
            return _any_known_reason(operands)
        case Or(operands):
            return _joint_reason(tuple(compile_reason(operand) for operand in operands), decisive=True)
        case Not(operand):
            return _negated_reason(compile_reason(operand))
        case Comparison():
            return _comparison_reason(node)
        case TextTest(subject, test, argument):
            return _relation_reason(node, subject, argument, RELATIONS[test])
        case IsKnown(name):
            return _known_reason(name)
        case Name(("contact", "dormant")):
            return _dormant_reason(node)
        case _:
            return _plain_reason(node)


def _joint_reason(reasons: tuple[Reason, ...], *, decisive: bool) -> Reason:
    """For `or` one operand that is true decides, for `and` one that is false; its reason is then enough.

    Else the unknown ones are named, if there are any, and if not, all of them.
    """

    def reason(facts: Facts) -> Answer:
        answers = []
        for each in reasons:
            answer = each(facts)
            if answer[0] is decisive:
                return answer
            answers.append(answer)
        unknown = [text for truth, text in answers if truth is None]
        if unknown:
            return None, _listed(unknown)
        return not decisive, _listed([text for _, text in answers])

    return reason


def _negated_reason(inner: Reason) -> Reason:
    def reason(facts: Facts) -> Answer:
        truth, text = inner(facts)
        return (None if truth is None else not truth), text

    return reason


def _comparison_reason(node: Comparison) -> Reason:
    if (found := bounds(node)) is not None:
        subject, relation = found
        return _fixed_reason(node, subject, relation, f"{label(node.first)} and {label(node.rest[-1][1])}")
    if len(node.rest) > 1:
        pairs = tuple(
            _comparison_reason(Comparison(left, ((op, right),))) for left, op, right in node.pairs()
        )
        return _joint_reason(pairs, decisive=False)
    op, right = node.rest[0]
    subject, op, other = turned(node.first, op, right)
    if op == "==":
        return _relation_reason(node, subject, other, ("", RELATIONS[op][1]))
    if op == "!=":
        return _relation_reason(node, subject, other, (RELATIONS[op][0], ""))
    if op in ("has", "has not"):
        return _having_reason(node, subject, other, RELATIONS[op], op == "has")
    return _relation_reason(node, subject, other, RELATIONS[op])


def _relation_reason(node: Node, subject: Term, other: Term, relation: tuple[str, str]) -> Reason:
    """`subject is 40, at least 5`; a relation that is empty says no more than the value."""
    if isinstance(other, Literal):
        fixed = (relation[0].format(label(other)), relation[1].format(label(other)))
        return _fixed_reason(node, subject, fixed, label(other))
    test, get, get_other = compile_test(node), compile_value(subject), compile_value(other)
    called, seen = label(other), _compile_seen(subject)

    def reason(facts: Facts) -> Answer:
        truth, value, second = test(facts), get(facts), get_other(facts)
        if value is None:
            return truth, f"{label(subject)} is unknown"
        if second is None:
            return truth, f"{called} is unknown"
        second_words = f"{called} ({show(second)})"
        if truth is None:
            return truth, f"{seen(value)}, which does not compare with {second_words}"
        phrase = relation[not truth].format(second_words)
        return truth, f"{seen(value)}, {phrase}" if phrase else seen(value)

    return reason


def _fixed_reason(node: Node, subject: Term, relation: tuple[str, str], against: str) -> Reason:
    """The commonest reason: a value against what stands in the condition, all words but the value ready."""
    test, get, seen = compile_test(node), compile_value(subject), _compile_seen(subject)
    missing = f"{label(subject)} is unknown"
    holds, fails = (f", {phrase}" if phrase else "" for phrase in relation)

    def reason(facts: Facts) -> Answer:
        value = get(facts)
        if value is None:
            return test(facts), missing
        truth = test(facts)
        if truth is None:
            return truth, f"{seen(value)}, which does not compare with {against}"
        return truth, seen(value) + (holds if truth else fails)

    return reason


def _having_reason(node: Node, subject: Term, other: Term, relation: tuple[str, str], has: bool) -> Reason:
    """`interests include "website"`; else what there is: `interests are "hosting", without "website"`."""
    plain = _relation_reason(node, subject, other, relation)
    get, called = compile_value(subject), label(subject)

    def reason(facts: Facts) -> Answer:
        truth, words = plain(facts)
        if truth is has and isinstance(get(facts), tuple) and isinstance(other, Literal):
            return truth, f"{called} include {label(other)}"
        return truth, words

    return reason


def _known_reason(name: Name) -> Reason:
    get, seen, missing = compile_value(name), _compile_seen(name), f"{label(name)} is unknown"

    def reason(facts: Facts) -> Answer:
        value = get(facts)
        return (False, missing) if value is None else (True, seen(value))

    return reason


def _dormant_reason(node: Node) -> Reason:
    """Of nobody it is unknown."""
    test = compile_test(node)

    def reason(facts: Facts) -> Answer:
        truth = test(facts)
        silent, heard = "dormant: nothing has come from them for a long time", "not dormant"
        return truth, silent if truth else heard

    return reason


def _any_known_reason(operands: Sequence[Node]) -> Reason:
    """For `known(a) or known(b)`: the first that is known, else that neither is."""
    names = [operand.name for operand in operands if isinstance(operand, IsKnown)]
    reasons = [_known_reason(name) for name in names]
    *some, last = (label(name) for name in names)
    missing = f"neither {', '.join(some)} nor {last} is known"

    def reason(facts: Facts) -> Answer:
        return next((answer for each in reasons if (answer := each(facts))[0]), (False, missing))

    return reason


def _plain_reason(node: Term) -> Reason:
    """For a term that stands where a truth is asked for."""
    test, get, seen, missing = compile_test(node), compile_value(node), _compile_seen(node), label(node)

    def reason(facts: Facts) -> Answer:
        value = get(facts)
        if value is None:
            return None, f"{missing} is unknown"
        truth = test(facts)
        return truth, f"{seen(value)}, which is neither yes nor no" if truth is None else seen(value)

    return reason


def _compile_seen(term: Term) -> Callable[[Value], str]:
    """`budget is "10k+"`; `clicked "welcome" twice`."""
    if isinstance(term, History):
        return lambda count: happened(term, _times(count))
    called = label(term)
    return lambda value: f"{called} {'are' if isinstance(value, tuple) else 'is'} {show(value)}"


def _times(count: Value) -> str:
    if count == 0:
        return "never"
    return "once" if count == 1 else f"{count} times"


def _listed(parts: Sequence[str]) -> str:
    return "; ".join(dict.fromkeys(parts))
