"""Where contacts stand and which are due: claiming, waking, and writing decisions back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import Lifecycle
from nurture.store import schema
from nurture.store.bulk import chunks

RESTING = (Lifecycle.LEAD, Lifecycle.JUNK)
"""Nothing wakes these: `decide` has no business with people who are no contacts yet."""


def wake(connection: sa.Connection, contact_ids: Collection[int], now: datetime) -> None:
    """Something happened to these contacts: look at them now. Whoever calls this changed their picture."""
    journey = schema.journey
    for some in chunks(sorted(set(contact_ids)), 500):
        connection.execute(
            sa.update(journey)
            .where(journey.c.contact_id.in_(some), journey.c.lifecycle.not_in(RESTING))
            .values(
                # An earlier alarm stays; `wakes` tells a worker that holds the contact that it is not alone.
                due_at=sa.case((journey.c.due_at < now, journey.c.due_at), else_=now),
                wakes=journey.c.wakes + 1,
                stuck=None,
                attempts=0,
            )
        )
