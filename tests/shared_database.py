"""One PostgreSQL database with every table, lent to one test after the other and emptied between them.

To make a database takes a third of a second, and thousands of tests want one; to empty it takes a tenth of
that. When a test has changed the tables themselves, the next one gets a new database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from nurture.store.migrate import revisions, upgrade
from nurture.testing import servers

_FILLED = sa.union_all(
    *(
        sa.select(sa.literal(table.name)).where(sa.exists(sa.select(sa.literal(1)).select_from(table)))
        for table in reversed(schema.metadata.sorted_tables)
    )
)
_SHAPE = """
SELECT (SELECT string_agg(relname::text, ',' ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
       (SELECT count(*) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint),
       (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
"""
_REVISION = sa.text("SELECT max(version_num) FROM alembic_version")
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_COUNTERS = """
SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences WHERE last_value IS NOT NULL
"""


def create_tables(url: str) -> None:
    """Every table, in an empty database."""
    store = Store(url)
    upgrade(store)
    store.close()


@cache
def _file_with_tables() -> bytes:
    """An SQLite database with every table."""
    with TemporaryDirectory(prefix="nurture-tables-") as folder:
        file = Path(folder) / "nurture.db"
        create_tables(f"sqlite:///{file}")
        return file.read_bytes()


@contextmanager
def made_database(request: pytest.FixtureRequest, folder: Path, *, on_sqlite: bool) -> Iterator[str]:
    """A database for one test with every table; without any where the test is marked `empty_database`."""
    with_tables = request.node.get_closest_marker("empty_database") is None
    if on_sqlite:
        file = folder / "nurture.db"
        if with_tables:
            file.write_bytes(_file_with_tables())
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_url")
    shared: SharedDatabase = request.getfixturevalue("_shared")
    with shared.lent() if with_tables else servers.database(server) as url:
        yield url


class SharedDatabase:
    """A database on the server at `server_url`, made when it is first wanted."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._made = ExitStack()
        self._url: str | None = None
        self._shape: object = None

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Its address; empty at first, and emptied afterwards."""
        url = self._url or self._make()
        try:
            yield url
        finally:
            if not self._empty(url):
                self.drop()

    def drop(self) -> None:
        """Drops it; the next one gets a new one."""
        self._made.close()
        self._url = None

    def _make(self) -> str:
        url = self._made.enter_context(servers.database(self._server_url))
        create_tables(url)
        with _opened(url) as connection:
            self._shape = connection.exec_driver_sql(_SHAPE).one()
        self._url = url
        return url

    def _empty(self, url: str) -> bool:
        """False when its tables are not what they were."""
        with _opened(url) as connection:
            connection.exec_driver_sql(_OTHERS)
            if connection.exec_driver_sql(_SHAPE).one() != self._shape:
                return False
            if connection.scalar(_REVISION) != revisions()[-1]:
                return False
            quote = connection.dialect.identifier_preparer.quote
            # TRUNCATE makes new files for every table and index: for a few rows, DELETE is quicker.
            for name in list(connection.scalars(_FILLED)):
                connection.exec_driver_sql(f"DELETE FROM {quote(name)}")  # noqa: S608 - own names
            connection.exec_driver_sql(_COUNTERS)
        return True


@contextmanager
def _opened(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
