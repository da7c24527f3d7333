"""Pairs that may be one and the same, people or accounts: listed once, and never again when decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.store import schema
from nurture.store.bulk import among, insert_rows

OPEN, APART = "open", "apart"

Pair = tuple[int, int]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two that may be one, the older one first, with the score (0 to 1) and the reasons for and against."""

    first_id: int
    other_id: int
    score: float
    reasons: tuple[str, ...]


class Pairs:
    """The list of one kind: `first` is the column of its table that names the older one of a pair."""

    def __init__(self, first: sa.Column[int]) -> None:
        self.table = first.table
        self.first = first
        self.other = self.table.c.other_id
        self._both = [first.name, "other_id"]

    def add(self, connection: sa.Connection, doubts: Sequence[Doubt], now: datetime) -> None:
        """Puts pairs on the list; one that is or was on it stays as it is."""
        if not doubts:
            return
        rows = [
            {
                self.first.name: one.first_id,
                "other_id": one.other_id,
                "score": one.score,
                "reasons": list(one.reasons),
                "state": OPEN,
                "at": now,
            }
            for one in sorted(doubts, key=lambda one: (one.first_id, one.other_id))
        ]
        statement = self._inserting(connection).on_conflict_do_nothing(index_elements=self._both)
        connection.execute(statement, rows)

    def apart(self, connection: sa.Connection, ids: Collection[int]) -> frozenset[Pair]:
        """The pairs of which somebody has said that they are two, as far as these are in them."""
        if not ids:
            return frozenset()
        query = sa.select(self.first, self.other)
        rows = connection.execute(query.where(self._of(connection, ids), self.table.c.state == APART))
        return frozenset((first, other) for first, other in rows)

    def keep_apart(self, connection: sa.Connection, pair: Pair, by: str, now: datetime) -> None:
        """These two are not one: they are never merged by likeness, and not asked about again."""
        first, other = sorted(pair)
        said = {"state": APART, "decided_at": now, "decided_by": by}
        row = {self.first.name: first, "other_id": other, "score": 0.0, "reasons": [], "at": now, **said}
        statement = self._inserting(connection).values(row)
        connection.execute(statement.on_conflict_do_update(index_elements=self._both, set_=said))

    def count(self, connection: sa.Connection, state: str = OPEN) -> int:
        """How many pairs are in one state."""
        return connection.scalar(sa.select(sa.func.count()).where(self.table.c.state == state)) or 0

    def involving(self, connection: sa.Connection, ids: Collection[int]) -> list[Row]:
        """The rows of all pairs in which any of these are."""
        query = sa.select(self.table).where(self._of(connection, ids))
        return [dict(row) for row in connection.execute(query).mappings()]

    def of(self, row: Row) -> Pair:
        """The two of a row."""
        return row[self.first.name], row["other_id"]

    def replace(self, connection: sa.Connection, gone: Collection[int], rows: Sequence[Row]) -> None:
        """Takes rows away, by their ids, and puts others in their place."""
        connection.execute(sa.delete(self.table).where(among(connection, self.table.c.id, sorted(gone))))
        names = tuple(column.name for column in self.table.c)
        insert_rows(connection, self.table, names, [tuple(row[name] for name in names) for row in rows])

    def _of(self, connection: sa.Connection, ids: Collection[int]) -> sa.ColumnElement[bool]:
        listed = sorted(ids)
        return sa.or_(among(connection, self.first, listed), among(connection, self.other, listed))

    def _inserting(self, connection: sa.Connection) -> postgresql.Insert | sqlite.Insert:
        return (postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert)(self.table)


PEOPLE = Pairs(schema.review.c.contact_id)
ACCOUNTS = Pairs(schema.account_review.c.account_id)
