"""What was kept long enough goes, by its kind and no other; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.model import Result, SignalClass
from nurture.core.outcomes import ToldOutcome
from nurture.store import consents, expiry, outcomes, schema, signals, unmatched
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.outcomes import NewOutcome
from nurture.store.signals import NewSignal
from nurture.store.unmatched import Unmatched
from tests.store.people import NOW, StatementCounter, add_contacts, rows_of

KEEP = timedelta(days=30)
OLD = NOW - timedelta(days=31)


def address_hash(address: str) -> bytes:
    return address.encode().ljust(32)[:32]


def keep_to(store: Store, kind: str, now: datetime = NOW, limit: int = 100) -> int:
    with store.write() as connection:
        return expiry.keep_to(connection, kind, KEEP, now, address_hash, limit)


def expired(store: Store, kind: str) -> int:
    with store.read() as connection:
        return expiry.expired(connection, kind, KEEP, NOW)


def add_items(store: Store, *states: str, at: datetime = OLD) -> None:
    with store.write() as connection:
        first = {"id": 1, "source": "csv", "name": "leads.csv", "received": 0, "started_at": OLD}
        connection.execute(sa.insert(schema.imports), first)
        columns = ["import_id", "source", "dedupe_key", "fields", "raw", "received_at", "state", "contact_id"]
        rows: list[list[Any]] = [
            [1, "csv", b"%d" % n, {"name": "An"}, "An;", at, state, None] for n, state in enumerate(states)
        ]
        insert_rows(connection, schema.inbox, columns, rows)


def age(store: Store, *contact_ids: int, lifecycle: str = "contact") -> None:
    with store.write() as connection:
        of = schema.contact.c.id.in_(contact_ids)
        connection.execute(sa.update(schema.contact).where(of).values(updated_at=OLD, created_at=OLD))
        journey = schema.journey
        connection.execute(
            sa.update(journey).where(journey.c.contact_id.in_(contact_ids)).values(lifecycle=lifecycle)
        )


def happen(store: Store, contact_id: int, at: datetime, classed: SignalClass = SignalClass.HUMAN) -> None:
    with store.write() as connection:
        signals.record_signals(connection, [NewSignal(contact_id, "opened", at, {}, classed)], at)


def people(store: Store) -> list[int]:
    return [row.id for row in rows_of(store, schema.contact)]


def test_old_records_lose_what_they_said_and_stay_known(store: Store) -> None:
    add_items(store, "contact", "merged", "unreadable")
    assert expired(store, "raw") == 3
    keep_to(store, "raw")
    items = rows_of(store, schema.inbox)
    assert [(row.state, row.fields, row.raw) for row in items] == [
        ("contact", None, None),
        ("merged", None, None),
        ("unreadable", None, None),
    ]
    assert expired(store, "raw") == 0


def test_what_waits_to_be_sorted_stays(store: Store) -> None:
    add_items(store, "new", "junk")
    keep_to(store, "raw")
    assert [row.fields for row in rows_of(store, schema.inbox)] == [{"name": "An"}] * 2


def test_young_records_stay(store: Store) -> None:
    add_items(store, "contact", at=NOW - KEEP)
    assert (expired(store, "raw"), keep_to(store, "raw")) == (0, 1)
    assert rows_of(store, schema.inbox)[0].raw == "An;"


def test_old_signals_go_and_young_ones_stay(store: Store) -> None:
    add_contacts(store)
    for at in (OLD, NOW):
        happen(store, 1, at)
    assert expired(store, "signals") == 1
    keep_to(store, "signals")
    assert [row.at for row in rows_of(store, schema.signal)] == [NOW]


def test_old_junk_goes_with_its_records(store: Store) -> None:
    add_contacts(store, 2)
    add_items(store, "junk")
    with store.write() as connection:
        connection.execute(sa.update(schema.inbox).values(contact_id=1))
    age(store, 1, lifecycle="junk")
    assert expired(store, "junk") == 1
    keep_to(store, "junk")
    (item,) = rows_of(store, schema.inbox)
    assert (people(store), item.state, item.fields) == ([2], "erased", None)


@pytest.mark.parametrize("lifecycle", ["prospect", "accepted", "customer", "junk"])
def test_silence_takes_nobody_whom_sales_has(store: Store, lifecycle: str) -> None:
    add_contacts(store)
    age(store, 1, lifecycle=lifecycle)
    keep_to(store, "inactive")
    assert people(store) == [1]


def test_the_silent_go_and_whoever_did_something_stays(store: Store) -> None:
    add_contacts(store, 4)
    age(store, 1, 2, 3)
    happen(store, 2, NOW)
    happen(store, 3, NOW, SignalClass.MACHINE)
    assert expired(store, "inactive") == 2
    keep_to(store, "inactive")
    assert people(store) == [2, 4]


def test_a_no_outlives_the_person_who_said_it(store: Store) -> None:
    add_contacts(store, 2)
    age(store, 1, 2)
    with store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", OLD)
        consents.grant(connection, 2, "marketing", "form", OLD)
    keep_to(store, "inactive")
    kept = [(row.address_hash, row.reason) for row in rows_of(store, schema.suppression)]
    assert (people(store), kept) == ([], [(address_hash("an1@bakkerij.example"), expiry.REFUSED)])


def test_a_round_takes_some_at_a_time_and_ends_until_the_next_day(store: Store) -> None:
    age(store, *add_contacts(store, 5))
    assert [keep_to(store, "inactive", limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert people(store) == []
    add_contacts(store)
    age(store, 1)
    assert keep_to(store, "inactive") == 0
    assert keep_to(store, "inactive", NOW + timedelta(days=1)) == 1


@pytest.mark.parametrize("kind", expiry.KINDS)
def test_a_batch_costs_as_many_statements_for_many_as_for_one(store: Store, kind: str) -> None:
    ids = add_contacts(store, 60)
    age(store, *ids, lifecycle="junk" if kind == "junk" else "contact")
    add_items(store, *["contact"] * 60)
    for at in (OLD, OLD - KEEP):
        with store.write() as connection:
            signals.record_signals(connection, [NewSignal(id_, "opened", at, {}) for id_ in ids], at)
            outcomes.record_outcomes(connection, [NewOutcome(id_, Result.LOST, at, "crm") for id_ in ids], at)
            aside = [Unmatched(told(("contact", f"{id_} {at}")), "crm", "nobody") for id_ in ids]
            unmatched.keep(connection, aside, at)

    def statements(limit: int) -> int:
        counter = StatementCounter(store)
        assert keep_to(store, kind, limit=limit) == limit
        return counter.n

    statements(1)
    assert statements(1) == statements(50)


def told(*who: tuple[str, str]) -> ToldOutcome:
    return ToldOutcome(Result.LOST, OLD, who)


def test_old_outcomes_go_and_young_ones_stay(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        new = [NewOutcome(1, Result.WON, at, "crm") for at in (OLD, NOW)]
        outcomes.record_outcomes(connection, new, NOW)
    assert expired(store, "outcomes") == 1
    keep_to(store, "outcomes")
    assert [row.at for row in rows_of(store, schema.outcome)] == [NOW]


def test_old_outcomes_that_are_nobodys_go(store: Store) -> None:
    with store.write() as connection:
        for at, name in ((OLD, "an"), (NOW, "bo")):
            unmatched.keep(connection, [Unmatched(told(("email", name)), "crm", "nobody")], at)
    assert expired(store, "unmatched") == 1
    keep_to(store, "unmatched")
    assert [row.received_at for row in rows_of(store, schema.unmatched_outcome)] == [NOW]


def test_who_was_lost_a_short_while_ago_is_not_silent_yet(store: Store) -> None:
    add_contacts(store, 2)
    age(store, 1, 2, lifecycle="lost")
    with store.write() as connection:
        outcomes.record_outcomes(connection, [NewOutcome(1, Result.LOST, OLD, "crm")], NOW)
    keep_to(store, "inactive")
    assert people(store) == [1]
