"""Contacts to write about, for the tests of the store and of what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def add_contacts(
    store: Store,
    n: int = 1,
    *,
    lifecycle: str = "contact",
    locale: str | None = None,
    name: str = "An de Vries",
) -> list[int]:
    """`n` contacts with ids from 1 and a journey that nothing is due in."""
    ids = list(range(1, n + 1))
    with store.write() as connection:
        insert_rows(
            connection,
            schema.contact,
            ["id", "name", "email", "locale", "created_at", "updated_at"],
            [(id_, name, f"an{id_}@bakkerij.example", locale, NOW, NOW) for id_ in ids],
        )
        insert_rows(
            connection,
            schema.journey,
            ["contact_id", "lifecycle", "stage"],
            [(id_, lifecycle, "orientation") for id_ in ids],
        )
    return ids


def erase_contact(store: Store, contact_id: int) -> None:
    with store.write() as connection:
        connection.execute(sa.delete(schema.contact).where(schema.contact.c.id == contact_id))


def rows_of(store: Store, table: sa.Table) -> Sequence[sa.Row[Any]]:
    with store.read() as connection:
        return connection.execute(sa.select(table).order_by(*table.primary_key.columns)).all()


class StatementCounter:
    """Counts the statements that a store runs; a bulk insert of many rows is one."""

    def __init__(self, store: Store) -> None:
        self.n = 0
        event.listen(store.engine, "before_cursor_execute", self._count)

    def _count(self, *_arguments: object) -> None:
        self.n += 1


class Held:
    """The tables whose rows a store locks (PostgreSQL), each once, in the order of their first lock."""

    def __init__(self, store: Store) -> None:
        self.tables: list[str] = []
        event.listen(store.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if " FOR " in statement:
            table = statement.partition("FROM ")[2].split()[0]
            self.tables += [] if table in self.tables else [table]
