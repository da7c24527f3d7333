"""Whose turn it is to be asked what became of people, and from where on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.store import schema

source = schema.outcome_source

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The turn of a source that was never asked: long past."""


def take_turn(connection: sa.Connection, name: str, now: datetime, every: timedelta) -> str | None:
    """From where on to ask; None where it was asked within `every`, or another process is at it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert(source).values(name=name, position="", asked_at=now).on_conflict_do_nothing()
    begun: str | None = connection.scalar(first.returning(source.c.position))
    if begun is not None:
        return begun
    # Compare-and-set: of two processes one asks. One that dies meanwhile leaves it to the next turn.
    due = sa.and_(source.c.name == name, source.c.asked_at <= now - every)
    position: str | None = connection.scalar(
        sa.update(source).where(due).values(asked_at=now).returning(source.c.position)
    )
    return position


def come_to(connection: sa.Connection, name: str, position: str) -> None:
    """Notes from where on to ask the next time."""
    connection.execute(sa.update(source).where(source.c.name == name).values(position=position, problem=None))


def failed(connection: sa.Connection, name: str, problem: str) -> None:
    """Notes why asking came to nothing; the next turn asks from the same position."""
    connection.execute(sa.update(source).where(source.c.name == name).values(problem=problem))


def next_turn(connection: sa.Connection, names: Collection[str], every: timedelta) -> datetime | None:
    """When the first of these is to be asked; the beginning of time for one that never was."""
    if not names:
        return None
    asked: list[datetime] = list(
        connection.scalars(sa.select(source.c.asked_at).where(source.c.name.in_(names)))
    )
    return NEVER if len(asked) < len(set(names)) else min(asked) + every
