"""The condition language as a typed tree, and its reader that answers with a Finding.

A condition reads like Python. `language.conditions` parses the text into this tree; nothing here knows
text, files or a database. Missing data is unknown, and unknown is three-valued as in SQL: `not unknown` is
unknown, `unknown or true` is true (Codd, "Extending the database relational model", 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from nurture.core.model import Finding, Value


class Unknown:
    """The value of a name that nothing is known about; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()

Known: TypeAlias = "Value | Unknown"


class Facts(Protocol):
    """What a condition may ask. `core.facts` gives it from a snapshot; a test gives a dict."""

    def lookup(self, path: tuple[str, ...]) -> Known:
        """The value of a dotted name such as `account.employees`."""

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        """How often `clicked("welcome", within=3d)` and its like happened."""

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        """What the plugin rule of that name answers."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition with its source text."""

    source: str

    def evaluate(self, facts: Facts) -> Finding:
        raise NotImplementedError
