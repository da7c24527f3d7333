"""The figures of a summary: grouped counts, the same on both databases."""

from __future__ import annotations

import sqlalchemy as sa

from nurture.core.model import SignalClass
from nurture.store import overview, schema, signals
from nurture.store.engine import Store
from nurture.store.signals import NewSignal
from tests.store.people import NOW, add_contacts


def test_people_are_counted_by_lifecycle_the_most_first(store: Store) -> None:
    add_contacts(store, 3)
    with store.write() as connection:
        journey = schema.journey
        connection.execute(sa.update(journey).where(journey.c.contact_id == 2).values(lifecycle="junk"))
    with store.read() as connection:
        assert list(overview.people_by_lifecycle(connection).items()) == [("contact", 2), ("junk", 1)]


def test_junk_is_counted_by_its_reason_and_nobody_else(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        journey, contact = schema.journey, schema.contact
        connection.execute(sa.update(contact).values(junk_reason="no name"))
        connection.execute(sa.update(journey).where(journey.c.contact_id == 2).values(lifecycle="junk"))
    with store.read() as connection:
        assert overview.junk_by_reason(connection) == {"no name": 1}


def test_only_people_who_are_followed_stand_in_a_stage(store: Store) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        journey = schema.journey
        connection.execute(sa.update(journey).where(journey.c.contact_id == 1).values(stage="comparison"))
        connection.execute(
            sa.update(journey).where(journey.c.contact_id == 2).values(lifecycle="disqualified")
        )
    with store.read() as connection:
        assert overview.contacts_by_stage(connection) == {"comparison": 1}


def test_signals_are_counted_by_kind_and_class(store: Store) -> None:
    add_contacts(store)
    kinds = (("opened", SignalClass.MACHINE), ("clicked", SignalClass.HUMAN), ("clicked", SignalClass.HUMAN))
    with store.write() as connection:
        new = [NewSignal(1, kind, NOW, {}, classed) for kind, classed in kinds]
        signals.record_signals(connection, new, NOW)
    with store.read() as connection:
        counts = overview.signals_by_class(connection)
    assert counts == {("clicked", "human"): 2, ("opened", "machine"): 1}


def test_an_empty_database_has_empty_figures(store: Store) -> None:
    with store.read() as connection:
        assert overview.handovers_by_answer(connection) == {}
        assert overview.mails_by_state(connection) == {}
        assert overview.inbox_by_state(connection) == {}
