"""What is kept of people's past: of their firm, too, only what was known by then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from nurture.core.past import person_then
from nurture.store import pasts, schema, snapshots
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from tests.store.people import NOW, add_contacts

DAY = timedelta(days=1)


def employs(store: Store, origins: Any = None) -> None:
    """Contacts 1 and 2 work for a firm that is known to employ 40 today."""
    add_contacts(store, 2)
    with store.write() as connection:
        firm = {
            "id": 7,
            "name": "Firm",
            "employees": 40,
            "origins": origins,
            "created_at": NOW,
            "updated_at": NOW,
        }
        connection.execute(sa.insert(schema.account), firm)
        connection.execute(schema.contact.update().values(account_id=7, created_at=NOW))


def told(store: Store, contact_id: int, at: datetime, **changes: Any) -> None:
    columns = ("contact_id", "inbox_id", "matched_by", "changes", "at")
    named = {name.replace("__", "."): change for name, change in changes.items()}
    with store.write() as connection:
        insert_rows(connection, schema.merge, columns, [(contact_id, 1, "email", named, at)])


def employees(store: Store, contact_id: int, at: datetime) -> int | None:
    with store.read() as connection:
        ((person, firm),) = snapshots.contacts_of(connection, [contact_id])
        merges = pasts.merges_of(connection, [contact_id]).get(contact_id, [])
    _, then = person_then(person, firm, merges, at)
    assert then is not None
    return then.employees


def test_what_a_colleague_told_of_the_firm_counts_from_then_on(store: Store) -> None:
    employs(store)
    told(store, 2, NOW + 5 * DAY, account__employees=[10, 40], phone=[None, "+31201234567"])
    assert [employees(store, 1, NOW + days * DAY) for days in (4, 6)] == [10, 40]


def test_what_was_found_counts_from_when_it_was_found(store: Store) -> None:
    at = int((NOW + 5 * DAY).timestamp())
    employs(store, {"employees": ["register", 0.8, at, "the register says so"]})
    assert [employees(store, 1, NOW + days * DAY) for days in (4, 6)] == [None, 40]


def test_what_came_with_the_record_was_there_from_the_beginning(store: Store) -> None:
    at = int((NOW + timedelta(hours=2)).timestamp())
    employs(store, {"employees": ["register", 0.8, at, "the register says so"]})
    told(store, 2, NOW + timedelta(hours=1), account__employees=[10, 40])
    assert employees(store, 1, NOW - 30 * DAY) == 40


def test_of_two_records_of_one_moment_the_last_is_taken_away_first(store: Store) -> None:
    employs(store)
    for change in ([10, 20], [20, 40]):
        told(store, 1, NOW + 5 * DAY, account__employees=change)
    assert employees(store, 1, NOW) == 10
