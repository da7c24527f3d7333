"""Finds the rules of a card: one after the other, each time the one that explains most of what is left.

The weights come from logistic regression over the rules chosen so far, fitted anew at each step (forward
selection by the score test: Rao, "Large sample tests of statistical hypotheses with multiple parameters",
1948). Afterwards the least useful rules are exchanged as long as that helps. What is long to read has to
explain more, so that short rules win where they say nearly the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nurture.learn.atoms import Atom, find_atoms
from nurture.learn.logistic import Weights, fit, misfit, share_of, start
from nurture.learn.table import Bools, Deeds, Floats, Table

_TRIED_FOR_EXCHANGE = 3
_WORTH_AN_EXCHANGE = 0.2
_NEVER = -np.inf


@dataclass(frozen=True)
class Taste:
    """How a card is looked for.

    At most `rules`; each true of at least `least` leads. `cost` is what a rule must explain for each piece
    there is to read, in units of chi-square; `pairs` lets a rule have two conditions; `ridge` holds weights
    small; `trust` is how much the trees' word counts against the bare outcome.
    """

    rules: int = 25
    least: int = 60
    cost: float = 0.5
    pairs: bool = True
    ridge: float = 1.0
    trust: float = 0.9
    exchanges: int = 50


@dataclass(frozen=True)
class Condition:
    """A rule about who they are: one condition, or two that must both hold."""

    atoms: tuple[Atom, ...]

    def amounts(self, table: Table) -> Floats:
        """1 for the leads of which it holds, else 0."""
        columns = {column.subject: column for column in table.columns}
        held = [atom.holds(columns[atom.subject]) for atom in self.atoms]
        found: Floats = np.all(held, axis=0).astype(np.float64)
        return found


@dataclass(frozen=True)
class Doing:
    """A rule about what they did; `rule` names the signal rule."""

    rule: str

    def amounts(self, table: Table) -> Floats:
        """How much of it each lead has done, faded."""
        return next(deed.amounts for deed in table.deeds if deed.rule == self.rule)


Term: TypeAlias = Condition | Doing


def find_rules(
    table: Table, target: Floats, taste: Taste, directions: Mapping[str, int], kept: Sequence[str] = ()
) -> tuple[tuple[Term, ...], Weights]:
    """The rules and their weights. `target` is the share won that each lead is taken for.

    `directions` are the fields whose points may only rise or fall; `kept` the signal rules that have their
    place whatever they explain.
    """
    return _Search(table, target, taste, directions, kept).run()


_Place: TypeAlias = tuple[int, int]
"""A candidate: two atoms (the same twice: one condition), or (-1, n): the n-th of the deeds."""


class _Search:
    """All candidates as columns; what two atoms explain together is found for all pairs by one product."""

    def __init__(
        self,
        table: Table,
        target: Floats,
        taste: Taste,
        directions: Mapping[str, int],
        kept: Sequence[str],
    ) -> None:
        self.table, self.target, self.taste = table, target, taste
        self.atoms = find_atoms(table, target, directions, taste.least)
        columns = {column.subject: column for column in table.columns}
        held = [atom.holds(columns[atom.subject]) for atom in self.atoms]
        self.held = np.array(held, dtype=np.float32).reshape(len(held), len(table)).T.copy()
        self.signs = np.array([atom.rises * directions.get(atom.subject, 0) for atom in self.atoms])
        lengths = np.array([atom.length for atom in self.atoms], dtype=np.float64)
        self.lengths = lengths[:, None] + lengths[None, :] + 1
        np.fill_diagonal(self.lengths, lengths)
        self.allowed = self._allowed()
        self.ways = self._ways()
        self.deeds: tuple[Deeds, ...] = table.deeds
        self.kept = [(-1, n) for n, deed in enumerate(self.deeds) if deed.rule in kept]

    def _allowed(self) -> Bools:
        """Which pairs of atoms make a rule: of two fields, true of enough leads, and no mere single one."""
        least = self.taste.least
        together = self.held.T @ self.held
        alone = np.diag(together)
        names = np.array([atom.subject for atom in self.atoms])
        pairs: Bools = (names[:, None] != names[None, :]) & (together >= least)
        pairs &= together <= np.minimum(alone[:, None], alone[None, :]) - least
        pairs &= self.signs[:, None] * self.signs[None, :] >= 0
        if not self.taste.pairs:
            pairs[:] = False
        np.fill_diagonal(pairs, True)
        upper: Bools = np.triu(pairs)
        return upper

    def _ways(self) -> npt.NDArray[np.int8]:
        """For each pair of atoms whether it may give points (1) or take them (-1).

        A direction that was asked for decides; else whether more of them were won than on average, or fewer:
        a rule that takes points from people who are mostly won may be right beside others, but nobody would
        understand it.
        """
        won = self.held.T @ (self.held * self.target[:, None].astype(np.float32))
        expected = (self.held.T @ self.held) * self.target.mean()
        asked = np.where(self.signs[:, None] != 0, self.signs[:, None], self.signs[None, :])
        ways: npt.NDArray[np.int8] = np.where(asked != 0, asked, np.sign(won - expected)).astype(np.int8)
        return ways

    def run(self) -> tuple[tuple[Term, ...], Weights]:
        chosen, columns, weights = self._grown()
        for _ in range(self.taste.exchanges):
            better = self._exchanged(chosen, columns, weights)
            if better is None:
                break
            chosen, columns, weights = better
        chosen, columns, weights = self._in_the_right_direction(chosen, columns, weights)
        return tuple(map(self._term, chosen)), weights

    def _grown(self) -> tuple[list[_Place], Floats, Weights]:
        chosen = list(self.kept)
        columns = np.array([self._column(place) for place in chosen]).reshape(-1, len(self.table)).T
        weights = start(self.target)
        if chosen:
            weights = fit(columns, self.target, self.taste.ridge, weights, rounds=4)
        while len(chosen) < self.taste.rules:
            best = self._best(chosen, columns, weights)
            if best is None:
                break
            chosen = [*chosen, best]
            columns = np.column_stack([columns, self._column(best)])
            weights = fit(columns, self.target, self.taste.ridge, weights, rounds=3)
        return chosen, columns, weights

    def _exchanged(
        self, chosen: list[_Place], columns: Floats, weights: Weights
    ) -> tuple[list[_Place], Floats, Weights] | None:
        """One of the least useful rules given up for a better one; None where that helps no more."""
        before = self._loss(chosen, columns, weights)
        for place in self._least_useful(chosen, weights):
            rest = [n for n in range(len(chosen)) if n != place]
            others = [chosen[n] for n in rest]
            without = Weights(weights.base, weights.each[rest], weights.errors[rest])
            without = fit(columns[:, rest], self.target, self.taste.ridge, without, rounds=2)
            best = self._best(others, columns[:, rest], without)
            if best is None or best == chosen[place]:
                continue
            tried = np.column_stack([columns[:, rest], self._column(best)])
            fitted = fit(tried, self.target, self.taste.ridge, without, rounds=4)
            if self._loss([*others, best], tried, fitted) < before - _WORTH_AN_EXCHANGE:
                return [*others, best], tried, fitted
        return None

    def _least_useful(self, chosen: list[_Place], weights: Weights) -> list[int]:
        use = (weights.each / weights.errors) ** 2 if len(chosen) else np.zeros(0)
        return [n for n in np.argsort(use) if chosen[n] not in self.kept][:_TRIED_FOR_EXCHANGE]

    def _in_the_right_direction(
        self, chosen: list[_Place], columns: Floats, weights: Weights
    ) -> tuple[list[_Place], Floats, Weights]:
        """The fit to its end, without those rules whose points would go the wrong way beside the others."""
        weights = fit(columns, self.target, self.taste.ridge, weights, rounds=8) if chosen else weights
        right = [n for n, place in enumerate(chosen) if self._way(place) * weights.each[n] >= 0]
        if len(right) == len(chosen):
            return chosen, columns, weights
        rest = Weights(weights.base, weights.each[right], weights.errors[right])
        return self._in_the_right_direction([chosen[n] for n in right], columns[:, right], rest)

    def _best(self, chosen: Sequence[_Place], columns: Floats, weights: Weights) -> _Place | None:
        """The candidate that explains most beyond its cost; None where none does."""
        share = share_of(weights.apply(columns))
        left, curve = self.target - share, share * (1 - share)
        gains = self._gains_of_atoms(left, curve)
        for first, second in chosen:
            if first >= 0:
                gains[first, second] = _NEVER
        found: list[tuple[float, _Place]] = []
        if gains.size:
            first, second = divmod(int(gains.argmax()), gains.shape[1])
            found.append((float(gains[first, second]), (first, second)))
        for number, deed in enumerate(self.deeds):
            if (-1, number) not in chosen:
                slope, bend = deed.amounts @ left, deed.amounts**2 @ curve
                gain = float(slope**2 / (bend + self.taste.ridge) - self.taste.cost)
                found.append((gain, (-1, number)))
        most, best = max(found, default=(_NEVER, (0, 0)))
        return best if most > 0 else None

    def _gains_of_atoms(self, left: Floats, curve: Floats) -> Floats:
        held = self.held
        slopes = held.T @ (held * left[:, None].astype(np.float32))
        bends = held.T @ (held * curve[:, None].astype(np.float32))
        gains = slopes**2 / (bends + self.taste.ridge) - self.taste.cost * self.lengths
        found: Floats = np.where(self.allowed & (self.ways * slopes >= 0), gains, _NEVER)
        return found

    def _loss(self, chosen: Sequence[_Place], columns: Floats, weights: Weights) -> float:
        read = sum(self.lengths[place] if place[0] >= 0 else 1 for place in chosen)
        fitted = misfit(columns, self.target, self.taste.ridge, weights)
        return float(fitted + self.taste.cost / 2 * read)

    def _column(self, place: _Place) -> Floats:
        first, second = place
        if first < 0:
            return self.deeds[second].amounts
        column: Floats = (self.held[:, first] * self.held[:, second]).astype(np.float64)
        return column

    def _way(self, place: _Place) -> int:
        return 0 if place[0] < 0 else int(self.ways[place])

    def _term(self, place: _Place) -> Term:
        first, second = place
        if first < 0:
            return Doing(self.deeds[second].rule)
        return Condition(tuple(self.atoms[n] for n in dict.fromkeys((first, second))))
