"""An audience is counted and listed by one query, whoever is in it."""

from __future__ import annotations

import pytest

from nurture.language.conditions import parse
from nurture.store.audience import audience_ids, count_audience
from nurture.store.conditions import NotCompiled
from nurture.store.engine import Store
from tests.store.people import NOW, StatementCounter, add_contacts

HOLDS = parse('contact.email.contains("2@") and lifecycle == "contact"')


def test_those_for_whom_it_holds_are_counted(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        assert count_audience(connection, HOLDS, NOW) == 3


def test_unknown_is_not_counted(store: Store) -> None:
    add_contacts(store, 3)
    with store.read() as connection:
        assert count_audience(connection, parse("not (answers.size > 5)"), NOW) == 0


def test_ids_come_in_order_and_up_to_the_limit(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        assert list(audience_ids(connection, HOLDS, NOW)) == [2, 12, 22]
        assert list(audience_ids(connection, HOLDS, NOW, limit=2)) == [2, 12]


def test_an_audience_is_one_query(store: Store) -> None:
    add_contacts(store, 30)
    with store.read() as connection:
        counter = StatementCounter(store)
        count_audience(connection, HOLDS, NOW)
    assert counter.n == 1


def test_what_cannot_be_asked_is_named(store: Store) -> None:
    with store.read() as connection, pytest.raises(NotCompiled, match="the rule bakes of a plugin"):
        count_audience(connection, parse("bakes()", rules={"bakes"}), NOW)
