"""From when on somebody is a prospect: the points that the best fifth of the leads reach, as a condition.

A profile counts who they are (fit) and what they do (engagement) apart. Where both give points, the condition
is a stair: much of one makes up for less of the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nurture.learn.card import Card, points_of
from nurture.learn.table import Floats, Table

TOP_SHARE = 0.2
_STEPS = (0.5, 0.8)
"""The steps of the stair: what half, and what four fifths, of those who did anything have at most."""
_LEAST = 10


@dataclass(frozen=True)
class Thresholds:
    """`prospect_at` is the fit that suffices beside a buying signal; `promote` the condition for all others.

    `everyone` are points that everybody is to be given, since a profile asks for one point at least.
    """

    prospect_at: int
    promote: str
    everyone: int = 0


def find_thresholds(card: Card, table: Table, most: int) -> tuple[Card, Thresholds]:
    """What to ask for, so that about the best fifth of these leads is promoted.

    Where everybody needs points to begin with, that is a rule of its own; of a card that has `most` rules
    already, the least useful one goes.
    """
    found = _thresholds(card, table)
    if not found.everyone or len(card.rules) < most:
        return card, found
    least = min(card.rules, key=lambda rule: abs(rule.points) * rule.leads)
    shorter = replace(card, rules=tuple(rule for rule in card.rules if rule is not least))
    return shorter, _thresholds(shorter, table)


def _thresholds(card: Card, table: Table) -> Thresholds:
    given = [rule.points for rule in card.fit_rules]
    worst, best = sum(min(points, 0) for points in given), sum(max(points, 0) for points in given)
    wanted = int(np.ceil(np.quantile(card.points(table), 1 - TOP_SHARE)))
    # What no fit can reach takes more engagement; what any fit reaches needs no fit at all.
    steps = [step for step in (0, *_steps(points_of(card.signal_rules, table))) if wanted - step <= best]
    steps = steps or [wanted - best]
    of_both = [step for step in steps if wanted - step > worst]
    alone = [step for step in steps if step not in of_both][:1]
    lowest = min((wanted - step for step in of_both), default=0)
    everyone = _LEAST - lowest if lowest < 1 else 0
    stair = [_step(wanted - step + everyone, step) for step in of_both]
    stair += [f"engagement >= {step}" for step in alone]
    return Thresholds(lowest + everyone, " or ".join(stair), everyone)


def _step(fit: int, engagement: int) -> str:
    return f"(fit >= {fit} and engagement >= {engagement})" if engagement else f"fit >= {fit}"


def _steps(did: Floats) -> list[int]:
    active = did[did >= 1]
    return sorted({int(np.quantile(active, share)) for share in _STEPS} - {0}) if len(active) else []
