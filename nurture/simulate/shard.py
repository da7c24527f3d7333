"""Runs the days of one shard: the engine does what is due, people act, and the clock goes on.

The clock stands only at multiples of `STEP` since the start, and only where anything is due: what is due in
between is done at the next of them. So a decision comes at most half an hour later than in production, and
what happens within the half hour is decided on together, which is what makes it fast.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.model import Lifecycle
from nurture.deliver.relays import Relays
from nurture.deliver.sender import Sender
from nurture.settings import Settings
from nurture.simulate.acts import Act, record_acts
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.days import Days
from nurture.simulate.flows import Flows, standing
from nurture.simulate.master import Shard, copy_shard
from nurture.simulate.post import RecordingTransport, Scribe
from nurture.simulate.readers import Readers
from nurture.simulate.sales import Sales
from nurture.simulate.wiring import SEND_BATCH, SimulatedApp, simulated_app
from nurture.store import journey, schema

STEP = timedelta(minutes=30)
BATCH = 2_500


@dataclass(frozen=True, slots=True)
class Task:
    """What a shard needs to be run, in this process or another. `script` are the events of its people."""

    settings: Settings
    database: Path
    shard: Shard
    campaign: str
    purpose: str
    timezone: str
    start: datetime
    days: int
    seed: int
    behaviour: Behaviour | None
    script: tuple[Act, ...] = ()


class ShardRun:
    """One shard's database, services and queue of what will happen."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.clock = VirtualClock(task.start)
        self.app: SimulatedApp = simulated_app(task.settings, "sqlite://", self.clock)
        copy_shard(self.app.store, task.database, task.shard)
        self.flows = Flows()
        self.app.advancer.watch = lambda decided: self.flows.take(decided, self.clock.now())
        scribe = Scribe(self.app.templates, self.app.signer, self.app.settings)
        readers = Readers(task.behaviour, task.seed, task.timezone) if task.behaviour else None
        self.post = RecordingTransport(scribe, self.clock, readers, self._plan)
        self.sender = Sender(
            self.app.store,
            self.clock,
            Relays.only(self.post),
            self.app.templates,
            self.app.signer,
            settings=self.app.settings,
            campaign_of=self.app.plans.campaign,
        )
        self.sender.writer = scribe
        self.sales = Sales(task.behaviour.sales if task.behaviour else None, task.seed, self.app)
        self.days = Days(task.start, task.days, task.timezone)
        with self.app.store.read() as connection:
            self.began = standing(connection)
        self.stages: list[dict[str, int]] = []
        self.problems: set[str] = set()
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()
        for act in task.script:
            self._plan(act)

    def run(self, day_over: Callable[[], None] = lambda: None) -> None:
        """From the start to the end of the last day; tells whenever a `day_over` is."""
        end = self.days.end
        self._day_over = day_over
        while True:
            self._work()
            upcoming = self._next()
            if upcoming is None or upcoming >= end:
                break
            self._pass_days(upcoming)
            self.clock.set(upcoming)
            self._happen(upcoming)
        self._pass_days(end)
        self.clock.set(end)

    def close(self) -> None:
        """Gives the memory free."""
        self.app.close()

    def _plan(self, act: Act) -> None:
        heapq.heappush(self._acts, (act.at, next(self._order), act))

    def _work(self) -> None:
        """Everything that is due now, to its end. A refused mail is a bounce, which wakes its contact."""
        again = True
        while again:
            sends = handovers = 0
            while True:
                report = self.app.advancer.advance_batch(BATCH)
                sends += report.sends
                handovers += report.handovers
                if report.contacts < BATCH:
                    break
            if handovers:
                self.sales.notice()
            again = self._send() if sends else False

    def _send(self) -> bool:
        refused = False
        claimed = SEND_BATCH
        while claimed == SEND_BATCH:
            report = self.sender.send_batch()
            claimed = report.claimed
            refused = refused or bool(report.refused)
            self.problems.update(report.problems)
            if report.error:
                self.problems.add(report.error)
        return refused

    def _next(self) -> datetime | None:
        """The next moment on the grid, after now, at which there is anything to do. No mail ever waits."""
        with self.app.store.read() as connection:
            moments = [journey.next_due(connection)]
        moments += [self._acts[0][0] if self._acts else None, self.sales.next_answer()]
        known = [moment for moment in moments if moment is not None]
        if not known:
            return None
        start = self.task.start
        # Rounded up, and at least one step further on.
        steps = max(-((start - min(known)) // STEP), (self.clock.now() - start) // STEP + 1)
        return start + steps * STEP

    def _happen(self, now: datetime) -> None:
        acts = list(self._until(now))
        if acts:
            with self.app.store.write() as connection:
                record_acts(connection, acts, self.task.purpose, now, self.app.signer)
        self.sales.answer(now)

    def _until(self, now: datetime) -> Iterable[Act]:
        while self._acts and self._acts[0][0] <= now:
            yield heapq.heappop(self._acts)[2]

    def _pass_days(self, until: datetime) -> None:
        """Counts who stands where at the end of each day that is over by `until`."""
        while len(self.stages) < self.days.number and self.days.ends[len(self.stages)] <= until:
            self.stages.append(self._standing())
            self._day_over()

    def _standing(self) -> dict[str, int]:
        table = schema.journey
        with self.app.store.read() as connection:
            # One pass over the shard's people, once a day.
            rows = connection.execute(
                sa.select(table.c.lifecycle, table.c.stage, sa.func.count()).group_by(
                    table.c.lifecycle, table.c.stage
                )
            ).all()
        counts: Counter[str] = Counter()
        for lifecycle, stage, number in rows:
            counts[stage if lifecycle == Lifecycle.CONTACT else lifecycle] += number
        return dict(counts)
