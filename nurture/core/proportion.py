"""Shares with their confidence intervals, and how well a choice finds what it looks for.

The interval is Wilson's (E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
Inference", Journal of the American Statistical Association 22, 1927): right for few cases too, and for
shares near 0 and 1, where the usual ± leaves the range.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z95 = 1.959963984540054
"""The normal quantile of an interval that holds the true share in 95 of 100 cases."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` cases: their `value`, with its interval from `low` to `high` (95 %); None of nothing."""

    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """How well a choice finds what it looks for.

    `precision` is how many of the chosen were right, `recall` how many of the right ones were chosen; `f1`
    is their harmonic mean, as a share of its own kind: `hits` are twice those chosen rightly, `of` all chosen
    and all right ones.
    """

    precision: Share
    recall: Share
    f1: Share


def share(hits: int, of: int, z: float = Z95) -> Share:
    """A share of independent cases, with Wilson's interval. Raised when it is none: ValueError."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if of == 0:
        return Share(0, 0, None, None, None)
    value, weight = hits / of, z * z / of
    middle = (value + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(value * (1 - value) / of + weight / (4 * of))
    # At the ends the interval begins at 0, or ends at 1, exactly: floating point would miss it by a hair.
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Share(hits, of, value, low, high)


def found(rightly: int, chosen: int, right: int) -> Found:
    """`rightly` of the `chosen` were right, of whom there were `right` in all.

    F1 is no share of independent cases, but J = rightly / (chosen or right) is, and F1 = 2J / (1 + J) grows
    with it: so the ends of Wilson's interval of J are carried over.
    """
    either = share(rightly, chosen + right - rightly)
    f1 = Share(
        2 * rightly, chosen + right, _harmonic(either.value), _harmonic(either.low), _harmonic(either.high)
    )
    return Found(share(rightly, chosen), share(rightly, right), f1)


def _harmonic(jaccard: float | None) -> float | None:
    return None if jaccard is None else 2 * jaccard / (1 + jaccard)
