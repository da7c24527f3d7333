"""Whom a condition is about: counted, or listed, by one query over everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from nurture.core.campaign import NO_FORMER_NAMES, FormerNames
from nurture.core.predicate import Condition
from nurture.store import schema
from nurture.store.conditions import compile_condition, people, speech_of

_AT_ONCE = 5_000


def count_audience(
    connection: sa.Connection,
    condition: Condition,
    now: datetime,
    campaign: str | None = None,
    former: FormerNames = NO_FORMER_NAMES,
) -> int:
    """For how many people the condition holds at `now`.

    Raised when a part of it cannot be asked of the database: store.conditions.NotCompiled.
    """
    holds = _holds(connection, condition, now, campaign, former)
    # One pass over the people; what happened to them is looked up along its indexes, as far as it is asked.
    return connection.scalar(sa.select(sa.func.count()).select_from(people()).where(holds)) or 0


def audience_ids(
    connection: sa.Connection,
    condition: Condition,
    now: datetime,
    campaign: str | None = None,
    limit: int | None = None,
    former: FormerNames = NO_FORMER_NAMES,
) -> Iterator[int]:
    """The ids of those for whom it holds, ascending, streamed; at most `limit`.

    Raised when a part of it cannot be asked of the database: store.conditions.NotCompiled.
    """
    holds = _holds(connection, condition, now, campaign, former)
    # Streamed in the order of the key: a million ids need not be in memory at once.
    query = sa.select(schema.contact.c.id).select_from(people()).where(holds)
    query = query.order_by(schema.contact.c.id).limit(limit)
    yield from connection.execution_options(yield_per=_AT_ONCE).scalars(query)


def _holds(
    connection: sa.Connection,
    condition: Condition,
    now: datetime,
    campaign: str | None,
    former: FormerNames,
) -> sa.ColumnElement[bool]:
    speech = speech_of(connection)
    return compile_condition(condition, now=now, speech=speech, campaign=campaign, former=former)
