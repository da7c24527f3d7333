"""How often people want mail, as they said themselves; asked of whole batches of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Wishes
from nurture.store import schema
from nurture.store.bulk import among, update_rows
from nurture.store.consents import existing_contacts
from nurture.store.former import current_id

EVERYTHING = Wishes()
"""Who has said nothing wants mail as it comes."""

contact, consent, preference, outbox = schema.contact, schema.consent, schema.preference, schema.outbox


@dataclass(frozen=True, slots=True)
class Preferred:
    """What a contact wants from `at` on. Mails that wait already are put off to the end of a pause."""

    contact_id: int
    wishes: Wishes
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the page of one contact shows: language and address, what they said, how often they want mail."""

    locale: str | None
    timezone: str | None
    email: str | None
    said: Mapping[str, bool]
    wishes: Wishes


def wishes_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, Wishes]:
    """How often the contacts want mail; who has said nothing is left out."""
    wanted = among(connection, preference.c.contact_id, sorted(set(contact_ids)))
    # Along the primary key, for the whole batch at once; few have a row.
    query = sa.select(preference.c.contact_id, preference.c.days_apart, preference.c.paused_until)
    return {
        contact_id: Wishes(None if days is None else timedelta(days=days), until)
        for contact_id, days, until in connection.execute(query.where(wanted))
    }


def known(connection: sa.Connection, contact_id: int) -> Known | None:
    """What is known of one contact for their page; None when they are gone."""
    contact_id = current_id(connection, contact_id)
    query = sa.select(contact.c.locale, contact.c.timezone, contact.c.email).where(contact.c.id == contact_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    told = sa.select(consent.c.purpose, consent.c.granted).where(consent.c.contact_id == contact_id)
    said = {row.purpose: row.granted for row in connection.execute(told)}
    wishes = wishes_of(connection, [contact_id]).get(contact_id, EVERYTHING)
    return Known(row.locale, row.timezone, row.email, said, wishes)


def prefer(connection: sa.Connection, changes: Sequence[Preferred]) -> None:
    """Writes what people want; of two changes of one person the later in the list holds.

    One for a contact who is gone is dropped.
    """
    there = existing_contacts(connection, {one.contact_id for one in changes})
    latest = {one.contact_id: one for one in changes if one.contact_id in there}
    if not latest:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(preference)
    named = ("days_apart", "paused_until", "at")
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id"], set_={name: statement.excluded[name] for name in named}
    )
    rows = [
        {
            "contact_id": one.contact_id,
            "days_apart": None if one.wishes.apart is None else one.wishes.apart.days,
            "paused_until": one.wishes.paused_until,
            "at": one.at,
        }
        for one in sorted(latest.values(), key=lambda one: one.contact_id)
    ]
    _put_off(connection, latest)
    connection.execute(statement, rows)


def _put_off(connection: sa.Connection, latest: Mapping[int, Preferred]) -> None:
    """Mails decided on before wait for the end of the pause, and no longer once it is called off."""
    before = wishes_of(connection, latest)
    moved = []
    for contact_id, one in latest.items():
        former, until = before.get(contact_id, EVERYTHING).paused_until, one.wishes.paused_until
        if until != former:
            moved.append((contact_id, until or one.at, former or one.at))
    starts = [(contact_id, until) for contact_id, until, former in moved if until > former]
    update_rows(
        connection, outbox, "contact_id", ["not_before"], starts,
        only_if="t.state = 'ready' AND t.not_before < v.not_before",
    )  # fmt: skip
    ends = [(contact_id, until) for contact_id, until, former in moved if until < former]
    update_rows(
        connection, outbox, "contact_id", ["not_before"], ends,
        only_if="t.state = 'ready' AND t.not_before > v.not_before",
    )  # fmt: skip
