"""`nurture simulate`: a campaign over a whole list of leads, day by day, before anybody gets a mail.

What runs is production's own code: the intake, the sorter, `decide` and the advancer, the outbox and the
sender, on SQLite; only the clock, the people and the post are made up. The list is imported once; then its
shards are run, several at a time, each in a database in memory.
"""

from __future__ import annotations

import gc
import itertools
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nurture.logs import set_up_logs
from nurture.memory import collect_seldom
from nurture.settings import Settings
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.events import Script, acts_of
from nurture.simulate.lists import Leads
from nurture.simulate.master import SHARD, Master, prepare
from nurture.simulate.merge import merge
from nurture.simulate.present import people_there
from nurture.simulate.result import PeopleFrom, SimulationResult
from nurture.simulate.shard import ShardRun, Task
from nurture.simulate.tally import Tally, tally_of

PROCESSES = 4
"""At most so many at once, however many cores there are: each takes memory."""

SMALL_FILE = 100_000
"""Bytes in which there is hardly more than one shard."""

LOOK_SECONDS = 0.5
"""How often progress is told."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be simulated. `behaviour` None: nobody does anything but what the `script` says.

    `leads` are the lists, in their order; none where the people are those of the workspace's database.
    A naive `start` is meant in the campaign's time zone; None is the next midnight there.
    """

    campaign: str
    leads: Sequence[Leads]
    start: datetime | None
    days: int
    seed: int
    behaviour: Behaviour | None = None
    script: Script | None = None
    people: PeopleFrom = PeopleFrom.FILE


def simulate(
    settings: Settings,
    order: Order,
    *,
    processes: int = 0,
    progress: Progress = lambda words: None,
) -> SimulationResult:
    """Runs it. The same order gives the same result, on any number of `processes` (0: one a core).

    `progress` is told what is being done, from time to time.
    Raised when the campaign, the file or the script is wrong: NurtureError.
    """
    wanted = processes or (1 if _is_small(settings, order) else min(_cores(), PROCESSES))
    with tempfile.TemporaryDirectory(prefix="nurture-simulate-") as folder, _workers(wanted) as workers:
        master = prepare(
            settings,
            order.campaign,
            order.people,
            order.leads,
            order.start,
            Path(folder) / "people.db",
            progress,
        )
        tasks = _tasks(settings, order, master)
        whole = order.days * len(tasks)

        def passed(done: int) -> None:
            progress(f"{done * 100 // whole} % of {order.days} days")

        tallies = _one_by_one(tasks, passed) if workers is None else workers.run(tasks, passed)
        return merge(master, tallies, settings, order.days, order.seed)


def _cores() -> int:
    """Those that this process may use: in a container often fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_small(settings: Settings, order: Order) -> bool:
    """Whether all will surely fit into one shard, so that further processes would have nothing to do."""
    if order.people is PeopleFrom.DATABASE:
        return people_there(settings) <= SHARD
    return sum(one.file.stat().st_size for one in order.leads if one.file.is_file()) < SMALL_FILE


def run_shard(task: Task, day_over: Callable[[], None]) -> Tally:
    """One shard from its start to its tally; in whatever process."""
    run = ShardRun(task)
    try:
        run.run(day_over)
        return tally_of(run)
    finally:
        run.close()
        del run
        # What refers to itself would stay until the collector looks, which here is seldom.
        gc.collect()


def _tasks(settings: Settings, order: Order, master: Master) -> Sequence[Task]:
    script = acts_of(order.script, master) if order.script else {}
    return [
        Task(
            settings=settings,
            database=master.database,
            shard=shard,
            campaign=master.campaign.name,
            purpose=master.campaign.purpose,
            timezone=master.campaign.timezone,
            start=master.start,
            days=order.days,
            seed=order.seed,
            behaviour=order.behaviour,
            script=tuple(script.get(shard.number, ())),
        )
        for shard in master.shards
    ]


def _one_by_one(tasks: Sequence[Task], passed: Callable[[int], None]) -> list[Tally]:
    numbers = itertools.count(1)
    return [run_shard(task, lambda: passed(next(numbers))) for task in tasks]


# --- processes --------------------------------------------------------------------------------------


class _Workers:
    """Processes that run shards; they get ready while the list is still being read."""

    def __init__(self, pool: ProcessPoolExecutor, days: Any) -> None:
        self._pool = pool
        self._days = days

    def run(self, tasks: Sequence[Task], passed: Callable[[int], None]) -> list[Tally]:
        """The tallies in the order of the tasks; `passed` is told how many of all their days are over."""
        running = [self._pool.submit(run_shard, task, _count_day) for task in tasks]
        while wait(running, timeout=LOOK_SECONDS, return_when=FIRST_EXCEPTION).not_done:
            if any(one.done() and one.exception() for one in running):
                break
            passed(self._days.value)
        return [one.result() for one in running]


@contextmanager
def _workers(processes: int) -> Iterator[_Workers | None]:
    """A pool of so many processes; None where one is enough, which is this one."""
    if processes < 2:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    days = context.Value("q")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(days,))
    try:
        for _ in range(processes):
            pool.submit(_begun)
        yield _Workers(pool, days)
    finally:
        pool.shutdown(cancel_futures=True)


_days: Any = None
"""In a process of the pool: the counter of the days that are over, which all of them share."""


def _begin(days: Any) -> None:
    global _days
    _days = days
    set_up_logs(logging.CRITICAL)
    collect_seldom()


def _begun() -> None:
    """Nothing: a process that has done it is there, and has imported what it needs."""


def _count_day() -> None:
    with _days.get_lock():
        _days.value += 1
