"""Signals: stored once, in bulk, and loaded for whole batches."""

from __future__ import annotations

from datetime import timedelta

from nurture.core.model import SignalClass
from nurture.store import schema, signals
from nurture.store.engine import Store
from nurture.store.signals import NewSignal
from tests.store.people import NOW, StatementCounter, add_contacts, erase_contact, rows_of


def clicked(contact_id: int, minutes: float = 0, key: bytes | None = None) -> NewSignal:
    at = NOW + timedelta(minutes=minutes)
    data = {"campaign": "new-website", "step": "welcome", "tags": ("a", "b")}
    return NewSignal(contact_id, "clicked", at, data, SignalClass.PROBABLE, "a rule", key)


def record(store: Store, *new: NewSignal) -> int:
    with store.write() as connection:
        return len(signals.record_signals(connection, new, NOW))


def test_a_signal_comes_back_as_it_was_stored(store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        (recorded,) = signals.record_signals(connection, [clicked(1)], NOW)
    with store.read() as connection:
        ((loaded,),) = signals.signals_of(connection, [1]).values()
    assert (loaded.id, loaded.kind, loaded.at, loaded.classed) == (
        recorded.id,
        "clicked",
        NOW,
        SignalClass.PROBABLE,
    )
    assert loaded.data["step"] == "welcome"


def test_a_key_that_was_there_adds_nothing(store: Store) -> None:
    add_contacts(store)
    assert record(store, clicked(1, key=b"one")) == 1
    assert record(store, clicked(1, key=b"one"), clicked(1, key=b"two"), clicked(1, key=b"two")) == 1
    assert len(rows_of(store, schema.signal)) == 2


def test_a_signal_wakes_its_contact_and_no_other(store: Store) -> None:
    add_contacts(store, 2)
    record(store, clicked(2))
    assert [(row.contact_id, row.due_at, row.wakes) for row in rows_of(store, schema.journey)] == [
        (1, None, 0),
        (2, NOW, 1),
    ]


def test_a_repeated_signal_wakes_nobody(store: Store) -> None:
    add_contacts(store)
    record(store, clicked(1, key=b"one"))
    record(store, clicked(1, key=b"one"))
    assert [row.wakes for row in rows_of(store, schema.journey)] == [1]


def test_a_signal_of_somebody_who_is_gone_does_not_hurt_the_others(store: Store) -> None:
    add_contacts(store, 2)
    erase_contact(store, 1)
    assert record(store, clicked(1), clicked(2)) == 1


def test_signals_are_oldest_first_however_they_came(store: Store) -> None:
    add_contacts(store)
    record(store, clicked(1, 5), clicked(1, 1), clicked(1, 3))
    with store.read() as connection:
        loaded = signals.signals_of(connection, [1])[1]
    assert [signal.at - NOW for signal in loaded] == [timedelta(minutes=m) for m in (1, 3, 5)]


def test_only_the_newest_are_loaded(store: Store) -> None:
    add_contacts(store)
    record(store, *(clicked(1, minutes) for minutes in range(signals.NEWEST + 3)))
    with store.read() as connection:
        loaded = signals.signals_of(connection, [1])[1]
    assert (len(loaded), loaded[0].at) == (signals.NEWEST, NOW + timedelta(minutes=3))


def test_the_number_of_statements_is_the_same_for_10_and_1000(store: Store) -> None:
    add_contacts(store, 1000)
    counter = StatementCounter(store)
    counts = []
    for n in (10, 1000):
        counter.n = 0
        record(store, *(clicked(contact_id) for contact_id in range(1, n + 1)))
        with store.read() as connection:
            assert len(signals.signals_of(connection, range(1, n + 1))) == n
        counts.append(counter.n)
    assert counts[0] == counts[1]


def test_the_page_of_a_visit_is_stored_beside_it(store: Store) -> None:
    add_contacts(store)
    url = " https://firm.example/pri\nces?x=1#top"
    record(
        store,
        NewSignal(1, "visited", NOW, {"url": url}),
        NewSignal(1, "visited", NOW, {"url": "https://[oops]/prices"}),
        NewSignal(1, "visited", NOW, {}),
        NewSignal(1, "clicked", NOW, {"url": url}),
    )
    assert [row.path for row in rows_of(store, schema.signal)] == ["/prices", "", "", None]
