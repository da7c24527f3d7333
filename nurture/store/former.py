"""Contacts that were merged into another: who they are now.

Mails that went out name them for ever, in links and in addresses for bounces.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.bulk import among

former = schema.former_contact


def now_known_as(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, int]:
    """Former id → the contact that they have become; who was never merged is left out."""
    if not contact_ids:
        return {}
    # Along the primary key, for the whole batch at once; few are merged.
    wanted = among(connection, former.c.id, sorted(set(contact_ids)))
    rows = connection.execute(sa.select(former.c.id, former.c.contact_id).where(wanted))
    return {row.id: row.contact_id for row in rows}


def current_id(connection: sa.Connection, contact_id: int) -> int:
    """The contact that one of this id is now."""
    return now_known_as(connection, [contact_id]).get(contact_id, contact_id)
