"""What becomes of a contact if nothing happens: the core asked again at the times it names itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import Decision, Snapshot
from nurture.core.plan import Plan

FARTHEST = timedelta(days=3 * 366)
"""So far ahead is looked: what comes later, nobody waits for."""

MOST = 300
"""So many decisions are taken at most: a loop goes round for ever."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One decision that would be taken at `at`: on which picture, and the picture after it."""

    at: datetime
    before: Snapshot
    decision: Decision
    after: Snapshot


@dataclass(frozen=True, slots=True)
class Ahead:
    """The decisions to come, in order, up to the one that was looked for.

    `reached` is when that one would be taken; None: never, or, where `given_up`, not within sight.
    """

    looks: tuple[Foreseen, ...]
    reached: datetime | None
    given_up: bool = False


def look_ahead(
    snapshot: Snapshot, plan: Plan, start: datetime | None, is_it: Callable[[Foreseen], bool]
) -> Ahead:
    """Decides from `start` on as a worker would, until `is_it`; None for a contact whom nothing will wake."""
    looks: list[Foreseen] = []
    at = start
    while at is not None:
        if len(looks) == MOST or (start is not None and at > start + FARTHEST):
            return Ahead(tuple(looks), None, given_up=True)
        decision = decide(snapshot, plan, at)
        after = apply(snapshot, decision, at)
        looks.append(Foreseen(at, snapshot, decision, after))
        if is_it(looks[-1]):
            return Ahead(tuple(looks), at)
        snapshot, at = after, decision.next_at
    return Ahead(tuple(looks), None)
