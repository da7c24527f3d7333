"""What conditions ask that time alone changes (who is dormant, who was active lately), and when it turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from nurture.core.expression import ACTIVITY_KINDS, History, Name, walk
from nurture.core.facts import DORMANT, SnapshotFacts, day_of
from nurture.core.predicate import Condition

Turning: TypeAlias = Name | History
"""A part of a condition whose value changes though nothing happens."""

_DORMANT = Name(("contact", DORMANT))
_INSTANT = timedelta(seconds=1)
"""What was active within a time still is at its very end."""


def turning_parts(conditions: Iterable[Condition]) -> tuple[Turning, ...]:
    """The parts of these conditions that turn by time, each once."""
    return tuple(dict.fromkeys(part for condition in conditions for part in _parts(condition)))


def next_turn(parts: Iterable[Turning], facts: SnapshotFacts) -> datetime | None:
    """The next moment after that of the facts at which one of the parts may have another value."""
    moments = [moment for part in parts for moment in _turns(part, facts)]
    return min((moment for moment in moments if moment > facts.now), default=None)


def _parts(condition: Condition) -> Iterator[Turning]:
    for node in walk(condition.root):
        if node == _DORMANT or (isinstance(node, History) and node.kind in ACTIVITY_KINDS and node.within):
            assert isinstance(node, Name | History)
            yield node


def _turns(part: Turning, facts: SnapshotFacts) -> Iterator[datetime]:
    if isinstance(part, Name):
        yield facts.dormant_from()
        return
    within = part.within or timedelta()
    counted = [at for at in facts.active_at() if at >= facts.now - within]
    if part.kind == "active_days":
        # A day counts until the last that they did on it is too long ago.
        counted = list({day_of(at): at for at in reversed(counted)}.values())
    if counted:
        yield min(counted) + within + _INSTANT
