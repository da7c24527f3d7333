"""Whose mail something is about, and how often an address bounced: what applying feedback asks and notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.core.feedback import Severity
from nurture.core.model import SignalKind
from nurture.store import schema
from nurture.store.bulk import among, chunks, update_rows

_AT_ONCE = 10_000

outbox, identity, signal = schema.outbox, schema.identity, schema.signal


@dataclass(frozen=True, slots=True)
class SentMail:
    """One of our mails, and the address that its contact has now."""

    id: int
    contact_id: int
    campaign: str
    step: str
    purpose: str
    message_id: str
    email: str | None


def mails(
    connection: sa.Connection, ids: Collection[int], message_ids: Collection[str]
) -> tuple[dict[int, SentMail], dict[str, SentMail]]:
    """Our mails by outbox id and by Message-ID; those that are not ours are left out."""
    columns = (*(outbox.c[name] for name in _MAIL), schema.contact.c.email)
    query = sa.select(*columns).join(schema.contact, schema.contact.c.id == outbox.c.contact_id)
    # Two look-ups, each along its index, for the whole batch.
    by_id = {
        row.id: SentMail(*row)
        for row in connection.execute(query.where(among(connection, outbox.c.id, sorted(ids))))
    }
    by_message_id: dict[str, SentMail] = {}
    for some in chunks(sorted(message_ids), _AT_ONCE):
        for row in connection.execute(query.where(outbox.c.message_id.in_(some))):
            by_message_id[row.message_id] = SentMail(*row)
    return by_id, by_message_id


_MAIL = ("id", "contact_id", "campaign", "step", "purpose", "message_id")


def owners(connection: sa.Connection, addresses: Collection[str]) -> dict[str, int]:
    """Address (in lower case) → the contact who is known by it."""
    found: dict[str, int] = {}
    for some in chunks(sorted(addresses), _AT_ONCE):
        query = sa.select(identity.c.value, identity.c.contact_id)
        wanted = (identity.c.kind == "email", identity.c.value.in_(some))
        found |= {row.value: row.contact_id for row in connection.execute(query.where(*wanted))}
    return found


def addresses(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, str]:
    """The e-mail address of each contact; who has none is left out."""
    contact = schema.contact
    # Along the primary key, for the whole batch at once.
    wanted = among(connection, contact.c.id, sorted(contact_ids))
    query = sa.select(contact.c.id, contact.c.email).where(wanted, contact.c.email.is_not(None))
    return {row.id: row.email for row in connection.execute(query)}


def soft_bounces(connection: sa.Connection, contact_ids: Collection[int], since: datetime) -> dict[int, int]:
    """How often each contact's mails bounced softly since then; who never did is left out."""
    severity = signal.c.data["severity"].as_string()
    # Along the index by contact and time; counted in the database.
    query = (
        sa.select(signal.c.contact_id, sa.func.count())
        .where(
            among(connection, signal.c.contact_id, sorted(contact_ids)),
            signal.c.at > since,
            signal.c.kind == SignalKind.BOUNCED.value,
            severity == Severity.SOFT.value,
        )
        .group_by(signal.c.contact_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def note_replies(connection: sa.Connection, said: Mapping[int, str | None], now: datetime) -> None:
    """Notes what was told of mails that went out: outbox id → words, or None for no words.

    Whatever comes back proves that a mail of unknown fate was sent.
    """
    rows: Sequence[tuple[int, str | None, datetime]] = [(id_, said[id_], now) for id_ in sorted(said)]
    update_rows(
        connection,
        outbox,
        "id",
        ["reply", "done_at"],
        rows,
        only_if="t.state IN ('sent', 'unknown')",
        overrides={
            "state": "'sent'",
            "reply": "coalesce(v.reply, t.reply)",
            "done_at": "coalesce(t.done_at, v.done_at)",
        },
    )
