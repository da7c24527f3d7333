"""Migrations make the very schema that the code describes, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from nurture.errors import StoreError
from nurture.store import schema
from nurture.store.engine import Store
from nurture.store.migrate import schema_state, upgrade


@pytest.fixture
def empty(database_url: str) -> Store:
    return Store(database_url)


def test_a_migrated_database_has_exactly_the_described_schema(empty: Store) -> None:
    upgrade(empty)
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, schema.metadata)
    empty.close()
    assert differences == []


def test_an_empty_database_is_seen_as_such(empty: Store) -> None:
    state = schema_state(empty)
    empty.close()
    assert (state.empty, state.up_to_date) == (True, False)


def test_migrating_twice_changes_nothing(empty: Store) -> None:
    upgrade(empty)
    upgrade(empty)
    assert schema_state(empty).up_to_date
    empty.close()


def test_a_database_of_a_newer_version_is_refused(empty: Store) -> None:
    upgrade(empty)
    with empty.write() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="9999"):
        schema_state(empty)
    empty.close()
