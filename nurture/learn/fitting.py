"""From a table to a card: the trees are asked, the rules found, their weights made whole points.

How rules are looked for is chosen by cross-validation among these leads alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
from threadpoolctl import threadpool_limits

from nurture.errors import NurtureError
from nurture.learn.card import Card, make_card
from nurture.learn.folds import Fold, find_folds
from nurture.learn.logistic import fit
from nurture.learn.quality import log_loss
from nurture.learn.search import Taste, find_rules
from nurture.learn.table import Floats, Table
from nurture.learn.trees import told_shares

FEWEST = 100
"""So many won and so many lost are needed; with fewer, what is found is mostly chance."""
LOOKED_THROUGH = 20_000
"""Rules are looked for among so many leads at most, chosen by lot; their weights come from all."""
_ROUNDS = 8

TASTES = (
    Taste(pairs=False, trust=0.0, cost=4.0),
    Taste(pairs=False, trust=0.9, cost=1.0),
    Taste(pairs=True, trust=0.9, cost=2.0),
    Taste(pairs=True, trust=0.9, cost=0.5),
)
"""The ways of looking for a card that are tried against each other, the plainest first."""


@dataclass(frozen=True)
class Wishes:
    """What is asked of a card.

    At most `rules`; the fields in `directions` count in one direction only; the signal rules that are `kept`,
    with their present points, have their place whatever they explain. The same `seed` gives the same card.
    """

    rules: int = 25
    directions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    kept: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    seed: int = 1


@dataclass(frozen=True)
class Trial:
    """A card made of some leads, and the `points` that it gives to others, who are in `table`."""

    card: Card
    points: Floats
    table: Table


@dataclass(frozen=True)
class Learned:
    """The card of all leads, the taste it was found with, and how cards of that taste did on leads unseen."""

    card: Card
    taste: Taste
    trials: tuple[Trial, ...]


def learn(table: Table, wishes: Wishes, progress: Callable[[str], None] = lambda words: None) -> Learned:
    """The best card for these leads, and how good cards like it are.

    Raised when there are too few outcomes, or nothing can be learned from them: NurtureError.
    """
    check_enough(table)
    if not table.columns and not table.deeds:
        raise NurtureError(
            "nothing is known of the leads but what became of them: no field, and nothing that they did",
            hint="import what was known of them: nurture import",
        )
    # On a busy machine several threads wait for each other a hundred times as long as one takes.
    with threadpool_limits(1):
        return _learn(table, wishes, progress)


def _learn(table: Table, wishes: Wishes, progress: Callable[[str], None]) -> Learned:
    tried: dict[Taste, list[Trial]] = {taste: [] for taste in TASTES}
    folds = [fold for fold in find_folds(table, wishes.seed) if _has_both(table, fold)]
    if not folds:
        raise NurtureError(
            "a card cannot be tried on later leads: nobody was won before, or lost after, the others were",
            hint="tell what became of more leads of the same time: nurture outcome",
        )
    for number, (known, unseen) in enumerate(folds, 1):
        progress(f"trying it on leads unseen: {number} of {len(folds)}")
        lesson, others = _Lesson(table.of(known), wishes), table.of(unseen)
        for taste in TASTES:
            card = lesson.card(taste)
            tried[taste].append(Trial(card, card.points(others), others))
    taste = min(TASTES, key=lambda one: np.mean([_surprise(trial) for trial in tried[one]]))
    progress("finding the rules")
    card = _Lesson(table, wishes).card(taste)
    if not card.rules:
        raise NurtureError(
            "nothing tells the won from the lost: no field, and nothing that they did",
            hint="ask more of leads, or tell what became of more of them: nurture outcome",
        )
    return Learned(card, taste, tuple(tried[taste]))


def _has_both(table: Table, fold: Fold) -> bool:
    """Whether won and lost are on both sides of it."""
    return all(0 < table.won[rows].sum() < len(rows) for rows in fold)


def check_enough(table: Table) -> None:
    """Raised when too few were won, or too few lost, to learn from: NurtureError."""
    won = int(table.won.sum())
    lost = len(table) - won
    if min(won, lost) < FEWEST:
        raise NurtureError(
            f"there are too few outcomes to learn from: {won} won and {lost} lost; "
            f"at least {FEWEST} of each are needed",
            hint="tell what became of more leads: nurture outcome",
        )


def _surprise(trial: Trial) -> float:
    return log_loss(trial.card.share(trial.points), trial.table.won)


class _Lesson:
    """Some leads to learn from; what the trees tell of them is asked once, for all tastes."""

    def __init__(self, table: Table, wishes: Wishes) -> None:
        self.table = table
        self.wishes = wishes
        self.won = table.won.astype(np.float64)
        self.told = told_shares(table, wishes.directions)

    def card(self, taste: Taste) -> Card:
        wishes = self.wishes
        taste = replace(taste, rules=wishes.rules, least=least_leads(len(self.table)))
        target = (1 - taste.trust) * self.won + taste.trust * self.told
        table, its_target = self.table, target
        if len(table) > LOOKED_THROUGH:
            some = np.sort(np.random.default_rng(wishes.seed).permutation(len(table))[:LOOKED_THROUGH])
            table, its_target = table.of(some), target[some]
            taste = replace(taste, least=least_leads(LOOKED_THROUGH))
        terms, weights = find_rules(table, its_target, taste, wishes.directions, sorted(wishes.kept))
        if table is not self.table and terms:
            columns = np.column_stack([term.amounts(self.table) for term in terms])
            weights = fit(columns, target, taste.ridge, weights, _ROUNDS)
        return make_card(terms, weights, self.table, wishes.kept)


def least_leads(count: int) -> int:
    """Of how many leads a rule must be true (and of how many not), to be more than chance."""
    return min(200, max(10, count // 75))
