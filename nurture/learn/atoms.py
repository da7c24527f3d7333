"""The single conditions that a card may be made of: a range of numbers, some choices, known or unknown.

Each is something that a person can say: `at least 500`, `one of Reference, Website`, `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nurture.core.model import Value
from nurture.errors import NurtureError
from nurture.learn.table import Bools, Column, Floats, Kind, Table

LONGEST_LIST = 8
"""So many choices in one condition can be read; more cannot."""
LONGEST_CHOICE = 80
"""Characters of a choice: what is longer was written, not chosen, and a condition has no room for it."""
_ROOM = LONGEST_LIST * LONGEST_CHOICE
_LARGEST, _DECIMALS = 1e12, 6
"""Numbers beyond are no amounts but names of something; conditions do not take all of them."""
_RANGES = 12
_SHRINK = 20.0
_AMOUNT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([km]?)", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6}


@dataclass(frozen=True)
class Atom:
    """One condition about one field; which of its parts are given says what it asks.

    `low` and `high` are a range (low <= x < high); `choices` a list, or with `negated` all others; neither:
    that the field is known, or with `negated` that it is not. `rises` is 1 where it comes true as the field
    goes up, -1 where it does as the field goes down, 0 where the field has no direction.
    """

    subject: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Value, ...] = ()
    negated: bool = False
    rises: int = 0

    @property
    def is_range(self) -> bool:
        """Whether it asks for a number."""
        return self.low is not None or self.high is not None

    @property
    def length(self) -> int:
        """How much there is to read: one for each choice, and for each end of a range."""
        if self.is_range:
            return (self.low is not None) + (self.high is not None)
        return max(1, len(self.choices))

    def holds(self, column: Column) -> Bools:
        """For which leads it holds; what is unknown neither matches nor fails, and so does not hold."""
        of_unknown = self.negated and not self.choices
        found: Bools = np.append(self._of_values(column), of_unknown)[column.codes]
        return found

    def _of_values(self, column: Column) -> Bools:
        if self.is_range:
            low = -np.inf if self.low is None else self.low
            high = np.inf if self.high is None else self.high
            inside: Bools = (column.numbers >= low) & (column.numbers < high)
            return inside
        if self.choices:
            listed = frozenset(self.choices)
            return np.array([(value in listed) is not self.negated for value in column.values], dtype=bool)
        return np.full(len(column.values), not self.negated)


def find_atoms(table: Table, target: Floats, directions: Mapping[str, int], least: int) -> list[Atom]:
    """All conditions worth trying: each is true of at least `least` leads, and of at least `least` not.

    `target` is the share won that each lead is taken for; it puts choices in order. `directions` names the
    fields whose points may only rise (1) or fall (-1) as the field goes up. Raised when such a field has no
    order: NurtureError.
    """
    found = []
    for column in table.columns:
        seen: set[bytes] = set()
        for atom in _of_column(column, target, column.subject in directions, least):
            holds = atom.holds(column)
            same = holds.tobytes()
            if same not in seen and least <= np.count_nonzero(holds) <= len(table) - least:
                seen.add(same)
                found.append(atom)
    return found


def _of_column(column: Column, target: Floats, directed: bool, least: int) -> Iterator[Atom]:
    yield Atom(column.subject, negated=True)
    yield Atom(column.subject)
    if column.kind is Kind.NUMBER:
        yield from _ranges(column, directed)
    elif column.kind is Kind.TRUTH:
        yield Atom(column.subject, choices=(True,), rises=1)
        yield Atom(column.subject, choices=(False,), rises=-1)
    elif directed:
        yield from _ordered_choices(column)
    else:
        yield from _choices(column, target, least)


# --- numbers ----------------------------------------------------------------------------------------


def _ranges(column: Column, directed: bool) -> Iterator[Atom]:
    ends = round_ends(column.numbers[column.codes[column.codes >= 0]])
    for end in ends:
        yield Atom(column.subject, low=end, rises=1)
        yield Atom(column.subject, high=end, rises=-1)
    if not directed:
        for low, high in combinations(ends, 2):
            yield Atom(column.subject, low=low, high=high)


def round_ends(numbers: Floats) -> list[float]:
    """The ends of ranges with about as many leads in each, in two figures: 553.67 is 550."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return []
    least = float(known.min())
    ends = np.quantile(known, np.linspace(0, 1, _RANGES + 1)[1:-1]).tolist()
    # The least number is a range of its own: it often means that nobody was there, or that nothing was said.
    ends.append(float(known.min(initial=np.inf, where=known > least)))
    return sorted({_in_two_figures(end) for end in ends if least < end < np.inf and abs(end) < _LARGEST})


def _in_two_figures(number: float) -> float:
    rounded = float(f"{number:.2g}")
    return int(rounded) if rounded.is_integer() else rounded


# --- choices ----------------------------------------------------------------------------------------


def _choices(column: Column, target: Floats, least: int) -> Iterator[Atom]:
    ordered = _by_share(column, target, least)
    for value in ordered:
        yield Atom(column.subject, choices=(value,))
        yield Atom(column.subject, choices=(value,), negated=True)
    for count in range(2, min(LONGEST_LIST, len(ordered)) + 1):
        for end in (ordered[:count], ordered[-count:]):
            yield Atom(column.subject, choices=tuple(end))
            yield Atom(column.subject, choices=tuple(end), negated=True)


def _by_share(column: Column, target: Floats, least: int) -> Sequence[Value]:
    """The choices that are not rare, from the least share won to the most; few leads count as the average."""
    known = column.codes >= 0
    counts = np.bincount(column.codes[known], minlength=len(column.values))
    sums = np.bincount(column.codes[known], target[known], minlength=len(column.values))
    shares = (sums + _SHRINK * target.mean()) / (counts + _SHRINK)
    ordered = [column.values[i] for i in np.argsort(shares, kind="stable") if counts[i] >= max(least // 2, 1)]
    return [value for value in ordered if _can_be_read(value)]


def _can_be_read(value: Value) -> bool:
    """Whether a condition can say it, and just that."""
    if isinstance(value, int | float):
        return abs(value) < _LARGEST and round(value, _DECIMALS) == value
    return len(str(value)) <= LONGEST_CHOICE


def _ordered_choices(column: Column) -> Iterator[Atom]:
    ordered = sorted(column.values, key=lambda value: size_of(column.subject, value))
    for count in range(1, len(ordered)):
        for choices, rises in ((ordered[count:], 1), (ordered[:count], -1)):
            if all(map(_can_be_read, choices)) and sum(len(str(one)) + 4 for one in choices) <= _ROOM:
                yield Atom(column.subject, choices=tuple(choices), rises=rises)


def size_of(subject: str, value: Value) -> float:
    """How large a choice is, by the first number in it: `5-10k` is 5,000, `10k+` is 10,000.

    Raised when there is none: NurtureError.
    """
    amounts = _AMOUNT.findall(str(value))
    if not amounts:
        raise NurtureError(
            f"--monotone: {subject} has no order: there is no number in {value!r}",
            hint="ask it of fields that hold numbers, or choices such as 5-10k, 10k+",
        )
    (first, unit), (_, last_unit) = amounts[0], amounts[-1]
    return float(first.replace(",", ".")) * _UNITS[(unit or last_unit).lower()]
