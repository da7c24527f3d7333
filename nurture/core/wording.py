"""Conditions in plain words, for people in sales and marketing; with the values seen, see `core.reasons`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from nurture.core.expression import (
    And,
    Comparison,
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
)
from nurture.core.model import Value
from nurture.core.words import EMPLOYEES

LONGEST_TEXT = 60
"""Longer values are cut in reasons: a message typed into a form can be a page."""

RELATIONS = {
    "==": ("{}", "not {}"),
    "!=": ("not {}", "{}"),
    "<": ("below {}", "at least {}"),
    "<=": ("at most {}", "more than {}"),
    ">": ("more than {}", "at most {}"),
    ">=": ("at least {}", "below {}"),
    "in": ("one of {}", "none of {}"),
    "not in": ("none of {}", "one of {}"),
    "has": ("with {}", "without {}"),
    "has not": ("without {}", "with {}"),
    "startswith": ("starting with {}", "not starting with {}"),
    "endswith": ("ending with {}", "not ending with {}"),
    "contains": ("with {}", "without {}"),
}
"""Operator → how it reads behind a value when it holds, and when it does not."""

_VERBS = {
    "has": ("contains {}", "does not contain {}"),
    "has not": ("does not contain {}", "contains {}"),
    "startswith": ("starts with {}", "does not start with {}"),
    "endswith": ("ends with {}", "does not end with {}"),
    "contains": ("contains {}", "does not contain {}"),
}
"""The same without a value, where `is` does not do."""

_SEVERAL = ("interests", "tags")
_OF_SEVERAL = {
    "has": ("include {}", "do not include {}"),
    "has not": ("do not include {}", "include {}"),
}
"""The same of what is always a list."""

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_BOUNDS = {
    ("<=", "<="): ("between {} and {}", "not between {} and {}"),
    ("<", "<"): ("more than {} and below {}", "not more than {} and below {}"),
    ("<=", "<"): ("at least {} and below {}", "not at least {} and below {}"),
    ("<", "<="): ("more than {} and at most {}", "not more than {} and at most {}"),
}


# --- the condition in words -------------------------------------------------------------------------


def words(node: Node, *, holds: bool = True) -> str:
    """The condition as a phrase; `holds=False` says its opposite."""
    match node:
        case Not(operand):
            return words(operand, holds=not holds)
        case And(operands):
            return _joined(operands, "and" if holds else "or", holds=holds)
        case Or(operands):
            return _joined(operands, "or" if holds else "and", holds=holds)
        case Comparison():
            return _comparison_words(node, holds=holds)
        case Literal(value):
            return "always" if bool(value) is holds else "never"
        case History():
            return happened(node, "" if holds else "never")
        case IsKnown(name):
            return f"{label(name)} is {'known' if holds else 'unknown'}"
        case TextTest(subject, test, argument):
            return f"{label(subject)} {_VERBS[test][not holds].format(label(argument))}"
        case Name(("contact", "dormant")):
            return "dormant" if holds else "not dormant"
        case RuleCall():
            return label(node) if holds else f"not {label(node)}"
        case _:
            return f"{label(node)} is {'yes' if holds else 'no'}"


def _joined(operands: Sequence[Node], word: str, *, holds: bool) -> str:
    parts = []
    for operand in operands:
        phrase = words(operand, holds=holds)
        parts.append(f"({phrase})" if isinstance(_bare(operand), And | Or) else phrase)
    return f" {word} ".join(parts)


def _bare(node: Node) -> Node:
    while isinstance(node, Not):
        node = node.operand
    return node


def _comparison_words(node: Comparison, *, holds: bool) -> str:
    if (found := bounds(node)) is not None:
        subject, relation = found
        return f"{label(subject)} is {relation[not holds]}"
    word = " and " if holds else " or "
    return word.join(_pair_words(*pair, holds=holds) for pair in node.pairs())


def _pair_words(left: Term, op: str, right: Term, *, holds: bool) -> str:
    subject, op, other = turned(left, op, right)
    if op in _VERBS:
        verbs = _OF_SEVERAL if op in _OF_SEVERAL and label(subject) in _SEVERAL else _VERBS
        return f"{label(subject)} {verbs[op][not holds].format(label(other))}"
    phrase = RELATIONS[op][not holds].format(label(other))
    if isinstance(subject, History):
        return happened(subject, f"{phrase.replace('below', 'fewer than')} times")
    return f"{label(subject)} is {phrase}"


# --- terms ------------------------------------------------------------------------------------------


def label(term: Term) -> str:
    """What a term is called: `budget` for `answers.budget`, `company country` for `account.country`.

    A list is `"NL", "BE"`.
    """
    match term:
        case Literal(value):
            return show(value)
        case Name(("account", "employees")):
            return EMPLOYEES
        case Name(("url", part)):
            return f"the page's {part}" if part != "path" else "the page"
        case Name(("answers" | "contact", *rest)):
            return " ".join(rest).replace("_", " ")
        case Name(("account", *rest)):
            return f"company {' '.join(rest).replace('_', ' ')}"
        case Name(path):
            return ".".join(path)
        case History():
            return happened(term)
        case Lower(subject):
            return label(subject)
        case RuleCall(rule, arguments):
            return f"{rule}({', '.join(label(argument) for argument in arguments)})"
        case TextTest() | IsKnown():
            return f"whether {words(term)}"


def show(value: Value) -> str:
    """A value as people read it: texts in quotes and not too long, truths as yes and no."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        short = value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
        return f'"{short}"'
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return str(value)
    return ", ".join(show(item) for item in value) or "nothing"


def happened(history: History, times: str = "") -> str:
    """`clicked "welcome" twice in the last 3 days`; `times` may be `never`."""
    what = history.kind if history.what is None else f'{history.kind} "{history.what}"'
    if history.kind == "sent" and history.what is None:
        what = "sent a message"
    if history.kind == "active_days":
        what, times = "active", _on_days(times)
    said = f"never {what}" if times == "never" else f"{what} {times}".rstrip()
    return f"{said} in the last {duration(history.within)}" if history.within is not None else said


def _on_days(times: str) -> str:
    """`on 3 days` for `3 times`."""
    if times == "once":
        return "on 1 day"
    return f"on {times.removesuffix(' times')} days" if times.endswith(" times") else times


def duration(value: timedelta) -> str:
    """`3 days`, `4 hours`, `1 hour 30 minutes`."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    units = ((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(f"{n} {unit}{'s' if n != 1 else ''}" for n, unit in units if n) or "no time"


def turned(left: Term, op: str, right: Term) -> tuple[Term, str, Term]:
    """The comparison with what is asked about in front: `5 <= x` is `x >= 5`; `"a" in x` is x with "a"."""
    if isinstance(left, Literal) and not isinstance(right, Literal):
        if op in ("in", "not in"):
            return right, "has" if op == "in" else "has not", left
        return right, _MIRRORED[op], left
    return left, op, right


def bounds(node: Comparison) -> tuple[Term, tuple[str, str]] | None:
    """For `5 <= x <= 250` the x, and how the relation reads; None for anything else."""
    if len(node.rest) != 2:
        return None
    (low_op, subject), (high_op, high) = node.rest
    phrases = _BOUNDS.get((low_op, high_op))
    if phrases is None or not (isinstance(node.first, Literal) and isinstance(high, Literal)):
        return None
    if isinstance(subject, Literal):
        return None
    low_text, high_text = label(node.first), label(high)
    return subject, (phrases[0].format(low_text, high_text), phrases[1].format(low_text, high_text))
