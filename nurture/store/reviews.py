"""Pairs of contacts that may be one person, for those who look through them; `pairs` keeps the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.errors import NurtureError
from nurture.store import schema
from nurture.store.pairs import OPEN

review = schema.review


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


def listed(connection: sa.Connection, *, state: str = OPEN, limit: int = 50) -> list[Reviewed]:
    """The pairs of one state, the likeliest first."""
    query = _shown().where(review.c.state == state)
    # For people, who begin with the likeliest: the list is short, and its order has no index.
    ordered = query.order_by(review.c.score.desc(), review.c.id).limit(limit)
    return [_reviewed(row) for row in connection.execute(ordered)]


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
