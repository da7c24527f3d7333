"""How fast opens and clicks are answered, each after a durable commit: real tokens over real HTTP, on one
server process as `nurture web` runs it.

Two limits are measured in the same run: the same server answering without storing, and a bare handler that
reads nothing and commits a small row in groups. The second is what the ratio compares with.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.load import WRK, hammer, paced
from nurture.app import build_app
from nurture.setting_web import Web
from nurture.settings import Database, Plugins, Settings, load_settings
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.tokens import CLICK, CLICK_PATH, OPEN, OPEN_PATH, LinkFacts, OpenFacts, Signer
from nurture.web.public import public_app
from nurture.web.recorder import Recorder
from nurture.web.server import be_quick, serve
from nurture.web.tracking import GIF
from nurture.workspace import create_workspace

PROCESSES = multiprocessing.get_context("spawn")
KEY = "a key for the benchmark, long enough"
CONNECTIONS = 512
PACED_CONNECTIONS = 64
CHUNK = 10_000


def fill(url: str, contacts: int) -> list[str]:
    """Contacts who got a mail an hour ago; returns the paths of their links and pixels, mixed."""
    store, signer, now = Store(url), Signer(KEY), datetime.now(UTC)
    ids = range(1, contacts + 1)
    with store.write() as connection:
        schema.metadata.create_all(connection)
        version = {"id": 1, "name": "c", "hash": "h", "source": "", "file": "", "published_at": now}
        connection.execute(sa.insert(schema.campaign_version), version)
        people = ((i, f"reader{i}@example.com", now, now) for i in ids)
        insert_rows(connection, schema.contact, ("id", "email", "created_at", "updated_at"), people)
        journeys = ((i, "contact", "orientation") for i in ids)
        insert_rows(connection, schema.journey, ("contact_id", "lifecycle", "stage"), journeys)
        sent = {
            "campaign": "new-website",
            "version_id": 1,
            "step": "welcome",
            "occurrence": 1,
            "state": "sent",
        }
        same = {**sent, "template": "welcome", "purpose": "marketing", "locale": "nl"}
        times = {"created_at": now, "not_before": now, "done_at": now - timedelta(hours=1)}
        columns = ("id", "contact_id", "message_id", *same, *times)
        mails = ((i, i, f"<{i}@x.example>", *same.values(), *times.values()) for i in ids)
        insert_rows(connection, schema.outbox, columns, mails)
    if store.is_postgresql:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    store.close()
    where = "https://firm.example/prices?from=mail&number="
    clicks = [signer.sign(CLICK, LinkFacts(i, i, "new-website", "welcome", f"{where}{i}")) for i in ids]
    opens = [signer.sign(OPEN, OpenFacts(i, i, "new-website", "welcome")) for i in ids]
    paths = [CLICK_PATH.format(token=token) for token in clicks]
    paths += [OPEN_PATH.format(token=token) for token in opens]
    random.Random(1).shuffle(paths)
    return paths


# --- the servers, each a process of its own ----------------------------------------------------------


def server(kind: str, url: str, port: int, pipe: Connection) -> None:
    """Serves until it is told to stop; tells its memory when asked, and at the end."""
    kind, _, folder = kind.partition(" in ")
    app = build_app(_settings(folder, url, port))
    if folder:
        app.publish()
    made: dict[str, Callable[[], Callable[..., Any]]] = {
        "stored": lambda: public_app(app),
        "not stored": lambda: _unstored(app),
        "bare": lambda: _Bare(app.store),
    }
    stop = threading.Event()
    be_quick()
    thread = threading.Thread(
        target=serve, args=(made[kind](), "127.0.0.1", port, stop, lambda: pipe.send("ready"))
    )
    thread.start()
    while pipe.recv() != "stop":
        pipe.send(peak_rss_mb())
    stop.set()
    thread.join()
    app.close()


def _settings(folder: str, url: str, port: int) -> Settings:
    """Just enough of them; with a folder, a whole workspace made there."""
    given: dict[str, Any] = {"secret_key": KEY, "database": Database(url=url), "web": Web(port=port)}
    if not folder:
        return Settings(plugins=Plugins(load=("maildir",)), **given)
    create_workspace(Path(folder))
    return load_settings(Path(folder)).model_copy(update={**given, "secret_key": SecretStr(KEY)})


def _unstored(app: Any) -> Callable[..., Any]:
    """The public application with a recorder that keeps nothing."""

    async def at_once(_self: Recorder, _happened: Any, *, patience: float) -> bool:
        return True

    # In a process of its own, and the application makes its recorder itself.
    Recorder.record = at_once  # type: ignore[method-assign, assignment]
    return public_app(app)


class _Bare:
    """Any request is a small row, committed in groups; reads no token and no header."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._filled = threading.Condition()
        self._waiting: list[asyncio.Future[None]] = []
        self._table = sa.Table("bare", sa.MetaData(), sa.Column("path", sa.Text), sa.Column("at", sa.Text))
        with store.write() as connection:
            self._table.drop(connection, checkfirst=True)
            self._table.create(connection)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._write, daemon=True).start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert self._loop is not None
        stored = self._loop.create_future()
        with self._filled:
            self._waiting.append(stored)
            self._filled.notify()
        await stored
        length = (b"content-length", b"43")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": GIF})

    def _write(self) -> None:
        assert self._loop is not None
        while True:
            with self._filled:
                while not self._waiting:
                    self._filled.wait()
                group, self._waiting = self._waiting, []
            with self._store.write() as connection:
                insert_rows(connection, self._table, ("path", "at"), [("/c/x", "now")] * len(group))
            self._loop.call_soon_threadsafe(_settle, group)


def _settle(group: Sequence[asyncio.Future[None]]) -> None:
    for one in group:
        one.set_result(None)


@contextmanager
def running(kind: str, url: str) -> Iterator[tuple[int, Connection]]:
    """The port of a server, and the pipe to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=server, args=(kind, url, port, theirs), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    try:
        yield port, ours
    finally:
        ours.send("stop")
        process.join()


def memory(pipe: Connection) -> float:
    """The most memory that a server has had so far, in MiB."""
    pipe.send("memory")
    return float(pipe.recv())


def stored(url: str) -> int:
    """How many signals there are."""
    store = Store(url)
    with store.read() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(schema.signal)) or 0
    store.close()
    return count


def main() -> None:
    """Measures and prints."""
    args = parser("track", n=100_000, about=__doc__).parse_args()
    few = max(args.n // 5, 5_000)
    load = {"connections": CONNECTIONS, "threads": args.workers}
    with database(args) as url:
        # Every address is asked for once or twice, as in earnest.
        paths = fill(url, args.n // 2)
        with running("bare", url) as (port, _):
            hammer(port, paths, few, **load)
            bare = hammer(port, paths, few, **load)
        with running("not stored", url) as (port, _):
            hammer(port, paths, few, **load)
            unstored = hammer(port, paths, few, **load)
        with running("stored", url) as (port, pipe):
            warm = hammer(port, paths, few, **load)
            before = memory(pipe)
            full = hammer(port, paths, args.n, **load)
            after = memory(pipe)
            time.sleep(1)
            half = paced(port, paths, args.n // 2, rate=full.rate / 2, connections=PACED_CONNECTIONS)
            answered = warm.answered + full.answered + half.answered
        kept = stored(url)
    failed = warm.failed + full.failed + half.failed
    if failed or kept < answered:
        raise SystemExit(f"{failed} of {answered} requests failed, and only {kept} were stored")
    notes = [
        f"{'wrk' if WRK else 'a load of our own'}, {CONNECTIONS} connections; half opens, half clicks",
        f"the same server without storing: {unstored.rate:,.0f}",
        f"a bare handler with group commit, the limit above: {bare.rate:,.0f}",
        f"under full load p50 {full.p50:.1f} ms, p99 {full.p99:.1f} ms",
        f"at {half.rate:,.0f} requests/s p50 {half.p50:.1f} ms, p99 {half.p99:.1f} ms",
        f"memory {before:,.0f} MiB before, {after:,.0f} MiB after; {kept:,} stored of {answered:,} answered",
    ]
    more = {
        "limit_without_storing": unstored.rate,
        "full_p50_ms": full.p50,
        "full_p99_ms": full.p99,
        "half_rate": half.rate,
        "half_p50_ms": half.p50,
        "half_p99_ms": half.p99,
        "warm_rss_mb": before,
    }
    result = Result("track", full.rate, "requests/s", bare.rate, full.rate / bare.rate, after, full.answered)
    report(result, args.json, notes, more)


if __name__ == "__main__":
    main()
