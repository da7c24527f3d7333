"""Dramatiq actors and the scheduler, on the in-process broker and on a real Redis-protocol server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dramatiq
import pytest
import redis
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import SystemClock, VirtualClock
from nurture.core.model import DecisionRecord
from nurture.errors import BrokerError
from nurture.jobs.actors import Job, Jobs
from nurture.jobs.broker import build_broker
from nurture.jobs.scheduler import Scheduler
from nurture.store import records, schema
from tests.world import MONDAY, make_app, person, submit


@pytest.fixture(params=["memory", "redis"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """The address of each kind of broker, empty."""
    if request.param == "memory":
        return "memory://"
    url: str = request.getfixturevalue("redis_url")
    redis.Redis.from_url(url).flushall()
    return url


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = make_app(tmp_path / "workspace", f"sqlite:///{tmp_path / 'nurture.db'}", VirtualClock(MONDAY))
    yield app
    app.close()


@contextmanager
def working(app: App, broker_url: str) -> Iterator[Jobs]:
    broker = build_broker(broker_url)
    jobs = Jobs(app, broker)
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    try:
        yield jobs
    finally:
        jobs.stop()
        worker.stop()
        broker.close()


def states(app: App) -> list[str]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(schema.outbox.c.state)).scalars())


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Waits for other threads to have done something, and no longer than that takes."""
    wait, until = threading.Event(), SystemClock().now() + timedelta(seconds=seconds)
    while not holds():
        if SystemClock().now() > until:
            return False
        wait.wait(0.02)
    return True


def test_one_ring_leads_from_the_inbox_to_the_mail(app: App, broker_url: str) -> None:
    submit_only(app)
    with working(app, broker_url) as jobs:
        jobs.ring(Job.SORT)
        assert eventually(lambda: states(app) == ["sent"])


def test_the_scheduler_rings_for_what_is_due(app: App, broker_url: str) -> None:
    submit_only(app)
    with working(app, broker_url) as jobs:
        Scheduler(app, jobs).look()
        assert eventually(lambda: states(app) == ["sent"])


def test_flushing_the_broker_loses_nothing(app: App, redis_url: str) -> None:
    submit_only(app)
    client = redis.Redis.from_url(redis_url)
    with working(app, redis_url) as jobs:
        scheduler = Scheduler(app, jobs)
        scheduler.look()
        client.flushall()
        app.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]  # this clock is virtual
        scheduler.look()
        assert eventually(lambda: states(app) == ["sent"])


def test_two_rings_for_the_same_work_do_it_once(app: App, broker_url: str) -> None:
    submit(app, *(person(number) for number in range(50)))
    with working(app, broker_url) as jobs:
        jobs.ring(Job.ADVANCE, times=5)
        assert eventually(lambda: states(app) == ["sent"] * 50)


def test_of_two_schedulers_one_leads(app: App) -> None:
    jobs = Jobs(app, build_broker("memory://"))
    assert [Scheduler(app, jobs).look(), Scheduler(app, jobs).look()] == [True, False]


def test_a_scheduler_takes_over_when_the_leader_is_silent(app: App) -> None:
    jobs = Jobs(app, build_broker("memory://"))
    Scheduler(app, jobs).look()
    app.clock.advance(timedelta(seconds=11))  # type: ignore[attr-defined]  # this clock is virtual
    assert Scheduler(app, jobs).look()


def test_without_workers_the_bell_rings_ever_less_often(app: App) -> None:
    submit_only(app)
    broker = build_broker("memory://")
    jobs = Jobs(app, broker)
    scheduler = Scheduler(app, jobs)
    for _ in range(60):
        scheduler.look()
        app.clock.advance(timedelta(seconds=1))  # type: ignore[attr-defined]  # this clock is virtual
    assert 5 <= broker.queues["sort"].qsize() <= 12


def test_a_job_that_fails_leaves_its_work_due(app: App, tmp_path: Path) -> None:
    submit(app, person(1))
    with app.store.write() as connection:
        broken = {"source": "this is no profile", "hash": "another"}
        connection.execute(sa.update(schema.profile_version).values(broken))
    jobs = Jobs(app, build_broker("memory://"))
    jobs.drain(Job.ADVANCE)
    with app.store.read() as connection:
        assert connection.execute(sa.select(schema.journey.c.attempts)).scalar_one() == 0
    assert app.waiting()["advance"] == 1


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://:topsecret@127.0.0.1:1/0"])
def test_a_broker_that_is_away_is_told_without_its_password(url: str) -> None:
    with pytest.raises(BrokerError, match="cannot be reached") as caught:
        build_broker(url)
    assert "topsecret" not in caught.value.message


def test_an_address_of_no_broker_is_told_with_examples() -> None:
    with pytest.raises(BrokerError) as caught:
        build_broker("amqp://localhost")
    assert "redis://" in caught.value.hint


def submit_only(app: App) -> None:
    """One lead comes in and is not sorted yet."""
    import io
    import json

    from nurture.plug.contracts import Payload

    payload = Payload(io.BytesIO(json.dumps(person(1)).encode()), "brochure", "application/json")
    app.intake().receive("webform", payload)


def test_a_clock_that_is_set_back_does_not_silence_the_bell(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY)
    app = make_app(tmp_path / "workspace", f"sqlite:///{tmp_path / 'back.db'}", clock)
    submit_only(app)
    broker = build_broker("memory://")
    scheduler = Scheduler(app, Jobs(app, broker))
    scheduler.look()
    app.clock = VirtualClock(MONDAY - timedelta(hours=1))
    scheduler.look()
    app.close()
    assert broker.queues["sort"].qsize() == 2


# --- retention --------------------------------------------------------------------------------------


def test_a_look_of_the_scheduler_lets_old_records_go(tmp_path: Path, database_url: str) -> None:
    app = with_old_records(tmp_path / "workspace", database_url)
    broker = build_broker("memory://")
    Scheduler(app, Jobs(app, broker)).look()
    broker.close()
    assert kept(app) == ["b"]
    app.close()


def test_a_tick_lets_old_records_go(tmp_path: Path, database_url: str) -> None:
    app = with_old_records(tmp_path / "workspace", database_url)
    app.tick()
    assert kept(app)[0] == "b"
    app.close()


def test_without_the_setting_records_are_kept_for_ever(tmp_path: Path, database_url: str) -> None:
    app = with_old_records(tmp_path / "workspace", database_url, decisions=None)
    app.sweep()
    assert kept(app) == ["a", "b"]
    app.close()


def with_old_records(folder: Path, url: str, decisions: timedelta | None = timedelta(days=30)) -> App:
    app = make_app(folder, url, VirtualClock(MONDAY), retention={"decisions": decisions})
    submit(app, person(1))
    with app.store.write() as connection:
        old = [(1, DecisionRecord("not_sent", "because", "c", "v", step)) for step in ("a", "b")]
        records.add_records(connection, old, MONDAY - timedelta(days=31))
    return app


def kept(app: App) -> list[str | None]:
    with app.store.read() as connection:
        return [told.record.step for told in records.told(connection, [1])]
