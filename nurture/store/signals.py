"""What happened to contacts: stored in bulk as it comes, and loaded for whole batches of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Signal, SignalClass, Value
from nurture.core.words import visited_path
from nurture.store import journey, schema
from nurture.store.bulk import among, among_given, given, insert_rows, reserve_ids
from nurture.store.consents import existing_contacts

NEWEST = 200
"""How many signals of one contact are looked at: enough for any score, and a bound against a flood."""


_CLASSES = {classed.value: classed for classed in SignalClass}


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal to be stored; `why_classed` are the words for its class.

    Two with one `dedupe_key` are the same signal: what may be delivered twice needs one.
    """

    contact_id: int
    kind: str
    at: datetime
    data: Mapping[str, Value]
    classed: SignalClass = SignalClass.HUMAN
    why_classed: str | None = None
    dedupe_key: bytes | None = None


def record_signals(connection: sa.Connection, new: Sequence[NewSignal], now: datetime) -> tuple[Signal, ...]:
    """Stores signals and wakes their contacts; answers with those that were not there yet.

    A signal of a contact who is gone (erased since the mail went out) is dropped.
    """
    known = existing_contacts(connection, {signal.contact_id for signal in new})
    wanted = [signal for signal in new if signal.contact_id in known]
    if not wanted:
        return ()
    ids = reserve_ids(connection, schema.signal, len(wanted))
    rows = [_row(id_, signal, now) for id_, signal in zip(ids, wanted, strict=True)]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # executemany: four times as fast as one statement with many VALUES; ids made beforehand spare RETURNING.
    statement = insert(schema.signal).on_conflict_do_nothing(index_elements=["dedupe_key"])
    result = connection.execute(statement, rows)
    stored = set(ids) if result.rowcount == len(rows) else _existing_signals(connection, ids)
    recorded = tuple(_signal(id_, s) for id_, s in zip(ids, wanted, strict=True) if id_ in stored)
    journey.wake(connection, {signal.contact_id for signal in recorded}, now)
    return recorded


_COLUMNS = (
    "id", "contact_id", "kind", "at", "received_at", "data", "classed", "why_classed", "dedupe_key", "path"
)  # fmt: skip


def record_fresh(connection: sa.Connection, new: Sequence[NewSignal], now: datetime) -> tuple[Signal, ...]:
    """As `record_signals`, in half the time, for what was surely never stored before.

    Raised when one of the contacts is gone (erased since the mail went out): IntegrityError; the transaction
    is lost then, and `record_signals` takes the same.
    """
    # Sorted, so that the locks on contacts are taken in the order in which everybody takes them.
    ordered = sorted(new, key=_contact_id)
    ids = reserve_ids(connection, schema.signal, len(ordered))
    rows = (
        (
            id_, one.contact_id, one.kind, one.at, now, one.data, one.classed, one.why_classed,
            one.dedupe_key, visited_path(one.kind, one.data),
        )
        for id_, one in zip(ids, ordered, strict=True)
    )  # fmt: skip
    insert_rows(connection, schema.signal, _COLUMNS, rows)
    journey.wake(connection, {one.contact_id for one in ordered}, now)
    return tuple(_signal(id_, one) for id_, one in zip(ids, ordered, strict=True))


_contact_id = attrgetter("contact_id")


def signals_of(
    connection: sa.Connection, contact_ids: Collection[int], *, received_by: datetime | None = None
) -> dict[int, tuple[Signal, ...]]:
    """The signals of each contact, oldest first, at most the `NEWEST`; who has none is left out.

    With `received_by` only those that had been stored by then.
    """
    table = schema.signal
    columns = (table.c.id, table.c.contact_id, table.c.kind, table.c.at, table.c.data, table.c.classed)
    # One pass over the (contact_id, at) index for the whole batch, numbered backwards from the newest.
    number = sa.func.row_number().over(
        partition_by=table.c.contact_id, order_by=(table.c.at.desc(), table.c.id.desc())
    )
    wanted = among(connection, table.c.contact_id, sorted(set(contact_ids)))
    if received_by is not None:
        wanted = sa.and_(wanted, table.c.received_at <= received_by)
    ranked = sa.select(*columns, number.label("number")).where(wanted).subquery()
    newest = sa.select(ranked).where(ranked.c.number <= NEWEST)
    found: dict[int, list[Signal]] = {}
    ordered = newest.order_by(ranked.c.contact_id, ranked.c.at, ranked.c.id)
    for id_, contact_id, kind, at, data, classed, _number in connection.execute(ordered).all():
        signal = Signal(id_, contact_id, kind, at, data, _CLASSES[classed])
        found.setdefault(contact_id, []).append(signal)
    return {contact_id: tuple(signals) for contact_id, signals in found.items()}


def delivered_at(connection: sa.Connection, outbox_ids: Collection[int]) -> dict[int, datetime]:
    """When mails were delivered, by outbox id; one that was not (yet) is left out."""
    if not outbox_ids:
        return {}
    statement = _delivered(connection.dialect.name)
    rows = connection.execute(statement, {"ids": given(connection, sorted(outbox_ids))})
    return {id_: at for id_, at in rows if at is not None}


@cache
def _delivered(dialect: str) -> sa.Select[Any]:
    outbox = schema.outbox
    # Along the primary key, for the whole group of hits at once.
    wanted = among_given(dialect, outbox.c.id, "ids")
    return sa.select(outbox.c.id, outbox.c.done_at).where(wanted, outbox.c.state == "sent")


def _existing_signals(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    column = schema.signal.c.id
    # Only asked when a key was there already: which of our ids made it into the table.
    return set(connection.scalars(sa.select(column).where(among(connection, column, ids))))


def _row(id_: int, signal: NewSignal, now: datetime) -> dict[str, object]:
    return {
        "id": id_,
        "contact_id": signal.contact_id,
        "kind": signal.kind,
        "at": signal.at,
        "received_at": now,
        "data": dict(signal.data),
        "classed": signal.classed.value,
        "why_classed": signal.why_classed,
        "dedupe_key": signal.dedupe_key,
        "path": visited_path(signal.kind, signal.data),
    }


def _signal(id_: int, new: NewSignal) -> Signal:
    return Signal(id_, new.contact_id, new.kind, new.at, new.data, new.classed)
