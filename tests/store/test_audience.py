"""An audience is counted and listed by one query each, whoever is in it."""

from __future__ import annotations

import sqlalchemy as sa

from nurture.language.conditions import parse
from nurture.store import schema
from nurture.store.audience import Person, Who, listed, pieces, standings, these
from nurture.store.bulk import insert_rows
from nurture.store.conditions import compile_condition, compile_roughly, speech_of
from nurture.store.engine import Store
from tests.store.people import NOW, StatementCounter, add_contacts


def who(connection: sa.Connection, text: str) -> Who:
    return compile_condition(parse(text), now=NOW, speech=speech_of(connection))


def enrol(store: Store, *places: tuple[int, int, str | None, str]) -> None:
    """Enrolments in the campaign `c`: contact, occurrence, step, state."""
    with store.write() as connection:
        version = sa.insert(schema.campaign_version).values(
            id=1, name="c", hash="h", source="", file="c.yaml", published_at=NOW
        )
        connection.execute(version)
        columns = ["contact_id", "occurrence", "step", "state", "campaign", "version_id", "track", "since"]
        columns += ["entered_at", "done"]
        rest = ("c", 1, "orientation", NOW, NOW, [])
        insert_rows(connection, schema.enrolment, columns, [(*place, *rest) for place in places])


def test_everybody_is_counted_once_by_how_they_stand_to_the_campaign(store: Store) -> None:
    add_contacts(store, 6)
    enrol(
        store,
        (1, 1, "a", "finished"),
        (1, 2, "b", "active"),
        (2, 1, "a", "exited"),
        (2, 2, "a", "exited"),
        (3, 1, None, "active"),
    )
    with store.write() as connection:
        journey = schema.journey
        connection.execute(sa.update(journey).where(journey.c.contact_id == 4).values(lifecycle="customer"))
        connection.execute(sa.update(journey).where(journey.c.contact_id == 5).values(lifecycle="recycled"))
        found = standings(connection, sa.true(), "c")
        elsewhere = standings(connection, sa.true(), "another")
    assert found == {"under_way": 1, "had_it": 2, "not_yet": 2, "not_followed": 1}
    assert elsewhere == {"not_yet": 5, "not_followed": 1}


def test_without_a_campaign_they_are_counted_by_lifecycle(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        holds = who(connection, 'contact.email.contains("2@") and lifecycle == "contact"')
        assert standings(connection, holds, None) == {"contact": 3}


def test_those_for_whom_it_is_unknown_are_not_counted(store: Store) -> None:
    add_contacts(store, 3)
    with store.read() as connection:
        assert standings(connection, who(connection, "not (answers.size > 5)"), None) == {}


def test_counting_and_listing_are_one_query_each(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        counter = StatementCounter(store)
        standings(connection, sa.true(), "c")
        listed(connection, sa.true(), "c", 3)
    assert counter.n == 2


def test_the_first_are_listed_by_id(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        found = listed(connection, who(connection, 'contact.email.contains("2@")'), "c", 2)
    assert found == [Person(id_, "An de Vries", f"an{id_}@bakkerij.example", "not_yet") for id_ in (2, 12)]


def test_any_number_is_gone_through_in_pieces(store: Store) -> None:
    add_contacts(store, 10)
    with store.read() as connection:
        some = these(connection, [9, 2, 3, 7, 5])
        assert list(pieces(connection, some, 2)) == [[2, 3], [5, 7], [9]]


def test_other_things_can_be_asked_between_two_pieces(store: Store) -> None:
    add_contacts(store, 6)
    with store.read() as connection:
        found = [
            listed(connection, these(connection, piece), None, 1)[0].id
            for piece in pieces(connection, sa.true(), 2)
        ]
    assert found == [1, 3, 5]


def test_what_can_be_asked_of_an_and_keeps_the_others_out(store: Store) -> None:
    add_contacts(store, 30)
    condition = parse('bakes() and contact.email.contains("2@")', rules={"bakes"})
    with store.read() as connection:
        perhaps = compile_roughly(condition, now=NOW, speech=speech_of(connection))
        assert list(pieces(connection, perhaps, 100)) == [[2, 12, 22]]


def test_an_or_with_a_part_that_cannot_be_asked_keeps_nobody_out(store: Store) -> None:
    add_contacts(store, 3)
    condition = parse('bakes() or contact.email.contains("2@")', rules={"bakes"})
    with store.read() as connection:
        perhaps = compile_roughly(condition, now=NOW, speech=speech_of(connection))
        assert list(pieces(connection, perhaps, 100)) == [[1, 2, 3]]
