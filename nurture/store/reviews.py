"""Pairs of contacts that may be one person: listed once, and never again when they have been decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.errors import NurtureError
from nurture.store import schema
from nurture.store.bulk import among

review = schema.review

OPEN, APART = "open", "apart"

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two contacts, the older one first, with the score from 0 to 1 and the reasons for and against."""

    contact_id: int
    other_id: int
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A pair as it is listed, with what the two are called."""

    id: int
    contact_id: int
    other_id: int
    name: str | None
    other_name: str | None
    email: str | None
    other_email: str | None
    score: float
    reasons: tuple[str, ...]
    state: str
    at: datetime
    decided_at: datetime | None
    decided_by: str | None


def add(connection: sa.Connection, doubts: Sequence[Doubt], now: datetime) -> None:
    """Puts pairs on the list; one that is or was on it stays as it is."""
    if not doubts:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            "contact_id": one.contact_id,
            "other_id": one.other_id,
            "score": one.score,
            "reasons": list(one.reasons),
            "state": OPEN,
            "at": now,
        }
        for one in sorted(doubts, key=lambda one: (one.contact_id, one.other_id))
    ]
    statement = insert(review).on_conflict_do_nothing(index_elements=["contact_id", "other_id"])
    connection.execute(statement, rows)


def apart(connection: sa.Connection, contact_ids: Collection[int]) -> frozenset[Pair]:
    """The pairs of which somebody has said that they are two people, as far as these are in them."""
    if not contact_ids:
        return frozenset()
    ids = sorted(contact_ids)
    theirs = sa.or_(among(connection, review.c.contact_id, ids), among(connection, review.c.other_id, ids))
    query = sa.select(review.c.contact_id, review.c.other_id).where(theirs, review.c.state == APART)
    return frozenset((row.contact_id, row.other_id) for row in connection.execute(query))


def keep_apart(connection: sa.Connection, pair: Pair, by: str, now: datetime) -> None:
    """These two are not one person: they are never merged by likeness, and not asked about again."""
    first, second = sorted(pair)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    said = {"state": APART, "decided_at": now, "decided_by": by}
    row = {"contact_id": first, "other_id": second, "score": 0.0, "reasons": [], "at": now, **said}
    statement = insert(review).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["contact_id", "other_id"], set_=said))


def listed(connection: sa.Connection, *, state: str = OPEN, limit: int = 50) -> list[Reviewed]:
    """The pairs of one state, the likeliest first."""
    query = _shown().where(review.c.state == state)
    # For people, who begin with the likeliest: the list is short, and its order has no index.
    ordered = query.order_by(review.c.score.desc(), review.c.id).limit(limit)
    return [_reviewed(row) for row in connection.execute(ordered)]


def count(connection: sa.Connection, state: str = OPEN) -> int:
    """How many pairs are in one state."""
    return connection.scalar(sa.select(sa.func.count()).where(review.c.state == state)) or 0


def find(connection: sa.Connection, review_id: int) -> Reviewed:
    """One pair. Raised when it is not there: NurtureError."""
    row = connection.execute(_shown().where(review.c.id == review_id)).one_or_none()
    if row is None:
        raise NurtureError(
            f"there is no pair {review_id} to review",
            hint="nurture review list has the numbers; a pair that was merged is on it no more",
        )
    return _reviewed(row)


def _shown() -> sa.Select[Any]:
    one, other = schema.contact.alias("one"), schema.contact.alias("other")
    return (
        sa.select(
            review,
            one.c.name,
            other.c.name.label("other_name"),
            one.c.email,
            other.c.email.label("other_email"),
        )
        .join(one, one.c.id == review.c.contact_id)
        .join(other, other.c.id == review.c.other_id)
    )


def _reviewed(row: Any) -> Reviewed:
    return Reviewed(**{**row._mapping, "reasons": tuple(row.reasons)})
