"""Claiming due contacts: each is held by one worker, nothing is lost, and a poison contact stays alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from nurture.core.model import Decision, Lifecycle, Stage
from nurture.store import journey, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)


def populate(store: Store, n: int, *, due_at: datetime | None = NOW) -> list[int]:
    ids = list(range(1, n + 1))
    with store.write() as connection:
        insert_rows(
            connection, schema.contact, ["id", "created_at", "updated_at"], [(id_, NOW, NOW) for id_ in ids]
        )
        insert_rows(
            connection,
            schema.journey,
            ["contact_id", "lifecycle", "stage", "due_at"],
            [(id_, "contact", "orientation", due_at) for id_ in ids],
        )
    return ids


def claim(store: Store, now: datetime = NOW, limit: int = 100) -> journey.Claim:
    with store.write() as connection:
        return journey.claim(connection, now, limit=limit, lease=LEASE)


def ids_of(claimed: journey.Claim) -> list[int]:
    return [held.contact_id for held in claimed.held]


def decision(contact_id: int, next_at: datetime | None = None) -> Decision:
    return Decision(contact_id, Lifecycle.CONTACT, Stage.COMPARISON, NOW, 70, 12.5, next_at=next_at)


def finish(store: Store, claimed: journey.Claim, decisions: Sequence[Decision]) -> frozenset[int]:
    with store.write() as connection:
        mine = journey.still_held(connection, claimed.token, ids_of(claimed))
        wakes = {held.contact_id: held.wakes for held in claimed.held}
        journey.write_back(connection, [one for one in decisions if one.contact_id in mine], wakes, NOW)
        return mine


def row(store: Store, contact_id: int) -> sa.Row[tuple[object, ...]]:
    with store.read() as connection:
        return connection.execute(
            sa.select(schema.journey).where(schema.journey.c.contact_id == contact_id)
        ).one()


def test_what_is_claimed_is_claimed_once(store: Store) -> None:
    populate(store, 5)
    assert ids_of(claim(store, limit=3)) + ids_of(claim(store)) == [1, 2, 3, 4, 5]


def test_what_is_not_due_is_not_claimed(store: Store) -> None:
    populate(store, 2, due_at=NOW + timedelta(seconds=1))
    assert ids_of(claim(store)) == []


def test_a_lease_that_ran_out_gives_the_contact_to_another(store: Store) -> None:
    populate(store, 1)
    claim(store)
    assert ids_of(claim(store, NOW + LEASE + timedelta(seconds=1))) == [1]


def test_a_worker_whose_lease_was_taken_over_writes_nothing(store: Store) -> None:
    populate(store, 1)
    late = claim(store)
    claim(store, NOW + LEASE + timedelta(seconds=1))
    assert finish(store, late, [decision(1)]) == frozenset()


def test_a_decision_is_written_and_the_contact_given_free(store: Store) -> None:
    populate(store, 1)
    finish(store, claim(store), [decision(1, NOW + timedelta(days=3))])
    found = row(store, 1)
    assert (found.stage, found.fit, found.engagement) == ("comparison", 70, 12.5)
    assert (found.due_at, found.token, found.attempts) == (NOW + timedelta(days=3), None, 0)


def test_a_contact_woken_meanwhile_stays_due(store: Store) -> None:
    populate(store, 1)
    held = claim(store)
    with store.write() as connection:
        journey.wake(connection, [1], NOW)
    finish(store, held, [decision(1, NOW + timedelta(days=3))])
    assert ids_of(claim(store)) == [1]


def wake(store: Store, now: datetime = NOW) -> None:
    with store.write() as connection:
        journey.wake(connection, [1], now)


def test_who_waits_for_a_look_anyhow_is_not_written_again(store: Store) -> None:
    populate(store, 1)
    before = row(store, 1)
    wake(store, NOW + timedelta(hours=1))
    assert row(store, 1) == before


def test_who_is_held_is_told_of_everything_that_happens(store: Store) -> None:
    populate(store, 1)
    claim(store)
    wake(store)
    wake(store)
    assert row(store, 1).wakes == 2


def test_nobody_is_claimed_while_something_about_them_is_being_stored(store: Store) -> None:
    if not store.is_postgresql:
        pytest.skip("SQLite has one writer: the claim waits")
    populate(store, 1)
    with store.write() as connection:
        journey.wake(connection, [1], NOW)
        assert ids_of(claim(store)) == []
    assert ids_of(claim(store)) == [1]


def test_waking_never_puts_an_alarm_off(store: Store) -> None:
    populate(store, 1, due_at=NOW - timedelta(days=1))
    with store.write() as connection:
        journey.wake(connection, [1], NOW)
    assert row(store, 1).due_at == NOW - timedelta(days=1)


@pytest.mark.parametrize("lifecycle", ["lead", "junk"])
def test_those_who_are_no_contacts_are_not_woken(store: Store, lifecycle: str) -> None:
    populate(store, 1, due_at=None)
    with store.write() as connection:
        connection.execute(sa.update(schema.journey).values(lifecycle=lifecycle))
        journey.wake(connection, [1], NOW)
        journey.wake_all(connection, NOW)
    assert row(store, 1).due_at is None


def crash_until_stuck(store: Store, poison: int, limit: int, max_attempts: int = 5) -> tuple[set[int], int]:
    """Workers that die on `poison` before they write: returns who was set aside, and the deaths."""
    now, deaths = NOW, 0
    stuck: set[int] = set()
    for _ in range(500):
        now += LEASE + timedelta(seconds=1)
        held = claim(store, now, limit)
        if not held.held:
            return stuck, deaths
        hopeless = {one.contact_id for one in held.held if one.attempts > max_attempts}
        if poison in {one.contact_id for one in held.held} - hopeless:
            deaths += 1
            continue
        finish(store, held, [decision(id_) for id_ in ids_of(held) if id_ not in hopeless])
        with store.write() as connection:
            wakes = {one.contact_id: one.wakes for one in held.held}
            journey.set_aside(connection, [(id_, "died") for id_ in hopeless], None, wakes)
        stuck |= hopeless
    raise AssertionError("the work never ended")


def test_a_contact_that_kills_its_worker_takes_nobody_with_it(store: Store) -> None:
    populate(store, 120)
    stuck, deaths = crash_until_stuck(store, poison=77, limit=100)
    assert (stuck, deaths) == ({77}, 5)


def test_the_next_alarm_is_the_earliest(store: Store) -> None:
    populate(store, 2)
    finish(store, claim(store), [decision(1, NOW + timedelta(days=3)), decision(2, NOW + timedelta(days=2))])
    with store.read() as connection:
        assert journey.next_due(connection) == NOW + timedelta(days=2)


def test_what_is_held_does_not_count_as_waiting(store: Store) -> None:
    populate(store, 5)
    claim(store, limit=2)
    with store.read() as connection:
        assert journey.count_due(connection, NOW, at_most=100) == 3


def test_a_wake_during_a_claim_that_is_given_back_stops_nobody(store: Store) -> None:
    populate(store, 3)
    held = claim(store)
    with store.write() as connection:
        journey.wake(connection, [1], NOW)
        journey.give_back(connection, held.token, [1, 2, 3])
    assert sorted(ids_of(claim(store)) + ids_of(claim(store))) == [1, 2, 3]


def test_what_is_set_aside_stays_due_when_news_came_meanwhile(store: Store) -> None:
    populate(store, 1)
    held = claim(store)
    with store.write() as connection:
        journey.wake_all(connection, NOW)
        wakes = {one.contact_id: one.wakes for one in held.held}
        journey.set_aside(connection, [(1, "it failed")], None, wakes)
    assert ids_of(claim(store)) == [1]
