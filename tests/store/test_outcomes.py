"""Outcomes: won and lost, kept in order, each told once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from nurture.core.model import Outcome, Result
from nurture.store import outcomes
from nurture.store.engine import Store
from nurture.store.outcomes import NewOutcome
from tests.store.people import NOW, add_contacts

LATER = NOW + timedelta(days=1)


def record(store: Store, *new: NewOutcome) -> tuple[Outcome, ...]:
    with store.write() as connection:
        return outcomes.record_outcomes(connection, new, NOW)


def test_an_outcome_comes_back_as_it_was_told(store: Store) -> None:
    add_contacts(store)
    record(store, NewOutcome(1, Result.WON, NOW, "command", Decimal("2400.50"), "EUR", "liked us", 7))
    with store.read() as connection:
        (found,) = outcomes.outcomes_of(connection, [1])[1]
    told = (found.result, found.at, found.value, found.currency, found.reason, found.handover_id)
    assert told == (Result.WON, NOW, Decimal("2400.50"), "EUR", "liked us", 7)


def test_the_same_outcome_told_twice_is_one(store: Store) -> None:
    add_contacts(store)
    one = NewOutcome(1, Result.WON, NOW, "crm", dedupe_key=b"deal 5")
    assert [len(record(store, one)), len(record(store, one))] == [1, 0]


def test_an_outcome_of_a_contact_who_is_gone_is_dropped(store: Store) -> None:
    assert record(store, NewOutcome(99, Result.LOST, NOW, "crm")) == ()


def test_of_several_outcomes_the_last_by_its_time_holds(store: Store) -> None:
    add_contacts(store)
    record(store, NewOutcome(1, Result.LOST, LATER, "crm"), NewOutcome(1, Result.WON, NOW, "crm"))
    holding = outcomes.holding()
    with store.read() as connection:
        assert connection.execute(sa.select(holding.c.contact_id, holding.c.result)).all() == [(1, "lost")]


def test_a_value_finer_than_a_hundredth_is_refused(store: Store) -> None:
    add_contacts(store)
    with pytest.raises(ValueError, match="finer"):
        record(store, NewOutcome(1, Result.WON, NOW, "crm", Decimal("1.005")))
