"""What every report is: rows of named cells, which a table, JSON, CSV and a page show alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from nurture.core.difference import Difference
from nurture.core.proportion import Share

Cell: TypeAlias = "str | int | float | Share | Difference | None"


class Kind(Enum):
    """What the cells of a column are: that decides how they are written."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    """A `Share`, with its interval."""
    DIFFERENCE = "difference"
    """The same in percentage points, with a sign."""
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` for programs, `words` for people."""

    key: str
    words: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of some rows; `key` are the names of its lines, in their order."""

    title: str
    svg: str
    key: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One report. Each row has a cell for each column; `notes` say what must be known to read it rightly."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    charts: Sequence[Chart] = ()

    def by_key(self) -> list[Mapping[str, Cell]]:
        """The rows as key → cell."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, row, strict=True)) for row in self.rows]
