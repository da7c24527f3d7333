"""How much two shares differ, with an interval that is right for few cases and for shares near 0 and 1 too.

The interval is the hybrid score interval (R. G. Newcombe, "Interval Estimation for the Difference between
Independent Proportions", Statistics in Medicine 17, 1998, method 10), made of the two Wilson intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from nurture.core.proportion import Share


@dataclass(frozen=True, slots=True)
class Difference:
    """One share less another, from -1 to 1, with its interval (95 %); None where one is of nothing."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves no room for no difference at all."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def difference(one: Share, other: Share) -> Difference:
    """`one` less `other`, of independent people."""
    if one.value is None or other.value is None:
        return Difference(None, None, None)
    assert one.low is not None
    assert one.high is not None
    assert other.low is not None
    assert other.high is not None
    value = one.value - other.value
    down = hypot(one.value - one.low, other.high - other.value)
    up = hypot(one.high - one.value, other.value - other.low)
    return Difference(value, max(-1.0, value - down), min(1.0, value + up))
