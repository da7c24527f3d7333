"""How good a card is: does it put those who are won first, and do its points mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from nurture.core.proportion import Share, share
from nurture.learn.table import Bools, Floats

BANDS = 8


@dataclass(frozen=True)
class Spread:
    """A figure over several tries: the mean, the worst, the best, and how far they lie from another
    (standard deviation)."""

    mean: float
    worst: float
    best: float
    deviation: float


@dataclass(frozen=True)
class Band:
    """The leads with points from `low` to `high`, and the share of them that was won, with its interval."""

    low: float
    high: float
    won: Share


def auc(points: Floats, won: Bools) -> float:
    """How often somebody who is won has more points than somebody who is not; ties count half."""
    return float(roc_auc_score(won, points))


def precision_top_fifth(points: Floats, won: Bools) -> float:
    """The share won among the fifth with the most points; of those who tie at its edge, the average."""
    wanted = max(1, len(points) // 5)
    edge = np.partition(points, -wanted)[-wanted]
    above, at_edge = points > edge, points == edge
    found = won[above].sum() + (wanted - above.sum()) * won[at_edge].mean()
    return float(found / wanted)


def spread(figures: Sequence[float]) -> Spread:
    """The figures of several tries together; higher is better."""
    return Spread(
        float(np.mean(figures)), float(min(figures)), float(max(figures)), float(np.std(figures, ddof=0))
    )


def log_loss(shares: Floats, won: Bools) -> float:
    """How surprised somebody would be who believed these shares; the less the better."""
    kept = np.clip(shares, 1e-6, 1 - 1e-6)
    return float(-np.mean(np.where(won, np.log(kept), np.log(1 - kept))))


def calibration(points: Floats, won: Bools) -> tuple[Band, ...]:
    """The share won by band of points, the lowest first; about as many leads in each."""
    edges = np.unique(np.quantile(points, np.linspace(0, 1, BANDS + 1)[1:-1]).round())
    bands = np.digitize(points, edges)
    return tuple(_band(points[bands == n], won[bands == n]) for n in np.unique(bands))


def _band(points: Floats, won: Bools) -> Band:
    return Band(float(points.min()), float(points.max()), share(int(won.sum()), len(won)))
