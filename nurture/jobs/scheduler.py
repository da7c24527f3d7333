"""The scheduler: looks for due work in the database and rings; sweeps what dead workers left behind.

Any number may run; one leads, by a lease in the database. While nobody takes the work, it rings less often,
so that a broker without workers does not fill up.
"""

from __future__ import annotations

import math
import os
import socket
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.app import App
from nurture.errors import NurtureError
from nurture.jobs.actors import Job, Jobs
from nurture.logs import Log
from nurture.store.leases import give_up_lease, take_lease

LEASE_NAME = "scheduler"
LEASE = timedelta(seconds=10)
LOOK_SECONDS = 1.0
LONGEST_SILENCE = timedelta(seconds=8)
MOST_RINGS = 8

log = Log(__name__)


@dataclass(slots=True)
class _Bell:
    """When to ring next for one kind of work, and how much was waiting at the last ring."""

    not_before: datetime
    pause: timedelta
    waiting: int


class Scheduler:
    """Looks once a second; `run` does so until it is told to stop."""

    def __init__(self, app: App, jobs: Jobs) -> None:
        self._app = app
        self._jobs = jobs
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._bells: dict[Job, _Bell] = {}

    def run(self, stop: threading.Event) -> None:
        """Leads or waits to lead, until `stop`. A database that is away is waited for."""
        while not stop.is_set():
            try:
                self.look()
            except NurtureError as error:
                log.error("the scheduler cannot look", error=error.message)
            except Exception:
                log.exception("the scheduler's look failed")
            stop.wait(LOOK_SECONDS)
        try:
            with self._app.store.write() as connection:
                give_up_lease(connection, LEASE_NAME, self._holder)
        except NurtureError as error:
            log.warning("the scheduler's lease runs out by itself", error=error.message)

    def look(self) -> bool:
        """One look: True if this scheduler leads."""
        now = self._app.clock.now()
        with self._app.store.write() as connection:
            if not take_lease(connection, LEASE_NAME, self._holder, now, LEASE):
                return False
        self._app.sweep()
        for name, waiting in self._app.waiting().items():
            self._ring(Job(name), waiting, now)
        return True

    def _ring(self, job: Job, waiting: int, now: datetime) -> None:
        if not waiting:
            self._bells.pop(job, None)
            return
        bell = self._bells.get(job)
        if bell is None or waiting < bell.waiting:
            bell = self._bells[job] = _Bell(now, timedelta(seconds=LOOK_SECONDS), waiting)
        # Further off than the longest silence: the clock was set back, and nobody should wait for it.
        if timedelta(0) < bell.not_before - now <= LONGEST_SILENCE:
            return
        self._jobs.ring(job, min(MOST_RINGS, math.ceil(waiting / self._app.batch_of(job))))
        bell.waiting = waiting
        bell.not_before = now + bell.pause
        bell.pause = min(bell.pause * 2, LONGEST_SILENCE)
