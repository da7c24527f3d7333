"""Deciding and publishing take turns: many may decide at once, whoever publishes is alone.

So nobody is decided on by the plan of before while another one is put in its place, and what a publication
was judged by is still so when it is written. Others (visits, imports) go on all the while. SQLite has one
writer: there, a transaction that writes is alone anyway.
"""

from __future__ import annotations

import sqlalchemy as sa

_PLAN = 6_075_123
"""The number of the advisory lock (PostgreSQL)."""


def deciding(connection: sa.Connection) -> None:
    """No publication begins until this transaction ends; waits for one that is being written."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_PLAN)))


def publishing(connection: sa.Connection) -> None:
    """Nobody decides or publishes until this transaction ends; waits for those who are just writing."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PLAN)))
