"""Outcomes that were told of somebody whom we do not know: kept until they match, or go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Result
from nurture.core.outcomes import ToldOutcome
from nurture.store import schema
from nurture.store.bulk import chunks

unmatched = schema.unmatched_outcome

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Unmatched:
    """One of them: `reason` says why it is nobody's; `id` is 0 while it is not stored."""

    told: ToldOutcome
    source: str
    reason: str
    id: int = 0
    received_at: datetime | None = None


def keep(connection: sa.Connection, rows: Sequence[Unmatched], now: datetime) -> None:
    """Keeps what is nobody's; of what is there already the reason is brought up to date."""
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(unmatched)
    statement = statement.on_conflict_do_update(
        index_elements=["dedupe_key"], set_={"reason": statement.excluded.reason}
    )
    # By key, so that two that tell the same never wait for each other.
    ordered = {row.told.digest: row for row in sorted(rows, key=lambda row: row.told.digest)}
    connection.execute(statement, [_row(row, now) for row in ordered.values()])


def drop(connection: sa.Connection, digests: Collection[bytes]) -> int:
    """Lets go of those that have found their contact; answers with how many were there."""
    gone = 0
    for some in chunks(sorted(digests), _AT_ONCE):
        gone += connection.execute(sa.delete(unmatched).where(unmatched.c.dedupe_key.in_(some))).rowcount
    return gone


def after(connection: sa.Connection, last: int, limit: int) -> list[Unmatched]:
    """The next ones behind the id `last`, the oldest first."""
    query = sa.select(unmatched).where(unmatched.c.id > last).order_by(unmatched.c.id).limit(limit)
    return [_unmatched(row) for row in connection.execute(query)]


def newest(connection: sa.Connection, limit: int) -> list[Unmatched]:
    """Those that came last, newest first."""
    query = sa.select(unmatched).order_by(unmatched.c.id.desc()).limit(limit)
    return [_unmatched(row) for row in connection.execute(query)]


def naming(connection: sa.Connection, texts: Sequence[str]) -> list[int]:
    """The ids of those that hold any of these texts. A pass over all of them, for one person at a time."""
    if not texts:
        return []
    searched = sa.cast(unmatched.c.told, sa.Text)
    holds = sa.or_(*(searched.icontains(text, autoescape=True) for text in texts))
    return list(connection.scalars(sa.select(unmatched.c.id).where(holds).order_by(unmatched.c.id)))


def delete(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Deletes these; answers with how many."""
    return sum(
        connection.execute(sa.delete(unmatched).where(unmatched.c.id.in_(some))).rowcount
        for some in chunks(ids, _AT_ONCE)
    )


def _row(row: Unmatched, now: datetime) -> dict[str, Any]:
    told = row.told
    said = {
        "result": told.result.value,
        "at": told.at.isoformat(),
        "who": [list(pair) for pair in told.who],
        "key": told.key,
        "value": None if told.value is None else str(told.value),
        "currency": told.currency,
        "reason": told.reason,
    }
    return {
        "told": said,
        "source": row.source,
        "line": told.line,
        "reason": row.reason,
        "received_at": now,
        "dedupe_key": told.digest,
    }


def _unmatched(row: Any) -> Unmatched:
    said = row.told
    told = ToldOutcome(
        result=Result(said["result"]),
        at=datetime.fromisoformat(said["at"]),
        who=tuple((kind, value) for kind, value in said["who"]),
        key=said["key"],
        value=None if said["value"] is None else Decimal(said["value"]),
        currency=said["currency"],
        reason=said["reason"],
        line=row.line,
    )
    return Unmatched(told, row.source, row.reason, row.id, row.received_at)
