"""Decision records come back as they were kept, whatever they share with others; on both databases."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nurture
from nurture.core.model import DecisionRecord
from nurture.store import records, schema
from nurture.store.engine import Store
from tests.store.people import NOW, StatementCounter, add_contacts, erase_contact, rows_of

SENT = DecisionRecord("sent", "orientation/welcome", "new-website", "v1", "welcome", "welcome")
PROMOTED = DecisionRecord(
    "promoted", "fit is 65", None, "p1", None, "promote", {"fit": 65, "signals": ("a", "b")}, NOW
)
MANY = records.SHARED_BY

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
maybe = st.none() | texts
values = st.none() | st.booleans() | st.integers(-9, 9) | texts | st.lists(texts, max_size=2).map(tuple)
any_record = st.builds(
    DecisionRecord,
    what=st.sampled_from(["sent", "not_sent", "promoted", "chosen", "a-plugins-own"]),
    reason=texts,
    campaign=maybe,
    version=maybe,
    step=maybe,
    rule=maybe,
    evidence=st.dictionaries(texts, values, max_size=2),
    next_at=st.none() | st.integers(0, 10**15).map(lambda n: NOW + timedelta(microseconds=n)),
)


def keep(store: Store, kept: Sequence[tuple[int, DecisionRecord]]) -> None:
    with store.write() as connection:
        records.add_records(connection, kept, NOW)


def told(store: Store, *contact_ids: int) -> list[DecisionRecord]:
    with store.read() as connection:
        return [each.record for each in records.told(connection, contact_ids)]


def reasons_apart(store: Store) -> list[bool]:
    """For each record, whether it says its reason itself."""
    return [row.said is not None for row in rows_of(store, schema.decision)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(any_record, max_size=8), max_size=3), alike=any_record)
def test_records_come_back_as_they_were_kept(
    store: Store, batches: list[list[DecisionRecord]], alike: DecisionRecord
) -> None:
    with store.write() as connection:
        connection.execute(sa.delete(schema.contact))
    people = add_contacts(store, MANY + 1)
    keep(store, [(one, alike) for one in people])
    for batch in batches:
        keep(store, [(1, record) for record in batch])
    assert told(store, 1) == [alike, *(record for batch in batches for record in batch)]


def test_records_know_their_person_and_moment(store: Store) -> None:
    add_contacts(store, 2)
    keep(store, [(2, SENT), (1, SENT)])
    with store.read() as connection:
        assert [(each.contact_id, each.at) for each in records.told(connection, [1, 2])] == [
            (2, NOW),
            (1, NOW),
        ]


def test_only_the_kinds_that_are_asked_for_are_told(store: Store) -> None:
    add_contacts(store)
    keep(store, [(1, SENT), (1, PROMOTED)])
    with store.read() as connection:
        assert [each.record for each in records.told(connection, [1], ["promoted"])] == [PROMOTED]


def test_what_only_the_campaign_says_stands_once(store: Store) -> None:
    add_contacts(store, 2)
    keep(store, [(1, SENT)])
    keep(store, [(2, SENT)])
    assert (len(rows_of(store, schema.ground)), reasons_apart(store)) == (1, [False, False])


def test_a_reason_that_many_are_given_at_once_stands_once(store: Store) -> None:
    people = add_contacts(store, MANY)
    keep(store, [(one, PROMOTED) for one in people])
    assert (len(rows_of(store, schema.ground)), any(reasons_apart(store))) == (1, False)


def test_a_reason_that_many_are_given_one_by_one_stands_once_in_the_end(store: Store) -> None:
    for one in add_contacts(store, MANY + 1):
        keep(store, [(one, PROMOTED)])
    assert reasons_apart(store) == [True] * (MANY - 1) + [False] * 2


def test_a_reason_given_to_few_is_deleted_with_them(store: Store) -> None:
    people = add_contacts(store, MANY - 1)
    secret = replace(PROMOTED, reason="she wrote that she is ill", evidence={"note": "ill"})
    for _ in range(2):
        keep(store, [(one, secret) for one in people])
    for one in people:
        erase_contact(store, one)
    assert rows_of(store, schema.decision) == []
    assert "ill" not in repr(rows_of(store, schema.ground))


def test_one_person_who_is_told_the_same_over_and_over_shares_nothing(store: Store) -> None:
    add_contacts(store)
    for _ in range(MANY + 1):
        keep(store, [(1, PROMOTED)])
    assert all(reasons_apart(store))


def test_another_process_shares_what_is_shared_already(store: Store) -> None:
    people = add_contacts(store, MANY)
    keep(store, [(one, PROMOTED) for one in people])
    other = Store(store.url)
    keep(other, [(1, PROMOTED)])
    other.close()
    assert not any(reasons_apart(store))


def test_a_known_ground_costs_no_query(store: Store) -> None:
    add_contacts(store)
    for _ in range(2):
        keep(store, [(1, SENT)])
    counter = StatementCounter(store)
    keep(store, [(1, SENT)] * 500)
    # SQLite counts its BEGIN; the insert itself goes to the driver.
    assert counter.n == (0 if store.is_postgresql else 1)


def test_new_grounds_cost_as_many_queries_for_one_as_for_many(store: Store) -> None:
    add_contacts(store)
    counter = StatementCounter(store)
    keep(store, [(1, SENT)])
    for_one = counter.n
    keep(store, [(1, replace(SENT, step=f"step-{number}")) for number in range(300)])
    assert counter.n == 2 * for_one


def test_a_ground_of_a_transaction_that_was_taken_back_is_made_again(store: Store) -> None:
    add_contacts(store)
    with store.engine.connect() as connection:
        for _ in range(2):
            records.add_records(connection, [(1, SENT)], NOW)
        connection.rollback()
    keep(store, [(1, SENT)])
    assert told(store, 1) == [SENT]


def test_workers_that_meet_the_same_grounds_at_once_share_them(store: Store) -> None:
    people = add_contacts(store, 8)
    steps = [replace(SENT, step=f"step-{number}") for number in range(50)]
    workers = [Store(store.url) for _ in people]
    ready = threading.Barrier(len(people))

    def work(one: int, own: Store) -> None:
        ready.wait()
        # Each in an order of its own: who waits for whom must not depend on it.
        keep(own, [(one, step) for step in (steps if one % 2 else reversed(steps))])

    threads = [threading.Thread(target=work, args=each) for each in zip(people, workers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in workers:
        own.close()
    assert len(rows_of(store, schema.ground)) == len(steps)
    assert [len(told(store, one)) for one in people] == [len(steps)] * len(people)


def test_a_decision_that_comes_twice_counts_its_person_once(store: Store) -> None:
    add_contacts(store)
    keep(store, [(1, SENT), (1, SENT)])
    with store.read() as connection:
        assert records.people_by_what(connection) == {"sent": 1}


def test_nothing_else_knows_how_records_are_kept() -> None:
    package = Path(nurture.__file__).parent
    knowing = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "schema.decision" in (text := path.read_text(encoding="utf-8")) or "schema.ground" in text
    }
    assert knowing == {"store/records.py"}
