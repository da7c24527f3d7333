"""Group commit: requests queue what happened, one thread commits whatever is waiting as one transaction.

A request is answered when the commit of its group is durable. While one group is being committed the next one
gathers by itself, so groups grow with the load and nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from nurture.clock import Clock
from nurture.core.model import Signal
from nurture.errors import StoreError
from nurture.logs import Log
from nurture.store.engine import Store
from nurture.store.former import now_known_as
from nurture.store.signals import record_signals
from nurture.web.hits import Happened, Hit, Looked, Visited, looked_signal, store_group
from nurture.web.reclassify import rejudge
from nurture.web.suspicions import Noticed, Suspicions

GROUP = 1_000
CAPACITY = 20_000
"""How many may wait while the database is away; what comes on top is refused, and logged as lost."""

KEEP_TRYING = timedelta(seconds=60)
"""How long a group is tried again before it is given up, and logged as lost."""

_PAUSE = 0.5
_ALARMS_A_SECOND = 10
_AWAY = (StoreError, OperationalError, InterfaceError)
"""What trying again can help against: no connection, a lock that was not had, a deadlock."""

log = Log(__name__)


def _tell_nobody(signals: Sequence[Signal]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Waiting:
    key: bytes
    happened: Happened
    loop: asyncio.AbstractEventLoop
    answered: asyncio.Future[bool]


class Recorder:
    """Stores what the public pages see; `observe` is told of it after each commit."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        observe: Callable[[Sequence[Signal]], None] = _tell_nobody,
        capacity: int = CAPACITY,
        keep_trying: timedelta = KEEP_TRYING,
    ) -> None:
        self._store = store
        self._clock = clock
        self._observe = observe
        self._capacity = capacity
        self._keep_trying = keep_trying.total_seconds()
        # A key of its own for every hit: a group tried again after a lost answer stores nothing twice.
        # One random start, then counting, keeps the keys of one process side by side in their index.
        self._prefix = secrets.token_bytes(10)
        self._numbers = count()
        self._suspicions = Suspicions()
        self._queue: deque[_Waiting] = deque()
        self._looks: deque[Looked] = deque(maxlen=capacity)
        self._impatient: dict[tuple[asyncio.AbstractEventLoop, int], list[asyncio.Future[bool]]] = {}
        self._filled = threading.Condition()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts the thread that writes."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stores what is waiting and ends the thread."""
        self._ending.set()
        with self._filled:
            self._filled.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    async def record(self, happened: Happened, *, patience: float) -> bool:
        """True once it is stored durably; False when it is not after `patience` seconds, or cannot be kept.

        After False it may still be stored: it stays in the queue while there is hope for the database.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[bool] = loop.create_future()
        key = self._prefix + next(self._numbers).to_bytes(6, "big")
        with self._filled:
            if len(self._queue) >= self._capacity:
                log.error("lost: the queue is full", what=repr(happened))
                return False
            self._queue.append(_Waiting(key, happened, loop, answered))
            self._filled.notify()
        self._lose_patience(loop, answered, patience)
        return await answered

    def notice(self, looked: Looked) -> None:
        """Remembers a look at a way out; it is stored only where it tells of a scanner."""
        with self._filled:
            self._looks.append(looked)
            self._filled.notify()

    def _lose_patience(
        self, loop: asyncio.AbstractEventLoop, answered: asyncio.Future[bool], patience: float
    ) -> None:
        """Answers with False when the time is up; one alarm for all whose time is up at about one moment.

        An alarm for each would cost as much as all else that the loop does for a hit.
        """
        at = math.ceil((loop.time() + patience) * _ALARMS_A_SECOND)
        impatient = self._impatient.get((loop, at))
        if impatient is None:
            impatient = self._impatient[loop, at] = []
            loop.call_at(at / _ALARMS_A_SECOND, self._time_is_up, loop, at)
        impatient.append(answered)

    def _time_is_up(self, loop: asyncio.AbstractEventLoop, at: int) -> None:
        _settle(self._impatient.pop((loop, at)), False)

    def _run(self) -> None:
        while not (self._ending.is_set() and not self._queue):
            group = self._next_group()
            if group:
                self._store_all(group)
            self._judge_anew(self._take_looks())

    def _next_group(self) -> Sequence[_Waiting]:
        """Everything that waits to be stored, up to `GROUP`; empty when there are only looks, or it ends."""
        with self._filled:
            while not self._queue and not self._looks and not self._ending.is_set():
                self._filled.wait()
            return [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]

    def _take_looks(self) -> list[Looked]:
        with self._filled:
            return [self._looks.popleft() for _ in range(len(self._looks))]

    def _store_all(self, group: Sequence[_Waiting]) -> None:
        """Stores a group; one that is refused is halved, so that a bad hit takes no good one along."""
        try:
            signals = self._commit(group)
        except Exception as error:
            if len(group) > 1 and not isinstance(error, _AWAY):
                middle = len(group) // 2
                self._store_all(group[:middle])
                self._store_all(group[middle:])
                return
            for one in group:
                log.error("lost: the database did not take it", what=repr(one.happened), error=str(error))
            _answer(group, stored=False)
            return
        _answer(group, stored=True)
        self._judge_anew([one.happened for one in group if isinstance(one.happened, Hit | Visited)])
        self._tell(signals)

    def _commit(self, group: Sequence[_Waiting]) -> tuple[Signal, ...]:
        """One transaction, tried again while the database is away."""
        pairs = [(one.key, one.happened) for one in group]
        tried_for = 0.0
        fresh = True
        while True:
            try:
                with self._store.write() as connection:
                    return store_group(connection, pairs, self._clock.now(), fresh=fresh)
            except IntegrityError:
                # Somebody among them is gone: not so fast, then, and without them.
                if not fresh:
                    raise
                fresh = False
            except _AWAY as error:
                # Whether the first try was committed before its answer was lost, nobody knows.
                fresh = False
                if tried_for >= self._keep_trying or self._ending.is_set():
                    raise
                log.warning("the database is away; trying again", n=len(group), error=str(error))
                self._ending.wait(_PAUSE)
                tried_for += _PAUSE

    def _judge_anew(self, noticed: Sequence[Noticed]) -> None:
        """What these say of earlier hits: a scanner gives itself away only after its first link."""
        raised = self._suspicions.raised_by(noticed)
        if not raised.contacts:
            return
        try:
            with self._store.write() as connection:
                now = self._clock.now()
                since = now_known_as(connection, raised.contacts)
                record_signals(connection, [looked_signal(look, since) for look in raised.looks], now)
                rejudge(connection, {since.get(one, one) for one in raised.contacts}, now)
        except Exception as error:
            log.error("hits could not be judged anew; nurture signals reclassify does it", error=str(error))

    def _tell(self, signals: Sequence[Signal]) -> None:
        try:
            self._observe(signals)
        except Exception as error:
            # What is stored is stored: an observer must not end the thread that writes the rest.
            log.error("an observer of signals failed", error=repr(error))


def _answer(group: Sequence[_Waiting], *, stored: bool) -> None:
    for loop in {one.loop for one in group}:
        mine = [one.answered for one in group if one.loop is loop]
        # A closed loop has nobody left who waits; what was stored stays stored.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, mine, stored)


def _settle(answered: Sequence[asyncio.Future[bool]], stored: bool) -> None:
    for future in answered:
        if not future.done():
            future.set_result(stored)
