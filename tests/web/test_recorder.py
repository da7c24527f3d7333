"""Group commit: answered after the commit, nothing twice, and honest about what could not be stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from nurture.clock import VirtualClock
from nurture.core.model import Signal
from nurture.store import consents, schema
from nurture.store.engine import Store
from nurture.web.hits import Hit, Unsubscribed
from nurture.web.recorder import Recorder
from tests.store.people import NOW, StatementCounter, add_contacts, rows_of
from tests.web.world import BROWSER, GONE, LINK, both_databases

pytestmark = both_databases

HIT = Hit(LINK, NOW, "GET", BROWSER, {})
T = TypeVar("T")


class Failing:
    """Makes the first `times` commits of a store fail, as a lost connection does."""

    def __init__(self, store: Store, times: int) -> None:
        self.left = times
        event.listen(store.engine, "commit", self._fail)

    def _fail(self, _connection: sa.Connection) -> None:
        if self.left > 0:
            self.left -= 1
            raise sa.exc.OperationalError("COMMIT", {}, OSError("gone away"), connection_invalidated=False)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


def run(recorder: Recorder, job: Callable[[], Awaitable[T]]) -> T:
    """Runs `job` beside a recorder that is stopped, and so has stored all it can, afterwards."""

    async def all_of_it() -> T:
        recorder.start()
        try:
            return await job()
        finally:
            await asyncio.to_thread(recorder.stop)

    return asyncio.run(all_of_it())


def record(recorder: Recorder, *happened: Any, patience: float = 20) -> list[bool]:
    async def job() -> list[bool]:
        return list(await asyncio.gather(*(recorder.record(one, patience=patience) for one in happened)))

    return run(recorder, job)


def record_together(recorder: Recorder, happened: Sequence[Hit]) -> list[bool]:
    """All of them wait before the writer starts, and so are one group."""

    async def job() -> list[bool]:
        waiting = [asyncio.ensure_future(recorder.record(one, patience=20)) for one in happened]
        await asyncio.sleep(0)
        recorder.start()
        try:
            return await asyncio.gather(*waiting)
        finally:
            await asyncio.to_thread(recorder.stop)

    return asyncio.run(job())


def test_it_is_stored_when_the_answer_comes(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    recorder = Recorder(store, clock)

    async def job() -> int:
        assert await recorder.record(HIT, patience=20)
        return len(rows_of(store, schema.signal))

    assert run(recorder, job) == 1


def test_what_comes_together_is_committed_together(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    counter = StatementCounter(store)
    assert record_together(Recorder(store, clock), [HIT] * 500) == [True] * 500
    assert (len(commits), counter.n < 20) == (1, True)
    assert len(rows_of(store, schema.signal)) == 500


def test_a_lost_connection_is_tried_again_and_stores_nothing_twice(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    Failing(store, times=1)
    assert record(Recorder(store, clock), HIT, HIT) == [True, True]
    assert len(rows_of(store, schema.signal)) == 2


def test_a_database_that_stays_away_is_admitted(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    failing = Failing(store, times=99)
    recorder = Recorder(store, clock, keep_trying=timedelta())
    assert record(recorder, HIT) == [False]
    assert failing.left == 98


def test_the_next_group_is_stored_after_one_was_lost(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    Failing(store, times=1)
    recorder = Recorder(store, clock, keep_trying=timedelta())

    async def job() -> list[bool]:
        return [await recorder.record(HIT, patience=20) for _ in range(2)]

    assert run(recorder, job) == [False, True]


def test_whoever_runs_out_of_patience_is_answered_and_stored_later(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    recorder = Recorder(store, clock)

    async def job() -> bool:
        # Not started yet: as long as the database would be away.
        return await recorder.record(HIT, patience=0.01)

    assert asyncio.run(job()) is False
    recorder.start()
    recorder.stop()
    assert len(rows_of(store, schema.signal)) == 1


def test_a_full_queue_refuses_at_once(store: Store, clock: VirtualClock) -> None:
    recorder = Recorder(store, clock, capacity=2)

    async def job() -> bool:
        waiting = [asyncio.ensure_future(recorder.record(HIT, patience=20)) for _ in range(2)]
        await asyncio.sleep(0)
        refused = await recorder.record(HIT, patience=20)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return refused

    assert asyncio.run(job()) is False


def test_one_bad_hit_takes_no_good_one_along(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    bad = replace(HIT, at=NOW.replace(tzinfo=None))
    assert record_together(Recorder(store, clock), [HIT, bad, HIT, HIT]) == [True, False, True, True]
    assert len(rows_of(store, schema.signal)) == 3


def test_a_click_and_an_unsubscribe_go_in_one_transaction(store: Store, clock: VirtualClock) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW - timedelta(days=1))
    record(Recorder(store, clock), HIT, Unsubscribed(GONE, NOW, "one-click"))
    assert sorted(row.kind for row in rows_of(store, schema.signal)) == ["clicked", "unsubscribed"]
    assert [row.granted for row in rows_of(store, schema.consent)] == [False]


def test_observers_are_told_after_the_commit_and_cannot_stop_the_writer(
    store: Store, clock: VirtualClock
) -> None:
    add_contacts(store)
    seen: list[tuple[int, int]] = []

    def observe(signals: Sequence[Signal]) -> None:
        seen.append((len(signals), len(rows_of(store, schema.signal))))
        raise RuntimeError("an observer's own trouble")

    recorder = Recorder(store, clock, observe=observe)

    async def job() -> list[bool]:
        return [await recorder.record(HIT, patience=20) for _ in range(2)]

    assert run(recorder, job) == [True, True]
    assert seen == [(1, 1), (1, 2)]
