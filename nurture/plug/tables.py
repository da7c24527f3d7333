"""Rows of a table to records: what every source that reads tables would otherwise do again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from nurture.core.model import Record, Unreadable
from nurture.errors import SourceError

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


Row = tuple[int, Sequence[str]] | Unreadable
"""One row: its line and cells, or why it could not be read."""


def table_records(rows: Iterable[Row], name: str) -> Iterator[Record | Unreadable]:
    """Records from rows, of which the first that is not blank holds the column names.

    A column without a name is called `column 4` and so on; a name that is there twice gets a number. Missing
    cells at the end are empty; blank rows are passed over. More cells than columns make an Unreadable, unless
    what is too much is empty. Raised when there is no row at all, or the first is no header: SourceError.
    """
    remaining = iter(rows)
    columns = _header(remaining, name)
    width = len(columns)
    for row in remaining:
        if isinstance(row, Unreadable):
            yield row
            continue
        line, cells = row
        count = len(cells)
        if count < width:
            cells = [*cells, *[""] * (width - count)]
        elif count > width and any(cell.strip() for cell in cells[width:]):
            yield Unreadable(
                f"{count} cells where the header has {width} columns", line, "\t".join(map(str, cells))
            )
            continue
        if "".join(cells).strip():
            yield Record(dict(zip(columns, cells, strict=False)), line)


def _header(rows: Iterator[Row], name: str) -> list[str]:
    cells: Sequence[str] = ()
    for row in rows:
        if isinstance(row, Unreadable):
            raise SourceError(
                f"{name}:{row.line or 1}: the names of the columns cannot be read: {row.reason}",
                hint="the first row must hold the names of the columns",
            )
        if any(cell.strip() for cell in row[1]):
            cells = row[1]
            break
    else:
        raise SourceError(f"{name} is empty", hint="the first row must hold the names of the columns")
    if any(_ADDRESS.fullmatch(cell.strip()) for cell in cells):
        raise SourceError(
            f"{name}: the first row holds data, not the names of the columns",
            hint="put a row above it that names each column, such as: Name, E-mail, Company",
        )
    taken: set[str] = set()
    columns = []
    for number, cell in enumerate(cells, start=1):
        columns.append(_unique(" ".join(cell.split()) or f"column {number}", taken))
    return columns


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name} ({number})"
    taken.add(unique)
    return unique
