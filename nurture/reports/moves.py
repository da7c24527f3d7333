"""When people moved on: to a later stage, or to sales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from nurture.core.model import Stage
from nurture.store.records import Told

MOVES = ("stage_changed", "promoted")
"""The decisions by which people move."""

SALES = "sales"
LEFT = "left"
"""Where somebody is who was lost or disqualified: nowhere any more."""

_ORDER = [stage.value for stage in Stage]


def moved_to(told: Told) -> str:
    """The stage that somebody moved to, or `sales`."""
    return SALES if told.record.what == "promoted" else str(told.record.evidence["to"])


def is_forward(stage: str, to: str | None) -> bool:
    """Whether that is a later stage, or sales."""
    if to is None or to == LEFT:
        return False
    return to == SALES or _ORDER.index(to) > _ORDER.index(stage)


def moments_forward(told: Iterable[Told]) -> Mapping[int, list[datetime]]:
    """Contact → when they moved on, in order."""
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    for one in told:
        if one.record.what not in MOVES:
            continue
        came_from = str(one.record.evidence.get("from", _ORDER[0]))
        if is_forward(came_from, moved_to(one)):
            found[one.contact_id].append(one.at)
    return {contact_id: sorted(moments) for contact_id, moments in found.items()}
