"""Opens and clicks as they are stored, for judging them anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import SignalKind, Value
from nurture.store import journey, schema
from nurture.store.bulk import among, update_rows

MOST_OF_ONE_CONTACT = 2_000
"""How many hits of one contact are looked at, the newest: a bound against a flood."""


@dataclass(frozen=True, slots=True)
class StoredHit:
    """A hit, and how it is classed now."""

    id: int
    contact_id: int
    kind: str
    at: datetime
    data: Mapping[str, Value]
    classed: str
    why_classed: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a hit is to be classed from now on."""

    hit: StoredHit
    classed: str
    why: str


def contacts_hit(connection: sa.Connection, kinds: Collection[str], after: int, limit: int) -> list[int]:
    """The next contacts of whom there are hits, by id, behind `after`."""
    column = schema.signal.c.contact_id
    # A walk along the (contact_id, at) index: pages of distinct contacts, however many hits each has.
    query = sa.select(column).where(column > after, schema.signal.c.kind.in_(kinds)).distinct()
    return list(connection.scalars(query.order_by(column).limit(limit)))


def hits_of(
    connection: sa.Connection, kinds: Collection[str], contact_ids: Collection[int]
) -> list[StoredHit]:
    """The hits of these contacts, by contact and oldest first."""
    table = schema.signal
    number = sa.func.row_number().over(
        partition_by=table.c.contact_id, order_by=(table.c.at.desc(), table.c.id.desc())
    )
    columns = (table.c.id, table.c.contact_id, table.c.kind, table.c.at, table.c.data)
    # One pass over the (contact_id, at) index for all of them.
    ranked = (
        sa.select(*columns, table.c.classed, table.c.why_classed, number.label("number"))
        .where(among(connection, table.c.contact_id, sorted(contact_ids)), table.c.kind.in_(kinds))
        .subquery()
    )
    newest = sa.select(ranked).where(ranked.c.number <= MOST_OF_ONE_CONTACT)
    ordered = newest.order_by(ranked.c.contact_id, ranked.c.at, ranked.c.id)
    return [StoredHit(*row[:-1]) for row in connection.execute(ordered)]


def reclass(connection: sa.Connection, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Writes the new classes, and wakes those of whom more than words has changed."""
    rows = [(one.hit.id, one.classed, one.why) for one in sorted(verdicts, key=lambda one: one.hit.id)]
    update_rows(connection, schema.signal, "id", ("classed", "why_classed"), rows)
    changed = {one.hit.contact_id for one in verdicts if one.classed != one.hit.classed}
    journey.wake(connection, changed, now)


HIT_KINDS = (str(SignalKind.OPENED), str(SignalKind.CLICKED))
"""What mails are asked for."""
