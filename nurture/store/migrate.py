"""Brings a database's schema to the one that this version of Nurture needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from nurture.errors import StoreError
from nurture.store import schema
from nurture.store.engine import Store

MIGRATIONS = Path(__file__).parent / "migrations"

_MIGRATING = 6_075_122
"""The number of the advisory lock that whoever migrates holds (PostgreSQL)."""

_VERSIONS = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32)),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_CURRENT = sa.select(_VERSIONS.c.version_num)
"""Where Alembic keeps the revision of a database."""


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
    known = revisions()
    with store.read() as connection:
        tables = sa.inspect(connection).get_table_names()
        current = _revision(connection, tables)
    if current is not None and current not in known:
        raise StoreError(
            f"the database has schema revision {current!r}, which this version of Nurture does not know",
            hint="it was migrated by a newer version: update Nurture",
        )
    return SchemaState(current, known[-1], empty=not tables)


def _revision(connection: sa.Connection, tables: Collection[str]) -> str | None:
    """Which one a database with these tables has; None when it was never migrated."""
    return connection.scalar(_CURRENT) if _VERSIONS.name in tables else None


def revisions() -> list[str]:
    """Those that this version of Nurture knows, the newest last: each migration's file begins with its own.

    Every command asks for the newest one, and Alembic alone would take a tenth of its time to tell.
    """
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def upgrade(store: Store) -> None:
    """Runs all migrations that the database lacks, in one transaction; of several processes one does.

    An empty database gets the newest schema at once.
    """
    with store.write() as connection:
        if store.is_postgresql:
            # Those started at the same moment wait here, and find nothing left to do. SQLite has one writer.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))
        tables = sa.inspect(connection).get_table_names()
        if tables and _revision(connection, tables) != revisions()[-1]:
            migrate(connection, "head")
        elif not tables:
            schema.metadata.create_all(connection)
            _VERSIONS.create(connection)
            connection.execute(sa.insert(_VERSIONS).values(version_num=revisions()[-1]))


def migrate(connection: sa.Connection, revision: str) -> None:
    """Runs one migration after the other, up to a revision."""
    from alembic import command  # only where there is something to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
