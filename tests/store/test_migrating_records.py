"""Records of an older database are kept in the newer way, and say what they said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.model import DecisionRecord
from nurture.store import records, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.migrate import migrate, upgrade
from nurture.store.types import Id, Instant, Json
from tests.store.people import NOW, add_contacts, rows_of

PEOPLE = 30
SOON = NOW + timedelta(days=3, microseconds=1)

before = sa.Table(
    "decision",
    sa.MetaData(),
    sa.Column("id", Id, primary_key=True),
    sa.Column("contact_id", Id),
    *(sa.Column(name, Instant) for name in ("at", "next_at")),
    *(sa.Column(name, sa.Text) for name in ("what", "reason", "campaign", "version", "step", "rule")),
    sa.Column("evidence", Json),
)
COLUMNS = [column.name for column in before.columns if column.name != "id"]

pytestmark = pytest.mark.empty_database


def row(contact_id: int, what: str, reason: str, **more: Any) -> dict[str, Any]:
    return (
        dict.fromkeys(COLUMNS) | {"contact_id": contact_id, "at": NOW, "what": what, "reason": reason} | more
    )


ALIKE = [
    row(one, "sent", "orientation/welcome", campaign="c", version="v", step="s", rule="s", next_at=SOON)
    for one in range(1, PEOPLE + 1)
]
APART = row(1, "promoted", "fit is 65", version="p", evidence={"fit": 65, "signals": ["a", "b"]})


@pytest.fixture
def migrated(database_url: str) -> Store:
    store = Store(database_url)
    with store.write() as connection:
        migrate(connection, "0008")
    add_contacts(store, PEOPLE)
    with store.write() as connection:
        rows = [[each[name] for name in COLUMNS] for each in (*ALIKE, APART)]
        insert_rows(connection, before, COLUMNS, rows)
    upgrade(store)
    return store


def told(store: Store, contact_id: int) -> list[tuple[datetime, DecisionRecord]]:
    with store.read() as connection:
        return [(each.at, each.record) for each in records.told(connection, [contact_id])]


def test_records_say_after_a_migration_what_they_said_before(migrated: Store) -> None:
    sent = DecisionRecord("sent", "orientation/welcome", "c", "v", "s", "s", next_at=SOON)
    promoted = DecisionRecord(
        "promoted", "fit is 65", version="p", evidence={"fit": 65, "signals": ("a", "b")}
    )
    first, last = told(migrated, 1), told(migrated, PEOPLE)
    migrated.close()
    assert (first, last) == ([(NOW, sent), (NOW, promoted)], [(NOW, sent)])


def test_a_migration_keeps_once_what_many_have_in_common(migrated: Store) -> None:
    grounds = {ground.what: ground.reason for ground in rows_of(migrated, schema.ground)}
    migrated.close()
    assert grounds == {"sent": "orientation/welcome", "promoted": None}


def test_new_records_share_the_grounds_that_a_migration_made(migrated: Store) -> None:
    with migrated.write() as connection:
        again = DecisionRecord("sent", "orientation/welcome", "c", "v", "s", "s")
        records.add_records(connection, [(1, again)], NOW)
    grounds = rows_of(migrated, schema.ground)
    migrated.close()
    assert len(grounds) == 2
