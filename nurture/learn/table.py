"""What is learned from: for each lead the fields, what they did, and what became of them.

A column keeps each different value once and a small number a lead, so that a hundred thousand leads with
fifty fields are some tens of megabytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nurture.core.model import Value
from nurture.core.truth import plain_number

Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Indices: TypeAlias = npt.NDArray[np.int64]

NOT_ANSWERED = frozenset({"", "select"})
"""Texts that stand for no answer at all; forms leave `Select` where nobody chose."""
_MOST_CHOICES_OF_NUMBERS = 4
"""A field with so few different numbers is a choice between them."""


class Kind(StrEnum):
    """What a column holds, and so which conditions make sense of it."""

    NUMBER = "number"
    CHOICE = "choice"
    TRUTH = "truth"


@dataclass(frozen=True)
class Column:
    """One field of all leads. `subject` is how a condition writes it: `answers["Lead Origin"]`.

    `values` are the different known values; `codes` says for each lead which of them it has, -1 for unknown.
    """

    subject: str
    kind: Kind
    values: tuple[Value, ...]
    codes: npt.NDArray[np.int32]

    @cached_property
    def numbers(self) -> Floats:
        """The values of a column of numbers, as numbers; not a number where a text is none."""
        return np.array([_number(value) for value in self.values], dtype=np.float64)

    def of(self, rows: Indices) -> Column:
        """The same column for some of the leads."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True)
class Deeds:
    """How much of one kind of signal each lead had made when it was decided on, faded as engagement fades.

    `rule` names the signal rule that counts it.
    """

    rule: str
    amounts: Floats

    def of(self, rows: Indices) -> Deeds:
        """The same for some of the leads."""
        return Deeds(self.rule, self.amounts[rows])


@dataclass(frozen=True)
class Table:
    """All leads with a known end. `at` is when they were decided on, in seconds; None where nobody knows."""

    columns: tuple[Column, ...]
    won: Bools
    at: Floats | None = None
    deeds: tuple[Deeds, ...] = ()

    def __len__(self) -> int:
        return len(self.won)

    def of(self, rows: Indices) -> Table:
        """Some of the leads."""
        return Table(
            tuple(column.of(rows) for column in self.columns),
            self.won[rows],
            None if self.at is None else self.at[rows],
            tuple(deed.of(rows) for deed in self.deeds),
        )

    def without(self, subjects: Iterable[str]) -> Table:
        """The table without some of its columns."""
        left_out = frozenset(subjects)
        return replace(self, columns=tuple(one for one in self.columns if one.subject not in left_out))


class Filling:
    """A column while its values come in, lead by lead."""

    def __init__(self) -> None:
        self._codes = array("i")
        self._places: dict[tuple[type, Value], int] = {}

    def add(self, value: Value) -> None:
        """The next lead's value; None, an empty text and `Select` are unknown."""
        if value is None or (isinstance(value, str) and value.strip().lower() in NOT_ANSWERED):
            self._codes.append(-1)
            return
        # True and 1 are one key of a dict, and are not one value.
        self._codes.append(self._places.setdefault((type(value), value), len(self._places)))

    def fill_to(self, count: int) -> None:
        """Unknown for all leads up to `count` that had nothing to say."""
        self._codes.extend([-1] * (count - len(self._codes)))

    def column(self, subject: str) -> Column:
        """All that came in."""
        values = tuple(value for _, value in self._places)
        return Column(subject, _kind(values), values, np.frombuffer(self._codes, dtype=np.int32).copy())


def _kind(values: Sequence[Value]) -> Kind:
    if values and all(isinstance(value, bool) for value in values):
        return Kind.TRUTH
    numbers = sum(not np.isnan(_number(value)) for value in values)
    enough = numbers > _MOST_CHOICES_OF_NUMBERS and numbers >= 0.9 * len(values)
    return Kind.NUMBER if enough else Kind.CHOICE


def _number(value: Value) -> float:
    if isinstance(value, bool):
        return np.nan
    if isinstance(value, int | float):
        return float(value)
    number = plain_number(value) if isinstance(value, str) else None
    return np.nan if number is None else number
