"""How long something takes, where for some it has not happened yet.

Who is still waiting is no reason to leave them out: that would make everything look quick. The estimate is
the product limit (E. L. Kaplan, P. Meier, "Nonparametric Estimation from Incomplete Observations", Journal of
the American Statistical Association 53, 1958).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """How many have had it by when.

    `points` are (days, share by then), ascending; `ended` is for how many it has happened, `waiting` for how
    many it has not.
    """

    points: tuple[tuple[int, float], ...]
    ended: int
    waiting: int

    def quantile(self, share: float) -> int | None:
        """After how many days that share has had it; None where it is not known to get so far."""
        return next((days for days, reached in self.points if reached >= share - _ROUNDING), None)

    def by(self, days: int) -> float:
        """The share that has had it within so many days."""
        return max((reached for passed, reached in self.points if passed <= days), default=0.0)


_ROUNDING = 1e-12


def course(ended: Mapping[int, int], waiting: Mapping[int, int]) -> Course:
    """The course of something that took so many days (days → people), or is still waited for after so many.

    Whoever has waited for exactly as many days as it took another one counts as having waited longer.
    """
    at_risk = sum(ended.values()) + sum(waiting.values())
    left, points = 1.0, []
    for days in sorted({*ended, *waiting}):
        if happened := ended.get(days, 0):
            left *= 1 - happened / at_risk
            points.append((days, 1 - left))
        at_risk -= happened + waiting.get(days, 0)
    return Course(tuple(points), sum(ended.values()), sum(waiting.values()))
