"""Rows as JSON, and back: what is kept of a contact so that a merge can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.store.types import Instant


def dumped(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of tables without bytes, as values that JSON knows."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def loaded(table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows that were `dumped`, as the table takes them; a column that is new since then is left out."""
    return [
        {name: _typed(table.c[name], value) for name, value in row.items() if name in table.c} for row in rows
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(column: sa.Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    return value
