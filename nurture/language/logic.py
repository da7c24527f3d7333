"""Decides of a condition, without any facts, whether it can hold at all, and whether it can fail.

A condition is taken apart into the ways in which it can hold, each a list of facts that must be so together;
a way is impossible when two of them contradict each other. What cannot be decided counts as possible, so
that `never` and `always` are only ever said of what is certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import TypeAlias

from nurture.core.expression import (
    And,
    Comparison,
    History,
    IsKnown,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Term,
    walk,
)
from nurture.core.model import Lifecycle, Stage, Value
from nurture.core.truth import compare, truth_of

MOST_WAYS = 256
"""A condition that can hold in more ways than this is not looked into."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What a term can be: a number from `low` to `high`, or one of `values` where there are any."""

    low: float = -inf
    high: float = inf
    values: frozenset[str] | None = None


Domains: TypeAlias = Mapping[tuple[str, ...], Domain]

STANDING: Domains = {
    ("stage",): Domain(values=frozenset(stage.value for stage in Stage)),
    ("lifecycle",): Domain(values=frozenset(each.value for each in Lifecycle)),
}
"""What is known of names without any profile."""

Atom: TypeAlias = tuple[Term, str, Term]
"""One fact that must be so; the operator `is` asks for the truth of the left side, a literal."""

Way: TypeAlias = tuple[Atom, ...]

_INVERSE = {
    "==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">", "in": "not in", "not in": "in",
}  # fmt: skip
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ODD_TEXT = re.compile(r"\s*([-+]?[0-9.]+|true|false)\s*", re.ASCII | re.IGNORECASE)
"""Texts that may also mean a number or a truth: of those, nothing is said."""


def never(node: Node, domains: Domains = STANDING) -> bool:
    """Whether `node` certainly holds for nobody."""
    ways = _ways(node, wanted=True)
    return ways is not None and all(_impossible(way, domains) for way in ways)


def always(node: Node, domains: Domains = STANDING) -> bool:
    """Whether `node` certainly holds for everybody, also where little is known."""
    ways = _ways(node, wanted=False)
    return ways is not None and all(_decided(way, {}) and _impossible(way, domains) for way in ways)


def follows(later: Node, earlier: Node, domains: Domains = STANDING) -> bool:
    """Whether `earlier` certainly holds wherever `later` does."""
    if later == earlier:
        return True
    ways = _ways(later, wanted=True)
    failing = _ways(earlier, wanted=False)
    if not ways or not failing or len(ways) * len(failing) > MOST_WAYS:
        return False
    # A condition that does not hold may be unknown instead of failing: that must be ruled out too.
    decided = all(_decided(other, _types(way)) for way, other in product(ways, failing))
    return decided and all(_impossible((*way, *other), domains) for way, other in product(ways, failing))


def _types(way: Way) -> dict[Term, type]:
    """Whether a term is a text or a number for those whom a way fits; only where that is certain."""
    pairs = (_ordered(atom) for atom in way if atom[1] != "is")
    found = [(left, _type(right)) for left, _, right in pairs]
    return {left: kind for left, kind in found if kind is not None}


def _type(term: Term) -> type | None:
    """What a literal can only be compared with: texts, or numbers."""
    if not isinstance(term, Literal):
        return None
    values = term.value if isinstance(term.value, tuple) else (term.value,)
    if values and all(isinstance(each, str) and not _ODD_TEXT.fullmatch(each) for each in values):
        return str
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
    return float if values and numbers else None


def _decided(way: Way, types: Mapping[Term, type]) -> bool:
    """Whether every fact of a way is either so or not so, never unknown."""
    for left, op, right in (_ordered(atom) for atom in way):
        if op == "is":
            certain = isinstance(left, IsKnown | History) or _is_name(left, "consent")
            if not certain and not (isinstance(left, Literal) and isinstance(left.value, bool)):
                return False
        elif (op in ("in", "not in")) is not _is_list(right):
            return False
        else:
            numeric = isinstance(left, History) or _is_name(left, "fit", "engagement")
            textual = _is_name(left, "stage", "lifecycle")
            own = float if numeric else str if textual else types.get(left)
            if own is None or own is not _type(right):
                return False
    return True


def _is_name(term: Term, *roots: str) -> bool:
    return isinstance(term, Name) and term.path[0] in roots


# --- the ways in which a condition can hold ---------------------------------------------------------


def _ways(node: Node, *, wanted: bool) -> list[Way] | None:
    """Every way in which `node` is `wanted`; None where there are too many to look into."""
    match node:
        case Not(operand):
            return _ways(operand, wanted=not wanted)
        case And(operands) | Or(operands):
            parts = [_ways(operand, wanted=wanted) for operand in operands]
            return _together(parts) if isinstance(node, And) is wanted else _either(parts)
        case Comparison():
            pairs: list[list[Way] | None] = [
                [((left, op if wanted else _INVERSE[op], right),)] for left, op, right in node.pairs()
            ]
            return _together(pairs) if wanted else _either(pairs)
        case _:
            return [((node, "is", Literal(wanted)),)]


def _together(parts: list[list[Way] | None]) -> list[Way] | None:
    found: list[Way] = [()]
    for part in parts:
        if part is None or len(found) * len(part) > MOST_WAYS:
            return None
        found = [(*one, *other) for one in found for other in part]
    return found


def _either(parts: list[list[Way] | None]) -> list[Way] | None:
    found: list[Way] = []
    for part in parts:
        if part is None or len(found) + len(part) > MOST_WAYS:
            return None
        found += part
    return found


# --- contradictions ---------------------------------------------------------------------------------


def _impossible(way: Way, domains: Domains) -> bool:
    claims: dict[Term, _Claims] = {}
    truths: dict[Node | tuple[object, ...], bool] = {}
    for left, op, right in (_ordered(atom) for atom in way):
        if isinstance(left, Literal) and isinstance(right, Literal):
            truth = (
                truth_of(left.value) is right.value if op == "is" else compare(left.value, op, right.value)
            )
            if not truth:
                return True
        elif op == "is":
            wanted = bool(right.value) if isinstance(right, Literal) else True
            if truths.setdefault(left, wanted) is not wanted:
                return True
        elif op in ("in", "not in") and not _is_list(right):
            if truths.setdefault((left, right), op == "in") is not (op == "in"):
                return True
        elif isinstance(right, Literal):
            if left not in claims:
                claims[left] = _Claims.of(left, domains)
            claims[left].take(op, right.value)
    unknown = {node.name for node, truth in truths.items() if isinstance(node, IsKnown) and not truth}
    if unknown & set(_names(way)):
        return True
    return any(claim.impossible() for claim in claims.values())


def _ordered(atom: Atom) -> Atom:
    left, op, right = atom
    if isinstance(left, Literal) and not isinstance(right, Literal) and op in _FLIPPED:
        return right, _FLIPPED[op], left
    return atom


def _is_list(term: Term) -> bool:
    return isinstance(term, Literal) and isinstance(term.value, tuple)


def _names(way: Way) -> Iterator[Name]:
    """The names that a way needs to be known: those it compares."""
    for left, op, right in way:
        if op != "is":
            yield from (part for term in (left, right) for part in walk(term) if isinstance(part, Name))


@dataclass(slots=True)
class _Claims:
    """What one way says of one term."""

    low: float = -inf
    high: float = inf
    open_low: bool = False
    open_high: bool = False
    values: frozenset[object] | None = None
    excluded: set[object] = field(default_factory=set)
    numeric: bool = False
    odd: bool = False

    @classmethod
    def of(cls, term: Term, domains: Domains) -> _Claims:
        domain = domains.get(term.path, Domain()) if isinstance(term, Name) else Domain()
        low = 0.0 if isinstance(term, History) else domain.low
        return cls(low, domain.high, values=domain.values)

    def take(self, op: str, value: Value) -> None:
        values = value if isinstance(value, tuple) else (value,)
        self.odd |= any(isinstance(each, str) and bool(_ODD_TEXT.fullmatch(each)) for each in values)
        if op in ("==", "in"):
            self.values = frozenset(values) if self.values is None else self.values & frozenset(values)
        elif op in ("!=", "not in"):
            self.excluded |= set(values)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._bound(op, float(value))

    def _bound(self, op: str, number: float) -> None:
        self.numeric = True
        if op in (">", ">="):
            if number > self.low or (number == self.low and op == ">"):
                self.low, self.open_low = number, op == ">"
        elif number < self.high or (number == self.high and op == "<"):
            self.high, self.open_high = number, op == "<"

    def impossible(self) -> bool:
        if self.odd:
            return False
        if self.low > self.high or (self.low == self.high and (self.open_low or self.open_high)):
            return True
        return self.values is not None and not any(self._fits(each) for each in self.values - self.excluded)

    def _fits(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return not self.numeric
        above = value > self.low or (value == self.low and not self.open_low)
        return above and (value < self.high or (value == self.high and not self.open_high))
