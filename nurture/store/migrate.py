"""Brings a database's schema to the one that this version of Nurture needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from nurture.errors import StoreError
from nurture.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"

_MIGRATING = 6_075_122
"""The number of the advisory lock that whoever migrates holds (PostgreSQL)."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`current` is the database's revision (None: never migrated), `head` the one that is needed."""

    current: str | None
    head: str
    empty: bool

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


def schema_state(store: Store) -> SchemaState:
    """Which revision the database has. Raised when it has one that this version does not know: StoreError."""
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    assert head is not None
    with store.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        tables = sa.inspect(connection).get_table_names()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"the database has schema revision {current!r}, which this version of Nurture does not know",
            hint="it was migrated by a newer version: update Nurture",
        )
    return SchemaState(current, head, empty=not tables)


def upgrade(store: Store) -> None:
    """Runs all migrations that the database lacks, in one transaction; of several processes one does."""
    with store.write() as connection:
        if store.is_postgresql:
            # Those started at the same moment wait here, and find nothing left to do. SQLite has one writer.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        command.upgrade(_config(connection), "head")


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
