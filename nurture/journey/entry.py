"""One line of a contact's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ORDER = (
    *("inbox", "merge", "doubt", "consent", "rules", "signal", "decision", "mail", "errand", "lookup"),
    *("handover", "notice", "outcome"),
)
"""What comes first of things at one moment: data before judgement, judgement before its consequences."""

_TOGETHER = {"handover": "decision"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story: `kind` is one of those in `ORDER`; `more` are the facts behind it, in words."""

    at: datetime
    kind: str
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)
    more: tuple[str, ...] = ()


def rank(kind: str) -> int:
    """The place of a kind; what sales decides stands among the decisions, in the order of both."""
    return ORDER.index(_TOGETHER.get(kind, kind))
