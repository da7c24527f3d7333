"""What is known of each lead beyond won or lost: how likely it was, told by many trees that saw all fields.

A card that is fitted to what trees say takes over what they found, and far less of what was chance: knowledge
distillation (Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015). The trees
themselves are then thrown away; nobody has to trust what nobody can read.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from nurture.learn.atoms import size_of
from nurture.learn.table import Column, Floats, Kind, Table

_SHRINK = 20.0
_RARE = 10
_SEEDS = (0, 1)


def told_shares(table: Table, directions: Mapping[str, int]) -> Floats:
    """The share won among leads like each of these, as boosted trees tell it."""
    won = table.won.astype(np.float64)
    encoded = [_encoded(column, won, directions) for column in table.columns]
    columns = np.column_stack([*encoded, *(deed.amounts for deed in table.deeds)])
    bound = [directions.get(column.subject, 0) for column in table.columns] + [0] * len(table.deeds)
    told: list[Floats] = []
    for seed in _SEEDS:
        trees = HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.05,
            max_leaf_nodes=15,
            min_samples_leaf=20,
            l2_regularization=5,
            max_features=0.3,
            early_stopping=False,
            monotonic_cst=bound,
            random_state=seed,
        )
        told.append(trees.fit(columns, table.won).predict_proba(columns)[:, 1])
    share: Floats = np.mean(told, axis=0)
    return share


def _encoded(column: Column, won: Floats, directions: Mapping[str, int]) -> Floats:
    """Numbers as they are, choices by the share won among them; unknown is not a number."""
    if column.kind is Kind.NUMBER:
        by_value = column.numbers
    elif column.kind is Kind.CHOICE and column.subject in directions:
        by_value = np.array([size_of(column.subject, value) for value in column.values], dtype=np.float64)
    elif column.kind is Kind.TRUTH:
        by_value = np.array(column.values, dtype=np.float64)
    else:
        known = column.codes >= 0
        counts = np.bincount(column.codes[known], minlength=len(column.values))
        sums = np.bincount(column.codes[known], won[known], minlength=len(column.values))
        # Rare choices count as one: else what was typed freely would tell of each lead what became of it.
        rare = counts < _RARE
        counts[rare], sums[rare] = counts[rare].sum(), sums[rare].sum()
        by_value = (sums + _SHRINK * won.mean()) / (counts + _SHRINK)
    encoded: Floats = np.append(by_value, np.nan)[column.codes]
    return encoded
