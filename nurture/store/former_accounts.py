"""Accounts that were merged into another: which one they are now, and by what they are still known.

People go on naming the company as they did, and writing from its old domain.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.bulk import among, among_texts

former = schema.former_account


class Former(NamedTuple):
    """An account as it was before it became part of another one."""

    id: int
    name: str | None
    domain: str | None
    reasons: tuple[str, ...]
    at: datetime


def now_known_as(connection: sa.Connection, account_ids: Collection[int]) -> dict[int, int]:
    """Former id → the account that it has become; what was never merged is left out."""
    if not account_ids:
        return {}
    # Along the primary key, for the whole batch at once; few are merged.
    wanted = among(connection, former.c.id, sorted(set(account_ids)))
    rows = connection.execute(sa.select(former.c.id, former.c.account_id).where(wanted))
    return {row.id: row.account_id for row in rows}


def current_account(connection: sa.Connection, account_id: int | None) -> int | None:
    """The account that one of this id is now; None where it is there no more."""
    if account_id is None:
        return None
    known = now_known_as(connection, [account_id]).get(account_id, account_id)
    return connection.scalar(sa.select(schema.account.c.id).where(schema.account.c.id == known))


def known_by(
    connection: sa.Connection, domains: Collection[str], name_keys: Collection[str]
) -> dict[int, list[tuple[str | None, str | None]]]:
    """Account → the (domain, name key) that it had under another number, where one is among these."""
    wanted = sa.or_(
        among_texts(connection, former.c.domain, sorted(domains)),
        among_texts(connection, former.c.name_key, sorted(name_keys)),
    )
    # Two indexes on a small table: only merged accounts are in it.
    query = sa.select(former.c.account_id, former.c.domain, former.c.name_key).where(wanted)
    found: dict[int, list[tuple[str | None, str | None]]] = {}
    for account_id, domain, key in connection.execute(query.order_by(former.c.id)):
        found.setdefault(account_id, []).append((domain, key))
    return found


def merged_into(connection: sa.Connection, account_id: int) -> Sequence[Former]:
    """The accounts that are part of this one, in the order in which they were merged."""
    columns = (former.c.id, former.c.name, former.c.domain, former.c.reasons, former.c.at)
    query = sa.select(*columns).where(former.c.account_id == account_id).order_by(former.c.at, former.c.id)
    return [Former(*row[:3], tuple(row.reasons), row.at) for row in connection.execute(query)]
