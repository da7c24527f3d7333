"""The inbox: what came in, stored before anything judges it, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.bulk import among, bind_processor, update_rows

inbox, imports = schema.inbox, schema.imports

NEW, UNREADABLE, CONTACT, MERGED, JUNK = "new", "unreadable", "contact", "merged", "junk"
ERASED = "erased"

_INSERTED = "import_id, source, dedupe_key, line, fields, raw, received_at, state, reason, origin"
_READING, _WRITING = 6_075_120, 6_075_121
"""The number of the advisory lock that whoever sorts holds (PostgreSQL)."""


class NewItem(NamedTuple):
    """A record (its `fields`, and `origin` if any, as JSON text), or an unreadable piece (`raw`, `reason`).

    `key` is unique per source: a second item with it is the same item.
    """

    key: bytes
    line: int | None
    fields: str | None = None
    raw: str | None = None
    reason: str | None = None
    origin: str | None = None


class Item(NamedTuple):
    """An item to be sorted. `contact_id` is set on one that was sorted before and is tried again."""

    id: int
    import_id: int
    source: str
    line: int | None
    fields: Mapping[str, str]
    received_at: datetime
    contact_id: int | None
    origin: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """One import as it was begun, with what its records are to be understood with."""

    id: int
    name: str
    mapping: Mapping[str, Any] | None


class Settled(NamedTuple):
    """What became of an item: its new state, the contact it tells of, and why it is junk."""

    item_id: int
    state: str
    contact_id: int | None
    reason: str | None = None


# --- receiving --------------------------------------------------------------------------------------


def open_import(
    connection: sa.Connection,
    source: str,
    name: str,
    mapping: Mapping[str, Any] | None,
    now: datetime,
    *,
    resume: bool,
) -> int:
    """A new import; with `resume` the last one of the same source, name and mapping (a form's), if any."""
    if resume:
        same = sa.and_(imports.c.source == source, imports.c.name == name)
        # Few rows, one a file and one a form: no index is worth its keep.
        last = sa.select(imports.c.id, imports.c.mapping).where(same).order_by(imports.c.id.desc()).limit(1)
        row = connection.execute(last).one_or_none()
        if row is not None and row.mapping == mapping:
            return int(row.id)
    values = {"source": source, "name": name, "mapping": mapping, "started_at": now}
    return int(connection.execute(sa.insert(imports).values(values).returning(imports.c.id)).scalar_one())


def add_items(
    connection: sa.Connection, import_id: int, source: str, items: Sequence[NewItem], now: datetime
) -> int:
    """Stores those items that are not there yet, in their order; answers with how many that were."""
    # Counted in the same transaction: after a crash the figure still fits the rows.
    counted = sa.update(imports).where(imports.c.id == import_id)
    connection.execute(counted.values(received=imports.c.received + len(items), read_at=now))
    add = _add_by_copy if connection.dialect.name == "postgresql" else _add_by_executemany
    return add(connection, import_id, source, items, now)


def _add_by_copy(
    connection: sa.Connection, import_id: int, source: str, items: Sequence[NewItem], now: datetime
) -> int:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        # COPY cannot pass over what is there already; a staging table without WAL and an insert from it can.
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS inbox_staging "
            "(n integer, key bytea, line integer, fields text, raw text, reason text, origin text) "
            "ON COMMIT DELETE ROWS"
        )
        with cursor.copy("COPY inbox_staging FROM STDIN") as copy:
            for n, item in enumerate(items):
                copy.write_row((n, item.key, item.line, item.fields, item.raw, item.reason, item.origin))
        # In the order of the file, since sorting goes by id; fields become jsonb only where they are new.
        cursor.execute(
            f"INSERT INTO inbox ({_INSERTED}) "  # noqa: S608 - own names
            "SELECT %s, %s, key, line, fields::jsonb, raw, %s, "
            "CASE WHEN fields IS NULL THEN 'unreadable' ELSE 'new' END, reason, origin::jsonb "
            "FROM inbox_staging ORDER BY n ON CONFLICT (source, dedupe_key) DO NOTHING",
            (import_id, source, now),
        )
        return int(cursor.rowcount)


def _add_by_executemany(
    connection: sa.Connection, import_id: int, source: str, items: Sequence[NewItem], now: datetime
) -> int:
    stamp = bind_processor(inbox.c.received_at, connection.dialect)
    at = stamp(now) if stamp else now
    driver: Any = connection.connection.driver_connection
    cursor = driver.executemany(
        f"INSERT INTO inbox ({_INSERTED}) "  # noqa: S608 - own names
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, dedupe_key) DO NOTHING",
        (
            (
                *(import_id, source, item.key, item.line, item.fields, item.raw, at),
                *(UNREADABLE if item.fields is None else NEW, item.reason, item.origin),
            )
            for item in items
        ),
    )
    return int(cursor.rowcount)


# --- sorting ----------------------------------------------------------------------------------------


@contextmanager
def reading(connection: sa.Connection) -> Iterator[None]:
    """One at a time reads the next batch, and keeps this until it has the turn to write: so order is kept.

    Newer items before older ones would let the older answer win. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.execute(sa.select(sa.func.pg_advisory_lock(_READING)))
    try:
        yield
    except BaseException:
        # The lock is the session's, and a failed transaction cannot give it back: so the session ends.
        connection.invalidate()
        raise
    connection.execute(sa.select(sa.func.pg_advisory_unlock(_READING)))


def take_turn(connection: sa.Connection) -> None:
    """Waits until nobody else writes what was sorted; the turn ends with the transaction.

    Two that write at once would make two contacts of one person.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITING)))


def next_new(connection: sa.Connection, limit: int) -> list[Item]:
    """The oldest items that wait to be sorted and that nobody has in hand; they are ours until the commit."""
    names = ("id", "import_id", "source", "line", "fields", "received_at", "contact_id", "origin")
    columns = [inbox.c[name] for name in names]
    # Along ix_inbox_new, which holds only what waits: as fast with a million sorted items as with none.
    # What another one is reading the meaning of is passed over, so that two can work at once.
    waiting = (
        sa.select(*columns)
        .where(inbox.c.state == NEW)
        .order_by(inbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Item._make(row) for row in connection.execute(waiting).all()]


def imports_of(connection: sa.Connection, import_ids: Collection[int]) -> dict[int, Import]:
    """The imports that items came with."""
    wanted = among(connection, imports.c.id, sorted(import_ids))
    # By primary key; a batch comes from a handful of imports.
    rows = connection.execute(sa.select(imports.c.id, imports.c.name, imports.c.mapping).where(wanted))
    return {row.id: Import(*row) for row in rows}


def settle(connection: sa.Connection, settled: Sequence[Settled], now: datetime) -> None:
    """Writes down what became of the items."""
    rows = [(one.item_id, one.state, one.contact_id, one.reason, now) for one in settled]
    update_rows(connection, inbox, "id", ("state", "contact_id", "reason", "sorted_at"), rows)


def redeem(connection: sa.Connection, contact_ids: Collection[int]) -> None:
    """These people were junk and are contacts now: their older items have joined them."""
    if contact_ids:
        wanted = among(connection, inbox.c.contact_id, sorted(contact_ids))
        # Along ix_inbox_contact_id, for the whole batch at once.
        connection.execute(
            sa.update(inbox).where(wanted, inbox.c.state == JUNK).values(state=MERGED, reason=None)
        )


def reword_junk(connection: sa.Connection, reasons: Collection[tuple[int, str]]) -> None:
    """These people are junk still, for another reason: (contact id, reason)."""
    # Along ix_inbox_contact_id, for the whole batch at once.
    update_rows(connection, inbox, "contact_id", ("reason",), list(reasons), only_if="t.state = 'junk'")


def join(connection: sa.Connection, contact_ids: Collection[int]) -> None:
    """These contacts were joined by others: junk of theirs that joined a contact is junk no more."""
    if contact_ids:
        followed = sa.exists().where(
            schema.journey.c.contact_id == inbox.c.contact_id, schema.journey.c.lifecycle != JUNK
        )
        wanted = among(connection, inbox.c.contact_id, sorted(set(contact_ids)))
        connection.execute(
            sa.update(inbox).where(wanted, inbox.c.state == JUNK, followed).values(state=MERGED, reason=None)
        )


def retry_junk(connection: sa.Connection, reason: str | None) -> int:
    """Puts junk back to be sorted again, all or that of one reason; answers with how many items."""
    wanted = [inbox.c.state == JUNK, *([inbox.c.reason == reason] if reason else [])]
    # One pass over the table: asked for by hand, after the data standard or an enricher has changed.
    result = connection.execute(sa.update(inbox).where(*wanted).values(state=NEW, reason=None))
    return int(result.rowcount)


# --- looking ----------------------------------------------------------------------------------------


def count_new(connection: sa.Connection, at_most: int) -> int:
    """How many items wait to be sorted, counted no further than `at_most`."""
    # The limit inside keeps a doorbell cheap when a million items wait.
    some = sa.select(inbox.c.id).where(inbox.c.state == NEW).limit(at_most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def oldest_new(connection: sa.Connection) -> datetime | None:
    """When the oldest item that waits came in; None when none waits."""
    # The first entry of ix_inbox_new.
    first = sa.select(inbox.c.received_at).where(inbox.c.state == NEW).order_by(inbox.c.id).limit(1)
    return connection.scalar(first)


def import_figures(
    connection: sa.Connection, import_id: int
) -> tuple[int, dict[tuple[str, str | None], int]]:
    """How many records an import read, and how many of its items are in each (state, reason)."""
    received = connection.scalar(sa.select(imports.c.received).where(imports.c.id == import_id)) or 0
    # Along ix_inbox_import_id; reasons of unreadable pieces are left out, since nearly each has its own.
    reason = sa.case((inbox.c.state == JUNK, inbox.c.reason))
    groups = sa.select(inbox.c.state, reason, sa.func.count()).where(inbox.c.import_id == import_id)
    rows = connection.execute(groups.group_by(inbox.c.state, reason))
    return received, {(state, why): number for state, why, number in rows}


def unreadable_of(connection: sa.Connection, import_id: int, limit: int) -> list[tuple[int | None, str]]:
    """The line and the reason of what an import could not read, in the order of the file."""
    wanted = sa.and_(inbox.c.import_id == import_id, inbox.c.state == UNREADABLE)
    # Along ix_inbox_import_id.
    rows = connection.execute(
        sa.select(inbox.c.line, inbox.c.reason).where(wanted).order_by(inbox.c.id).limit(limit)
    )
    return [(line, reason or "") for line, reason in rows]


@dataclass(frozen=True, slots=True)
class Listed:
    """One item as people look at it."""

    id: int
    source: str
    name: str
    line: int | None
    state: str
    reason: str | None
    fields: Mapping[str, str] | None
    raw: str | None
    contact_id: int | None
    received_at: datetime


def listed(
    connection: sa.Connection, *, state: str | None = None, reason: str | None = None, limit: int = 50
) -> list[Listed]:
    """The newest items, of one state or for one reason where that is asked."""
    columns = ("source", "line", "state", "reason", "fields", "raw", "contact_id", "received_at")
    query = sa.select(inbox.c.id, imports.c.name, *(inbox.c[name] for name in columns))
    query = query.join(imports, imports.c.id == inbox.c.import_id)
    if state:
        query = query.where(inbox.c.state == state)
    if reason:
        query = query.where(inbox.c.reason == reason)
    # Backwards along the primary key until enough are found: for people, who look at the newest first.
    rows = connection.execute(query.order_by(inbox.c.id.desc()).limit(limit))
    return [Listed(**row._mapping) for row in rows]


def counts(connection: sa.Connection) -> list[tuple[str, str, str | None, int]]:
    """How many items there are per source, state and (for junk) reason."""
    reason = sa.case((inbox.c.state == JUNK, inbox.c.reason))
    # One pass over the table: an overview for people, not a step of any work.
    groups = sa.select(inbox.c.source, inbox.c.state, reason, sa.func.count())
    groups = groups.group_by(inbox.c.source, inbox.c.state, reason).order_by(inbox.c.source, inbox.c.state)
    return [(source, state, why, number) for source, state, why, number in connection.execute(groups)]
