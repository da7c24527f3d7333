"""Old decision records go, those that explain how things stand stay; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.model import DecisionRecord
from nurture.store import records, retention, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from tests.store.people import NOW, StatementCounter, add_contacts

KEEP = timedelta(days=30)
OLD = NOW - timedelta(days=31)
TOMORROW = NOW + timedelta(days=1)


def record(what: str, step: str | None = None, campaign: str | None = "c") -> DecisionRecord:
    return DecisionRecord(what, "because", campaign, "v", step)


def keep(store: Store, at: datetime, *kept: DecisionRecord, person: int = 1) -> None:
    with store.write() as connection:
        records.add_records(connection, [(person, each) for each in kept], at)


def enrol(store: Store, *, step: str | None, state: str = "active") -> None:
    with store.write() as connection:
        version = connection.execute(
            sa.insert(schema.campaign_version)
            .values(name="c", hash="v", source="", file="c.yaml", published_at=OLD)
            .returning(schema.campaign_version.c.id)
        ).scalar_one()
        columns = ["contact_id", "campaign", "version_id", "occurrence", "track", "step", "since"]
        columns += ["entered_at", "done", "state"]
        row: list[Any] = [1, "c", version, 1, "orientation", step, OLD, OLD, [], state]
        insert_rows(connection, schema.enrolment, columns, [row])


def prune(store: Store, now: datetime = NOW, people: int = 100) -> int:
    with store.write() as connection:
        return retention.prune(connection, now, KEEP, people)


def left(store: Store, person: int = 1) -> list[tuple[str, str | None]]:
    with store.read() as connection:
        return [(each.record.what, each.record.step) for each in records.told(connection, [person])]


def test_an_old_record_goes_that_a_newer_one_of_its_kind_has_replaced(store: Store) -> None:
    add_contacts(store)
    keep(store, OLD, record("not_sent", "a"))
    keep(store, NOW, record("not_sent", "b"))
    prune(store)
    assert left(store) == [("not_sent", "b")]


def test_what_is_young_enough_stays(store: Store) -> None:
    add_contacts(store)
    for at in (NOW - KEEP, NOW):
        keep(store, at, record("sent", "a"))
    prune(store)
    assert len(left(store)) == 2


def test_the_newest_of_each_kind_stays_however_old_it_is(store: Store) -> None:
    add_contacts(store)
    newest = record("enrolled"), record("sent", "b"), record("stage_changed", campaign=None)
    keep(store, OLD, record("sent", "a"), record("stage_changed", campaign=None))
    keep(store, OLD, *newest, record("sent", "other", campaign="another"))
    prune(store)
    assert left(store) == [("enrolled", None), ("sent", "b"), ("stage_changed", None), ("sent", "other")]


def test_the_newest_of_each_kind_stays_at_the_step_that_somebody_stands_on(store: Store) -> None:
    add_contacts(store)
    enrol(store, step="here")
    keep(store, OLD, record("not_sent", "here"), record("not_sent", "here"), record("not_sent", "b"))
    prune(store)
    assert left(store) == [("not_sent", "here"), ("not_sent", "b")]


@pytest.mark.parametrize("what", retention.WAYS)
@pytest.mark.parametrize("step", ["c", None])
def test_whoever_is_in_a_campaign_keeps_which_way_they_took_at_each_step(
    store: Store, step: str | None, what: str
) -> None:
    add_contacts(store)
    enrol(store, step=step)
    keep(store, OLD, record(what, "a"), record(what, "a"), record(what, "b"))
    prune(store)
    assert left(store) == [(what, "a"), (what, "b")]


def test_whoever_has_left_keeps_no_ways(store: Store) -> None:
    add_contacts(store)
    enrol(store, step="c", state="exited")
    keep(store, OLD, record("chosen", "a"), record("chosen", "b"))
    prune(store)
    assert left(store) == [("chosen", "b")]


def test_the_records_of_one_person_do_not_stand_for_those_of_another(store: Store) -> None:
    add_contacts(store, 2)
    for person in (1, 2):
        keep(store, OLD, record("sent", "a"), person=person)
    prune(store)
    assert (left(store, 1), left(store, 2)) == ([("sent", "a")], [("sent", "a")])


def test_a_round_takes_some_people_at_a_time_until_it_has_had_all(store: Store) -> None:
    for person in add_contacts(store, 5):
        keep(store, OLD, record("sent", "a"), record("sent", "b"), person=person)
    assert [prune(store, people=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [left(store, person) for person in range(1, 6)] == [[("sent", "b")]] * 5


def test_another_process_goes_on_where_one_has_stopped(store: Store) -> None:
    for person in add_contacts(store, 3):
        keep(store, OLD, record("sent", "a"), record("sent", "b"), person=person)
    prune(store, people=2)
    other = Store(store.url)
    assert (prune(other, people=2), prune(other, people=2)) == (1, 0)
    other.close()
    assert left(store, 3) == [("sent", "b")]


def test_nobody_begins_a_second_round_on_the_same_day(store: Store) -> None:
    add_contacts(store)
    other = Store(store.url)
    later = TOMORROW - timedelta(seconds=1)
    assert [prune(store), prune(other, later), prune(other, TOMORROW)] == [1, 0, 1]
    other.close()


def test_a_batch_costs_as_many_statements_for_many_as_for_one(store: Store) -> None:
    people = add_contacts(store, 200)

    def statements(number: int) -> int:
        counter = StatementCounter(store)
        assert prune(store, people=number) == number
        return counter.n

    prune(store, people=1)
    assert statements(1) == statements(len(people) - 3)


def test_two_processes_at_once_make_one_round(store: Store) -> None:
    people = add_contacts(store, 60)
    for _ in range(2):
        with store.write() as connection:
            records.add_records(connection, [(person, record("sent", "a")) for person in people], OLD)
    looked: list[int] = []
    run_at_once(store, lambda own: looked.extend(iter(lambda: prune(own, people=7), 0)))
    while more := prune(store, people=7):  # one that found the row locked has left the rest
        looked.append(more)
    assert sum(looked) == len(people)
    assert [len(left(store, person)) for person in people] == [1] * len(people)


def run_at_once(store: Store, work: Callable[[Store], object], processes: int = 4) -> None:
    stores = [Store(store.url) for _ in range(processes)]
    threads = [threading.Thread(target=work, args=(own,)) for own in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in stores:
        own.close()
