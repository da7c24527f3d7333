"""`nurture backtest`: the people of the past, replayed in batches under two profiles, on several processes.

The database is only read. Each process reads its own batches; what comes back is small, and the figures are
made of all of it together.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.app import App, build_app
from nurture.backtest.candidates import Candidate
from nurture.backtest.figures import Rules, summarise
from nurture.backtest.pasts import Frame
from nurture.backtest.replaying import Replaying, Tally
from nurture.backtest.result import Backtest
from nurture.core.replay import Replayer
from nurture.logs import set_up_logs
from nurture.memory import collect_seldom
from nurture.settings import Settings
from nurture.store import pasts
from nurture.store.signals import NEWEST

BATCH = 500
"""So many contacts are in hand at once, in each process."""

PROCESSES = 4
"""At most so many at once, however many cores there are."""

SMALL = 2_000
"""So few contacts are through before another process has begun."""

CAVEATS = (
    "what happened counts at the time at which it happened, also where it was imported later",
    "what people did after they went to sales, under the rules of then, counts too; and what other rules "
    "would have sent them, nobody knows",
    "signals count as they are judged today; tags, and fields that campaigns have set, are as of today",
)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compared, over which time. `rules_of` as in `Frame`."""

    old: Candidate
    new: Candidate
    since: datetime
    until: datetime
    rules_of: Mapping[str, frozenset[str]]


def backtest(
    settings: Settings, order: Order, *, processes: int = 0, progress: Progress = lambda words: None
) -> Backtest:
    """Replays everybody. The same data give the same answer, on any number of `processes` (0: one a core).

    `progress` is told how far it is, from time to time.
    """
    app = build_app(settings)
    try:
        with app.store.read() as connection:
            starts = pasts.starts_of_batches(connection, BATCH)
        batches = list(zip(starts, [*starts[1:], None], strict=True))
        wanted = processes or (1 if len(starts) * BATCH <= SMALL else min(_cores(), PROCESSES))
        whole = Tally()
        for done, tally in enumerate(_tallies(app, order, batches, wanted), 1):
            whole.add(tally)
            progress(f"{done * 100 // len(batches)} % of the people")
    finally:
        app.close()
    return summarise(whole, _named(order.old), _named(order.new), order.since, order.until, CAVEATS)


Batch = tuple[int, int | None]
"""Contacts from an id on, and below another."""


def _tallies(app: App, order: Order, batches: list[Batch], processes: int) -> Iterator[Tally]:
    if processes < 2:
        worker = _Worker(app, order)
        yield from map(worker.batch, batches)
        return
    with _pool(app.settings, order, processes) as pool:
        yield from pool.map(_batch, batches)


def _named(candidate: Candidate) -> Rules:
    return Rules(candidate.name, candidate.version[:8], candidate.origin)


def _cores() -> int:
    """Those that this process may use: in a container often fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """What replays batches, in this process or in one of the pool."""

    def __init__(self, app: App, order: Order) -> None:
        self._store = app.store
        rules = {name: rule.answer for name, rule in app.registry.rules.items()}
        old, new = (
            Replayer(each.compiled(), rules, order.since, order.until, NEWEST)
            for each in (order.old, order.new)
        )
        frame = Frame(
            order.since,
            order.until,
            with_mails=old.asks_sent or new.asks_sent,
            with_consents=old.asks_consent or new.asks_consent,
            firm_kinds=old.asks_firm | new.asks_firm,
            rules_of=order.rules_of,
        )
        self._replaying = Replaying(old, new, frame)

    def batch(self, batch: Batch) -> Tally:
        with self._store.read() as connection:
            return self._replaying.batch(connection, pasts.ids_between(connection, *batch))


# --- processes --------------------------------------------------------------------------------------


@contextmanager
def _pool(settings: Settings, order: Order, processes: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(settings, order))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_worker: Any = None
"""In a process of the pool: what it works with, until it ends."""


def _begin(settings: Settings, order: Order) -> None:
    global _worker
    set_up_logs(logging.CRITICAL)
    collect_seldom()
    _worker = _Worker(build_app(settings), order)


def _batch(batch: Batch) -> Tally:
    tally: Tally = _worker.batch(batch)
    return tally
