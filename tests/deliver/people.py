"""Fills a database with contacts that may be mailed, and messages that wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import Send
from nurture.store import outbox, schema
from nurture.store.engine import Store
from nurture.tokens import Signer

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIGNER = Signer("a key for tests that is long enough")
DOMAIN = "webmakers.example"


def send(step: str = "welcome", occurrence: int = 1, template: str = "hi/welcome") -> Send:
    """The effect of a decision to send."""
    return Send("new-website", 1, step, occurrence, template, "marketing", "nl")


def add_contacts(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Contacts who agreed to marketing; the campaign is live."""
    people = [
        {
            "id": n,
            "email": f"reader{n}@example.com",
            "first_name": f"Reader{n}",
            "name": f"Reader{n} Jansen",
            "answers": {"budget": "10k+"},
            "created_at": NOW,
            "updated_at": NOW,
        }
        for n in numbers
    ]
    agreed = {"purpose": "marketing", "granted": True, "basis": "consent", "at": NOW}
    standing = {"lifecycle": "contact", "stage": "orientation"}
    rows = {
        schema.contact: people,
        schema.journey: [{"contact_id": n, **standing} for n in numbers],
        schema.consent: [{"contact_id": n, **agreed} for n in numbers],
    }
    for table, values in rows.items():
        connection.execute(sa.insert(table), values)
    if connection.scalar(sa.select(sa.func.count()).select_from(schema.campaign)) == 0:
        version = {"id": 1, "name": "new-website", "hash": "h", "source": "", "file": "", "published_at": NOW}
        connection.execute(sa.insert(schema.campaign_version), version)
        connection.execute(sa.insert(schema.campaign), {"name": "new-website", "version_id": 1, "live": True})


def add_messages(store: Store, count: int, **changes: Any) -> None:
    """`count` contacts (ids from 1), each with one message that is due at NOW."""
    numbers = range(1, count + 1)
    with store.write() as connection:
        add_contacts(connection, numbers)
        outbox.add(connection, [(n, send()) for n in numbers], SIGNER, DOMAIN, NOW)
        if changes:
            connection.execute(sa.update(schema.outbox).values(**changes))


def rows(store: Store) -> list[sa.RowMapping]:
    """The outbox, by contact."""
    with store.read() as connection:
        query = sa.select(schema.outbox).order_by(schema.outbox.c.contact_id)
        return list(connection.execute(query).mappings())


def states(store: Store) -> list[str]:
    """The states of all messages, by contact."""
    return [row["state"] for row in rows(store)]
