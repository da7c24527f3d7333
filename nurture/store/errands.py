"""Errands: what actions of campaigns do outside, from `ready` to done or failed, at least once each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Order, Value
from nurture.store import schema
from nurture.store.bulk import update_rows

errand = schema.errand


class ErrandRow(NamedTuple):
    """A claimed errand."""

    id: int
    contact_id: int
    campaign: str
    step: str
    occurrence: int
    lap: int
    action: str
    parameters: Mapping[str, Value]
    attempts: int

    @property
    def key(self) -> str:
        """The same on every attempt, so that a receiver can tell a repetition."""
        return f"{self.contact_id}-{self.campaign}-{self.step}-{self.occurrence}-{self.lap}"


class ErrandResult(NamedTuple):
    """What became of an errand: `state` is done, failed, or ready for another try at `not_before`."""

    id: int
    state: str
    not_before: datetime
    reply: str
    done_at: datetime | None


def add(connection: sa.Connection, orders: Sequence[tuple[int, Order]], now: datetime) -> None:
    """Stores an errand for each (contact id, order), due at once; one that is there already stays."""
    if not orders:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows: list[dict[str, Any]] = [
        {
            "contact_id": contact_id,
            "campaign": order.campaign,
            "version_id": order.version_id,
            "step": order.step,
            "occurrence": order.occurrence,
            "lap": order.lap,
            "action": order.action,
            "parameters": dict(order.parameters),
            "state": "ready",
            "created_at": now,
            "not_before": now,
        }
        for contact_id, order in orders
    ]
    # The unique key is what makes a decision that is applied twice order once.
    connection.execute(insert(errand).on_conflict_do_nothing(), rows)


def claim(
    connection: sa.Connection, now: datetime, *, limit: int, lease: timedelta, max_attempts: int
) -> tuple[int, list[ErrandRow]]:
    """Takes due errands, the longest due first, with the token that proves the claim.

    One whose claims have all ended with their worker has failed, so that it is seen.
    """
    abandoned = sa.and_(errand.c.state == "claimed", errand.c.lease_until < now)
    connection.execute(
        sa.update(errand)
        .where(abandoned, errand.c.attempts >= max_attempts)
        .values(state="failed", reply="the process ended while it ran, again and again", done_at=now)
    )
    # Two workers that claim at once take different rows instead of waiting for each other. A CTE that locks
    # is never folded into the update, so that it runs once and its LIMIT holds.
    due = _due(now).order_by(errand.c.not_before).limit(limit).with_for_update(skip_locked=True).cte("due")
    token = secrets.randbits(62)
    rows = connection.execute(
        sa.update(errand)
        .where(errand.c.id.in_(sa.select(due.c.id)))
        .values(state="claimed", token=token, lease_until=now + lease, attempts=errand.c.attempts + 1)
        .returning(*(errand.c[name] for name in ErrandRow._fields))
    )
    return token, sorted((ErrandRow(*row) for row in rows), key=lambda row: row.id)


def finish(connection: sa.Connection, token: int, results: Sequence[ErrandResult]) -> None:
    """Writes what became of claimed errands; one whose lease was lost meanwhile is left alone."""
    update_rows(
        connection,
        errand,
        "id",
        ErrandResult._fields[1:],
        results,
        only_if=f"t.token = {token:d}",
        overrides={"lease_until": "NULL"},
    )


def count_due(connection: sa.Connection, now: datetime, at_most: int) -> int:
    """How many errands are due, counting no further than `at_most`: a doorbell needs no exact number."""
    return connection.scalar(sa.select(sa.func.count()).select_from(_due(now).limit(at_most).subquery())) or 0


def next_due(connection: sa.Connection) -> datetime | None:
    """When the next errand is to be tried."""
    earliest: datetime | None = connection.scalar(
        sa.select(sa.func.min(errand.c.not_before)).where(errand.c.state == "ready")
    )
    return earliest


def _due(now: datetime) -> sa.Select[tuple[int]]:
    # `state IN` stands there for the partial index, which is all that is ever looked through.
    return sa.select(errand.c.id).where(
        errand.c.state.in_(["ready", "claimed"]),
        errand.c.not_before <= now,
        sa.or_(errand.c.state == "ready", errand.c.lease_until < now),
    )
