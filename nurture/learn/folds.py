"""Which leads are learned from and which are kept to try the result on: in the order of time where it is
known, since a card is used on the leads that come after it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nurture.learn.table import Indices, Table

BLOCKS = 5


class Fold(NamedTuple):
    """Row numbers: those to learn from, and those to try it on."""

    known: Indices
    unseen: Indices


def find_folds(table: Table, seed: int) -> list[Fold]:
    """Four folds in the order of time, each learning from all before it; without times five, by lot."""
    if table.at is None:
        blocks = np.array_split(np.random.default_rng(seed).permutation(len(table)), BLOCKS)
        return [
            Fold(np.concatenate([block for n, block in enumerate(blocks) if n != number]), unseen)
            for number, unseen in enumerate(blocks)
        ]
    blocks = np.array_split(np.argsort(table.at, kind="stable"), BLOCKS)
    return [Fold(np.concatenate(blocks[:number]), blocks[number]) for number in range(1, BLOCKS)]
