"""Fields that were known only after the talk: who learns from them learns what has happened already.

Such a field looks like the best of all, and is empty when it is needed (Kaufman, Rosset, Perlich, "Leakage in
Data Mining: Formulation, Detection, and Avoidance", 2012).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from nurture.learn.quality import auc
from nurture.learn.table import Bools, Column, Floats, Indices, Kind, Table

TOO_GOOD = 0.85
"""A field that tells won from lost so well on its own (AUC) is looked at before it is believed."""
LATE = 0.3
"""So large a share of values that came in after the hand-over makes a field one of after the talk."""
_RARE, _COMMON = 0.02, 0.2
_ENOUGH_OTHERS = 100
_BINS = 20
_SHRINK = 20.0


@dataclass(frozen=True)
class Provenance:
    """What is known of when fields were filled, by subject.

    `late` is the share of the values that came in after the hand-over, of those with an outcome; `elsewhere`
    the share of the `others`, people without an outcome, of whom the field is known.
    """

    late: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    elsewhere: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    others: int = 0


@dataclass(frozen=True)
class Suspicion:
    """A field that was probably written after the talk, and why it is taken for one."""

    subject: str
    because: str


def find_leaks(table: Table, provenance: Provenance | None = None) -> list[Suspicion]:
    """The fields that should not be learned from, each with the first reason found."""
    found = []
    for column in table.columns:
        reason = next(_reasons(column, table.won, provenance or Provenance()), None)
        if reason is not None:
            found.append(Suspicion(column.subject, reason))
    return found


def _reasons(column: Column, won: Bools, provenance: Provenance) -> Iterator[str]:
    late = provenance.late.get(column.subject, 0.0)
    if late >= LATE:
        yield f"{late:.0%} of its values came in after the hand-over or the outcome"
    known = column.codes >= 0
    here, elsewhere = known.mean(), provenance.elsewhere.get(column.subject, 0.0)
    if provenance.others >= _ENOUGH_OTHERS and here >= _COMMON and elsewhere <= _RARE:
        yield f"it is known of {here:.0%} of the leads with an outcome, and of {elsewhere:.0%} of all others"
    of_won, of_lost = float(known[won].mean()), float(known[~won].mean())
    if max(of_won, of_lost) >= _COMMON and min(of_won, of_lost) <= _RARE:
        yield f"it is known of {of_won:.0%} of the won and of {of_lost:.0%} of the lost"
    alone = auc_alone(column, won)
    if alone >= TOO_GOOD:
        yield f"alone it tells won from lost, as no field of before the talk does (AUC {alone:.2f})"


def auc_alone(column: Column, won: Bools) -> float:
    """How well one field tells won from lost, each half of the leads judged by the shares of the other."""
    places = _places(column)
    lots = np.random.default_rng(0).permutation(len(won)) % 2 == 0
    shares = np.zeros(len(won))
    for half in (lots, ~lots):
        shares[half] = _shares(places, won, ~half)[places[half]]
    return auc(shares, won)


def _places(column: Column) -> Indices:
    """Each value's place; numbers in ranges with about as many leads in each, unknown in the first place."""
    if column.kind is not Kind.NUMBER:
        return (column.codes + 1).astype(np.int64)
    numbers = np.append(column.numbers, np.nan)[column.codes]
    known = ~np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, _BINS + 1)[1:-1]))
    places: Indices = np.where(known, np.digitize(numbers, edges) + 1, 0).astype(np.int64)
    return places


def _shares(places: Indices, won: Bools, rows: Bools) -> Floats:
    size = int(places.max()) + 1
    counts = np.bincount(places[rows], minlength=size)
    sums = np.bincount(places[rows], won[rows].astype(np.float64), minlength=size)
    shares: Floats = (sums + _SHRINK * won.mean()) / (counts + _SHRINK)
    return shares
