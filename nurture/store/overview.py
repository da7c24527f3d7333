"""How many of everything there are: the figures of a summary, one grouped count a subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nurture.store import schema


def inbox_by_state(connection: sa.Connection) -> Mapping[str, int]:
    """State of an inbox item → how many."""
    return _counted(connection, schema.inbox.c.state)


def junk_by_reason(connection: sa.Connection) -> Mapping[str, int]:
    """Reason → how many people are junk for it now."""
    junk = schema.journey.c.lifecycle == "junk"
    return _counted(
        connection, schema.contact.c.junk_reason, junk, schema.journey.c.contact_id == schema.contact.c.id
    )


def people_by_lifecycle(connection: sa.Connection) -> Mapping[str, int]:
    """Lifecycle → how many people."""
    return _counted(connection, schema.journey.c.lifecycle)


def contacts_by_stage(connection: sa.Connection) -> Mapping[str, int]:
    """Stage → how many people, of those who are contacts at least."""
    return _counted(
        connection,
        schema.journey.c.stage,
        schema.journey.c.lifecycle.not_in(["lead", "junk", "disqualified"]),
    )


def mails_by_state(connection: sa.Connection) -> Mapping[str, int]:
    """State of an outbox row → how many."""
    return _counted(connection, schema.outbox.c.state)


def signals_by_class(connection: sa.Connection) -> Mapping[tuple[str, str], int]:
    """(kind, class) → how many signals."""
    kind, classed = schema.signal.c.kind, schema.signal.c.classed
    query = sa.select(kind, classed, sa.func.count()).group_by(kind, classed).order_by(kind, classed)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def handovers_by_answer(connection: sa.Connection) -> Mapping[tuple[str, str], int]:
    """(answer, reason) → how many hand-overs; both are empty where sales has not answered."""
    answer, reason = schema.handover.c.answer, schema.handover.c.reason
    query = sa.select(answer, reason, sa.func.count()).group_by(answer, reason).order_by(answer, reason)
    return {(row[0] or "", row[1] or ""): row[2] for row in connection.execute(query)}


def _counted(
    connection: sa.Connection, column: sa.Column[Any], *where: sa.ColumnElement[bool]
) -> Mapping[str, int]:
    """Grouped in the database, so that only the figures travel; the largest first."""
    amount = sa.func.count()
    query = sa.select(column, amount).where(*where).group_by(column).order_by(amount.desc(), column)
    return {row[0] or "": row[1] for row in connection.execute(query)}
