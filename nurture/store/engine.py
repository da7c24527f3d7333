"""Opens the database: SQLite for the embedded deployment, PostgreSQL for the scaled-out one.

`Store.write()` is the unit of work: one transaction, committed at its end or rolled back whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError

from nurture.errors import NurtureError, StoreError
from nurture.store import functions
from nurture.store.types import encode_json

BUSY_TIMEOUT_MS = 30_000

CHECKPOINT_PAGES = 10_000
"""The log of changes is folded into the file at 40 MB: what changes all the time is written there once for
many groups, and not (at SQLite's 4 MB) with each."""


class Store:
    """An engine with two ways in: `read()` and `write()`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self.is_postgresql = self.engine.dialect.name == "postgresql"
        # One picture for all queries of a read: SQLite gives it by itself.
        snapshot = {"isolation_level": "REPEATABLE READ"} if self.is_postgresql else {}
        self._reader = self.engine.execution_options(nurture_read=True, **snapshot)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """One read-write transaction. On SQLite it takes the write lock at once (BEGIN IMMEDIATE).

        Raised when: StoreError, if the database cannot be reached.
        """
        with _spoken(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """One transaction that only reads, and sees one state of the database throughout."""
        with _spoken(self.url), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def is_there(url: str) -> bool:
    """Whether there is anything to ask: of a SQLite database its file, since opening it would make one."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return False
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and Path(parsed.database).is_file())


def _engine(url: str) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError(
            f"database.url is not an address of a database: {url!r}",
            hint="write sqlite:///nurture.db or postgresql+psycopg://user:password@host/name",
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend == "postgresql":
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            json_serializer=encode_json,
            json_deserializer=msgspec.json.decode,
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
        )
    raise StoreError(
        f"database.url names a database that Nurture does not know: {backend!r}",
        hint="write sqlite:///nurture.db or postgresql+psycopg://user:password@host/name",
    )


def _sqlite(url: sa.URL) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    arguments: dict[str, Any] = {"poolclass": sa.StaticPool} if in_memory else {"pool_size": 10}
    engine = sa.create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None},
        json_serializer=encode_json,
        json_deserializer=msgspec.json.decode,
        # What leads wrote must not stand in an error's text, which goes into logs.
        hide_parameters=True,
        **arguments,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # synchronous=FULL: a commit of the outbox must survive a power cut, or a mail could go twice.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        functions.register(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that turns writer half-way fails at once when another one writes; and
        # SQLite drops FOR UPDATE silently, so the write lock is what keeps two workers apart.
        reading = connection.get_execution_options().get("nurture_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _spoken(url: str) -> Iterator[None]:
    """Turns the driver's errors that a user can cause into sentences."""
    try:
        yield
    except OverflowError as error:
        if "SQLite INTEGER" not in str(error):
            raise
        # PostgreSQL finds nothing under such a number; SQLite's driver does not even ask.
        raise NurtureError(
            "nothing here has so large a number", hint="the lists have the numbers: nurture handover list, …"
        ) from error
    except DBAPIError as error:
        missing = re.search(r'no such table: (\w+)|relation "(\w+)" does not exist', str(error.orig))
        if missing:
            raise StoreError(
                f"the database at {_safe(url)} has no table {missing[1] or missing[2]}",
                hint="run: nurture migrate",
            ) from error
        # Without a statement it failed on the way in; with one, the connection may have broken meanwhile.
        if error.connection_invalidated or (isinstance(error, OperationalError) and error.statement is None):
            raise StoreError(
                f"the database at {_safe(url)} cannot be reached: {_first_line(error)}",
                hint="start it, or correct database.url in nurture.toml",
            ) from error
        if "not a database" in str(error.orig):
            raise StoreError(
                f"the database at {_safe(url)} cannot be used: {_first_line(error)}",
                hint="correct database.url in nurture.toml, or move that file away",
            ) from error
        raise


def _safe(url: str) -> str:
    return sa.make_url(url).render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
