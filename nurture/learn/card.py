"""The points card: rules with whole points, that add up to how likely a lead is to be won."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nurture.learn.logistic import Weights, share_of
from nurture.learn.search import Condition, Doing, Term
from nurture.learn.table import Floats, Table

FEW = 10
"""What fewer leads than these did says nothing."""
POINTS_A_UNIT = 10
"""Points for one unit of log-odds: 7 points more are twice the odds."""


@dataclass(frozen=True)
class Rule:
    """One line of the card. `leads` are those that it was true of, `won` how many of them were won.

    One that is not `learned` has the points that it had before.
    """

    term: Term
    points: int
    leads: int
    won: int
    learned: bool = True


@dataclass(frozen=True)
class Card:
    """All rules; somebody's points are the sum of those that hold.

    `base` are the log-odds of somebody without points.
    """

    rules: tuple[Rule, ...]
    base: float

    def points(self, table: Table) -> Floats:
        """How many points each lead has: not always whole, as of what they did only what is left counts."""
        return points_of(self.rules, table)

    @property
    def fit_rules(self) -> tuple[Rule, ...]:
        """Those about who they are."""
        return tuple(rule for rule in self.rules if isinstance(rule.term, Condition))

    @property
    def signal_rules(self) -> tuple[Rule, ...]:
        """Those about what they did."""
        return tuple(rule for rule in self.rules if isinstance(rule.term, Doing))

    def share(self, points: Floats) -> Floats:
        """The share won that the card expects among leads with so many points."""
        return share_of(self.base + points / POINTS_A_UNIT)


def points_of(rules: Iterable[Rule], table: Table) -> Floats:
    """How many points each lead has by these rules alone."""
    total = np.zeros(len(table))
    for rule in rules:
        total += rule.points * rule.term.amounts(table)
    return total


def make_card(terms: Sequence[Term], weights: Weights, table: Table, kept: Mapping[str, int]) -> Card:
    """The card of some rules and their weights: whole points, and none that would count for nothing.

    `kept` are signal rules that stand for more than points (a stage), with those they have now: they get at
    least one, and where too few leads did it to learn anything, they stay as they are.
    """
    rules = []
    for term, weight in zip(terms, weights.each, strict=True):
        true = term.amounts(table) > 0
        leads, won = int(true.sum()), int(table.won[true].sum())
        points = round(float(weight) * POINTS_A_UNIT)
        if not (isinstance(term, Doing) and term.rule in kept):
            rules += [Rule(term, points, leads, won)] if points else []
        elif leads < FEW:
            rules.append(Rule(term, kept[term.rule], leads, won, learned=False))
        else:
            rules.append(Rule(term, max(points, 1), leads, won))
    return Card(tuple(sorted(rules, key=_in_order)), weights.base)


def _in_order(rule: Rule) -> tuple[bool, int, float]:
    """Who they are before what they did; what gives before what takes, and the most first."""
    return isinstance(rule.term, Doing), -rule.points, -rule.leads
