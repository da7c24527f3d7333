"""Migrations make the very schema that the code describes, on both databases."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from nurture.core.words import visited_path
from nurture.errors import StoreError
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.migrate import MIGRATIONS, migrate, revisions, schema_state, upgrade
from tests.store.people import NOW, rows_of

pytestmark = pytest.mark.empty_database


@pytest.fixture
def empty(database_url: str) -> Store:
    return Store(database_url)


def test_a_migrated_database_has_exactly_the_described_schema(empty: Store) -> None:
    with empty.write() as connection:
        migrate(connection, "head")
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, schema.metadata)
    empty.close()
    assert differences == []


def test_an_empty_database_gets_at_once_what_all_migrations_make(empty: Store) -> None:
    with empty.write() as connection:
        migrate(connection, "head")
        migrated = shape_of(connection)
        schema.metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    upgrade(empty)
    with empty.read() as connection:
        made = shape_of(connection)
    empty.close()
    assert made == migrated


def shape_of(connection: sa.Connection) -> dict[str, Any]:
    """Every table with its columns, keys, constraints and indexes."""
    inspector = sa.inspect(connection)
    return {
        table: {
            "columns": {each["name"]: repr(each) for each in inspector.get_columns(table)},
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "others": sorted(map(repr, inspector.get_foreign_keys(table))),
            "unique": sorted(map(repr, inspector.get_unique_constraints(table))),
            "checks": sorted(map(repr, inspector.get_check_constraints(table))),
            "indexes": sorted(map(index_shape, inspector.get_indexes(table))),
        }
        for table in inspector.get_table_names()
    }


def index_shape(index: Any) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return repr({**index, "dialect_options": options})


def test_the_names_of_the_files_tell_the_revisions_in_their_order() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert revisions() == [script.revision for script in scripts][::-1]


def test_asking_for_the_revision_imports_no_alembic(empty: Store) -> None:
    upgrade(empty)
    code = (
        "import sys; from nurture.store.engine import Store; from nurture.store.migrate import schema_state;"
        f"print(schema_state(Store({empty.url!r})).up_to_date, 'alembic' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    empty.close()
    assert told.split() == ["True", "False"]


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


def test_the_keys_of_spanish_companies_lose_their_legal_form(empty: Store) -> None:
    keys = ["bakkerij jansen sl", "snc rossi", "sl", "slager", "osl bouw"]
    with empty.write() as connection:
        migrate(connection, "0028")
        rows = [(id_, key, NOW, NOW) for id_, key in enumerate(keys, 1)]
        insert_rows(connection, schema.account, ["id", "name_key", "created_at", "updated_at"], rows)
    upgrade(empty)
    found = [row.name_key for row in rows_of(empty, schema.account)]
    empty.close()
    assert found == ["bakkerij jansen", "rossi", "sl", "slager", "osl bouw"]


def test_visits_from_before_get_their_page(empty: Store) -> None:
    given = [{"url": f"https://firm.example/page/{n}?x=1"} for n in range(6_000)] + [{}, {"url": 5}]
    with empty.write() as connection:
        migrate(connection, "0006")
        insert_rows(connection, schema.contact, ["id", "created_at", "updated_at"], [(1, NOW, NOW)])
        columns = ["contact_id", "kind", "at", "received_at", "data", "classed"]
        visits = [(1, "visited", NOW, NOW, data, "human") for data in given]
        click = (1, "clicked", NOW, NOW, {"url": "https://firm.example/"}, "human")
        insert_rows(connection, schema.signal, columns, [*visits, click])
    upgrade(empty)
    paths = [row.path for row in rows_of(empty, schema.signal)]
    empty.close()
    assert paths == [visited_path("visited", data) for data in given] + [None]
