"""Bulk statements do the same on both databases, and their text does not grow with the rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.store import schema
from nurture.store.bulk import among, chunks, insert_rows, reserve_ids, update_rows
from nurture.store.engine import Store

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
account = schema.account


def add_accounts(connection: sa.Connection, n: int) -> list[int]:
    ids = reserve_ids(connection, account, n)
    rows = [(id_, f"Firm {id_}", {"seats": id_}, NOW, NOW) for id_ in ids]
    insert_rows(connection, account, ["id", "name", "facts", "created_at", "updated_at"], rows)
    return ids


def test_reserved_ids_are_new_and_ascending(store: Store) -> None:
    with store.write() as connection:
        first = add_accounts(connection, 3)
        second = reserve_ids(connection, account, 3)
    assert first == sorted(first)
    assert min(second) > max(first)


def test_inserted_rows_come_back_as_they_went_in(store: Store) -> None:
    with store.write() as connection:
        (id_,) = add_accounts(connection, 1)
        row = connection.execute(sa.select(account)).one()
    assert (row.name, row.facts, row.created_at) == (f"Firm {id_}", {"seats": id_}, NOW)


def test_each_row_is_updated_to_its_own_values(store: Store) -> None:
    with store.write() as connection:
        ids = add_accounts(connection, 3)
        rows = [(id_, f"New {id_}", {"n": [id_]}, NOW.replace(year=2027)) for id_ in ids]
        update_rows(connection, account, "id", ["name", "facts", "updated_at"], rows)
        found = connection.execute(sa.select(account).order_by(account.c.id)).all()
    assert [(row.id, row.name, row.facts, row.updated_at) for row in found] == rows


def test_an_update_can_set_nothing(store: Store) -> None:
    with store.write() as connection:
        (id_,) = add_accounts(connection, 1)
        update_rows(connection, account, "id", ["name", "employees"], [(id_, None, None)])
        assert connection.execute(sa.select(account.c.name)).scalar_one() is None


def test_a_condition_keeps_rows_from_being_updated(store: Store) -> None:
    with store.write() as connection:
        ids = add_accounts(connection, 2)
        only_if = "t.name <> 'Firm 1'"
        update_rows(connection, account, "id", ["name"], [(id_, "x") for id_ in ids], only_if=only_if)
        names = connection.execute(sa.select(account.c.name).order_by(account.c.id)).scalars().all()
    assert names[0] != names[1]


@pytest.mark.parametrize("n", [0, 1, 40_000])
def test_any_number_of_ids_is_one_parameter(store: Store, n: int) -> None:
    with store.write() as connection:
        ids = add_accounts(connection, 2)
        wanted = ids + list(range(10**6, 10**6 + n))
        found = connection.execute(sa.select(account.c.id).where(among(connection, account.c.id, wanted)))
        assert sorted(found.scalars()) == ids


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives_insert_and_update(store: Store, name: str) -> None:
    with store.write() as connection:
        connection.execute(sa.delete(account))
        (id_,) = add_accounts(connection, 1)
        update_rows(connection, account, "id", ["name", "facts"], [(id_, name, {"name": name})])
        assert connection.execute(sa.select(account.c.name, account.c.facts)).one() == (name, {"name": name})


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = NOW.replace(tzinfo=None)
    with store.write() as connection, pytest.raises(sa.exc.StatementError, match="without a zone"):
        connection.execute(sa.insert(account).values(created_at=naive, updated_at=naive))


def test_chunks_hold_everything_once_and_in_order() -> None:
    assert [list(some) for some in chunks(list(range(5)), 2)] == [[0, 1], [2, 3], [4]]
