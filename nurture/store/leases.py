"""Leases in the database: of several that want to, one at a time does."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.store import schema

lease = schema.lease


def take_lease(connection: sa.Connection, name: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Takes or renews the lease; False while somebody else holds it."""
    free = sa.or_(lease.c.holder == holder, lease.c.until < now)
    taken = connection.execute(
        sa.update(lease).where(lease.c.name == name, free).values(holder=holder, until=now + length)
    )
    if taken.rowcount:
        return True
    if connection.scalar(sa.select(lease.c.name).where(lease.c.name == name)) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(lease).values(name=name, holder=holder, until=now + length))
    except sa.exc.IntegrityError:
        # Another one inserted the row between our two statements.
        return False
    return True


def give_up_lease(connection: sa.Connection, name: str, holder: str) -> None:
    """Lets the next one take over at once, at an orderly end."""
    connection.execute(sa.delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def give_up_leases(connection: sa.Connection, holder: str) -> None:
    """Lets go of everything that `holder` has."""
    connection.execute(sa.delete(lease).where(lease.c.holder == holder))
