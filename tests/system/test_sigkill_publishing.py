"""SIGKILL in the middle of a publication, and of an errand: nothing is half done, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from nurture.testing import servers
from tests.system.world import CAMPAIGN, World, eventually, world

PEOPLE = 40

WAITING = CAMPAIGN.replace("    - {id: welcome,", "    - {id: settle, wait: 3d}\n    - {id: welcome,")
MOVED = WAITING.replace("{id: settle, wait: 3d}", "{id: calm, wait: 5d}").replace(
    "stages:", "moved: {settle: calm}\nstages:"
)
"""Each person's step changes, so that they are moved one by one and not only pinned to another version."""


def write_campaign(made: World, text: str) -> None:
    (made.folder / "campaigns" / "greeting.yaml").write_text(text, encoding="utf-8")


def rows(made: World, table: sa.Table) -> list[Any]:
    with made.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def all_that_publishing_writes(made: World) -> list[list[Any]]:
    tables = (schema.campaign, schema.campaign_version, schema.publication, schema.enrolment, schema.journey)
    return [rows(made, table) for table in tables]


def others_at_work(store: Store, *, waiting: bool) -> bool:
    """Whether the database is at work for anybody else; with `waiting`, whether they wait for a lock."""
    activity = sa.table("pg_stat_activity", *map(sa.column, ("datname", "pid", "state", "wait_event_type")))
    how = activity.c.wait_event_type == "Lock" if waiting else activity.c.state != "idle"
    here = activity.c.datname == sa.func.current_database()
    query = sa.select(sa.func.count()).where(here, activity.c.pid != sa.func.pg_backend_pid(), how)
    with store.read() as connection:
        return bool(connection.scalar(query))


def test_a_publication_that_is_killed_has_published_nothing(postgresql_url: str, tmp_path: Path) -> None:
    with (
        servers.database(postgresql_url) as database,
        world(tmp_path / "workspace", database=database) as made,
    ):
        write_campaign(made, WAITING)
        made.import_people(PEOPLE)
        assert made.run("tick").returncode == 0
        before = all_that_publishing_writes(made)
        write_campaign(made, MOVED)
        last = rows(made, schema.enrolment)[-1].id
        # Whoever publishes comes as far as this person: versions are written, and some people are moved.
        with made.store.write() as connection:
            held = sa.select(schema.enrolment.c.id).where(schema.enrolment.c.id == last).with_for_update()
            connection.execute(held)
            process = made.start("publish", "--yes")
            assert eventually(lambda: others_at_work(made.store, waiting=True), 30), process.said()
            process.kill()
        assert eventually(lambda: not others_at_work(made.store, waiting=False), 30)
        assert all_that_publishing_writes(made) == before
        done = made.run("publish", "--yes")
        assert done.returncode == 0, done.stderr
        assert {row.step for row in rows(made, schema.enrolment)} == {"calm"}


class Receiver(ThreadingHTTPServer):
    """A CRM that hangs on the first post and answers all others; remembers each one's key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.keys: list[str] = []
        self.killed = threading.Event()


class _Posted(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        if len(self.server.keys) == 1:
            self.server.killed.wait(60)
        try:
            self.send_response(204)
            self.end_headers()
        except OSError:
            pass  # whoever posted is no more

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.killed.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_errand_whose_process_is_killed_is_done_again_with_the_same_key(
    receiver: Receiver, tmp_path: Path
) -> None:
    with world(tmp_path / "workspace") as made:
        step = f"    - {{id: tell, do: {{webhook: 'http://127.0.0.1:{receiver.server_port}/crm'}}}}\n"
        write_campaign(made, CAMPAIGN.replace("    - {id: welcome,", f"{step}    - {{id: welcome,"))
        made.import_people(1)
        process = made.start("run", "--threads=1")
        assert eventually(lambda: receiver.keys, 40), process.said()
        process.kill()
        receiver.killed.set()
        assert [row.state for row in rows(made, schema.errand)] == ["claimed"]
        with made.store.write() as connection:  # the dead one's lease runs out
            connection.execute(sa.update(schema.errand).values(lease_until=schema.errand.c.created_at))
        assert made.run("tick").returncode == 0
        assert [row.state for row in rows(made, schema.errand)] == ["done"]
        first, second = receiver.keys
        assert first == second
