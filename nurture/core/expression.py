"""What a condition is made of: a typed, frozen tree that knows no text and no database.

Terms have a value (a name, a literal, a count of what happened); the rest is true, false or unknown. Every
node may stand where a truth is asked for: see `core.truth`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeAlias

from nurture.core.model import Value

ACTIVITY_KINDS = ("active", "active_days")
"""How often a person surely did anything, and on how many days (UTC): they take no text."""

HISTORY_KINDS = ("sent", "opened", "clicked", "visited", "submitted", "replied", *ACTIVITY_KINDS)
"""What a condition can ask to have happened; each is a function of the language."""

TEXT_TESTS = ("startswith", "endswith", "contains")
"""Methods that answer true or false; `contains` also looks into lists."""


class Unknown:
    """The value of a name that nothing is known about; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()

Known: TypeAlias = "Value | Unknown"


class Facts(Protocol):
    """What a condition may ask. `core.facts` gives it from a snapshot; a test gives a dict."""

    def lookup(self, path: tuple[str, ...]) -> Known:
        """The value of a dotted name such as `account.employees`."""

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        """How often `clicked("welcome", within=3d)` and its like happened."""

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        """What the plugin rule of that name answers."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth or list that stands in the condition itself; never None."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name: `account.employees` is ("account", "employees").

    `column`, here and below, is where it stands in the condition's text, for messages; two nodes that differ
    only in it are equal.
    """

    path: tuple[str, ...]
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class History:
    """How often something happened: `visited("/prices", within=7d)`. Its value is a count."""

    kind: str
    what: str | None = None
    within: timedelta | None = None
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Lower:
    """`subject.lower()`: the text in lower case."""

    subject: Term


@dataclass(frozen=True, slots=True)
class TextTest:
    """`subject.startswith(argument)` and the others of `TEXT_TESTS`."""

    subject: Term
    test: str
    argument: Term


@dataclass(frozen=True, slots=True)
class RuleCall:
    """A plugin's rule, called by name."""

    rule: str
    arguments: tuple[Term, ...] = ()
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class IsKnown:
    """`known(name)`: never unknown itself."""

    name: Name


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first`, then pairs of an operator and a term; a chain holds when every pair of neighbours does.

    Operators: == != < <= > >= in "not in".
    """

    first: Term
    rest: tuple[tuple[str, Term], ...]

    def pairs(self) -> Iterator[tuple[Term, str, Term]]:
        """The neighbours of the chain, left to right."""
        left = self.first
        for operator, right in self.rest:
            yield left, operator, right
            left = right


@dataclass(frozen=True, slots=True)
class Not:
    operand: Node


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Node, ...]


Term: TypeAlias = Literal | Name | History | Lower | TextTest | RuleCall | IsKnown
Node: TypeAlias = Term | Comparison | Not | And | Or


def walk(node: Node) -> Iterator[Node]:
    """The node and all beneath it, in the order of the text."""
    yield node
    for child in _children(node):
        yield from walk(child)


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case And(operands) | Or(operands):
            return operands
        case Not(operand):
            return (operand,)
        case Comparison(first, rest):
            return (first, *(term for _, term in rest))
        case TextTest(subject, _, argument):
            return (subject, argument)
        case Lower(subject):
            return (subject,)
        case RuleCall(_, arguments):
            return arguments
        case IsKnown(name):
            return (name,)
        case _:
            return ()
