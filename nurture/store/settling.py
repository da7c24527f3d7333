"""What an outcome finds and changes: whose it is, where they stand, and the hand-over that it answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import Lifecycle
from nurture.core.outcomes import OWN_HANDOVER, OWN_NUMBER, Identity, Standing
from nurture.store import people, schema
from nurture.store.bulk import among, update_rows
from nurture.store.former import now_known_as

contact, handover, journey = schema.contact, schema.handover, schema.journey

_ROOM = 2**63
"""Ids are smaller than this; a number that is not names nobody."""


def owners(connection: sa.Connection, wanted: Collection[Identity]) -> dict[Identity, int]:
    """Whose these identities are, our own numbers included, also those of contacts that were merged since;
    unknown ones are left out. A fixed number of statements.
    """
    numbers = {pair: _number(pair[1]) for pair in wanted if pair[0] in (OWN_NUMBER, OWN_HANDOVER)}
    found = people.find_identities(connection, [pair for pair in wanted if pair not in numbers])
    for kind, key, owner in (
        (OWN_NUMBER, contact.c.id, contact.c.id),
        (OWN_HANDOVER, handover.c.id, handover.c.contact_id),
    ):
        asked = {number for (of, _), number in numbers.items() if of == kind and number is not None}
        if asked:
            rows = connection.execute(sa.select(key, owner).where(among(connection, key, sorted(asked))))
            known: dict[int, int] = {row[0]: row[1] for row in rows}
            if kind == OWN_NUMBER:
                known |= now_known_as(connection, asked - known.keys())
            found |= {
                pair: known[number]
                for pair, number in numbers.items()
                if pair[0] == kind and number is not None and number in known
            }
    return found


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
    return number if number is not None and number < _ROOM else None


def hold_handovers(connection: sa.Connection, contact_ids: Collection[int]) -> None:
    """Holds the hand-overs of these contacts until the transaction ends: before the contacts, as whoever
    answers one or erases somebody does, so that nobody waits for each other."""
    mine = among(connection, handover.c.contact_id, sorted(contact_ids))
    connection.execute(sa.select(handover.c.id).where(mine).order_by(handover.c.id).with_for_update())


def standings(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, Standing]:
    """Where these contacts stand; hand-overs and journeys are held until the transaction ends."""
    ids = sorted(set(contact_ids))
    mine = among(connection, handover.c.contact_id, ids)
    query = sa.select(handover.c.id, handover.c.contact_id, handover.c.created_at, handover.c.answer)
    # Hand-overs first and then journeys, each in the order of their ids, as whoever answers one does.
    given: dict[int, Any] = {
        row.contact_id: row
        for row in connection.execute(query.where(mine).order_by(handover.c.id).with_for_update())
    }
    rows = connection.execute(
        sa.select(journey.c.contact_id, journey.c.lifecycle)
        .where(among(connection, journey.c.contact_id, ids))
        .order_by(journey.c.contact_id)
        .with_for_update()
    )
    return {contact_id: _standing(lifecycle, given.get(contact_id)) for contact_id, lifecycle in rows}


def _standing(lifecycle: str, last: Any) -> Standing:
    if last is None:
        return Standing(Lifecycle(lifecycle))
    return Standing(Lifecycle(lifecycle), last.id, last.created_at, last.answer is None)


def accept(connection: sa.Connection, by: Mapping[int, str], now: datetime) -> None:
    """Hand-overs (id → who told it) that sales never answered count as accepted: it has sold, or lost."""
    rows = [(id_, "accepted", by[id_], now) for id_ in sorted(by)]
    columns = ("answer", "answered_by", "answered_at")
    # Nobody is reminded of it any more.
    nothing = {"next_look": "NULL"}
    update_rows(connection, handover, "id", columns, rows, only_if="t.answer IS NULL", overrides=nothing)


def move(connection: sa.Connection, led: Mapping[int, Lifecycle]) -> None:
    """Puts contacts (id → lifecycle) where an outcome leads."""
    # Taking the token away makes a worker that holds the contact let go of a decision taken without this.
    nothing = {"token": "NULL", "lease_until": "NULL", "recycle_at": "NULL"}
    rows = [(id_, led[id_].value) for id_ in sorted(led)]
    update_rows(connection, journey, "contact_id", ["lifecycle"], rows, overrides=nothing)
