"""The actors: each drains one kind of due work from the database, batch by batch, and then ends.

A message carries nothing: it only says that there may be work. Two for the same work do no harm, and one
that is lost is rung again by the scheduler.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import StrEnum
from functools import partial

import dramatiq
import redis

from nurture.app import App
from nurture.errors import NurtureError
from nurture.logs import Log

DRAIN_SECONDS = 10.0

log = Log(__name__)


class Job(StrEnum):
    """The kinds of work, in the order in which a lead meets them."""

    RETURNED = "returned"
    SORT = "sort"
    ADVANCE = "advance"
    SEND = "send"
    NOTIFY = "notify"
    ERRANDS = "errands"
    LOOKUPS = "lookups"
    OUTCOMES = "outcomes"


FOLLOWED_BY = {
    Job.RETURNED: (Job.ADVANCE,),
    Job.SORT: (Job.ADVANCE, Job.LOOKUPS),
    Job.ADVANCE: (Job.SEND, Job.NOTIFY, Job.ERRANDS),
    Job.SEND: (),
    Job.NOTIFY: (),
    Job.ERRANDS: (),
    Job.LOOKUPS: (Job.ADVANCE,),
    Job.OUTCOMES: (Job.ADVANCE,),
}
"""What a job makes work for: rung at its end, so that nobody waits for the scheduler's next look."""


class Jobs:
    """The actors of one process, bound to its app and broker."""

    def __init__(self, app: App, broker: dramatiq.Broker) -> None:
        self.broker = broker
        self._stopping = threading.Event()
        self._batches: dict[Job, Callable[[], int]] = {
            Job.RETURNED: app.returned_batch,
            Job.SORT: app.sort_batch,
            Job.ADVANCE: app.advance_batch,
            Job.SEND: app.send_batch,
            Job.NOTIFY: app.notify_batch,
            Job.ERRANDS: app.errand_batch,
            Job.LOOKUPS: app.lookup_batch,
            Job.OUTCOMES: app.outcome_batch,
        }
        self._actors = {
            job: dramatiq.actor(broker=broker, actor_name=job.value, queue_name=job.value)(
                partial(self.drain, job)
            )
            for job in Job
        }

    def ring(self, job: Job, times: int = 1) -> None:
        """Rings for `job`. A broker that is away is no harm: the scheduler rings again."""
        try:
            for _ in range(times):
                self._actors[job].send()
        except (dramatiq.errors.ConnectionError, redis.RedisError) as error:
            # Dramatiq's broker for Redis lets the client's own errors through.
            log.warning("the broker cannot be reached; the scheduler will ring again", error=str(error))

    def stop(self) -> None:
        """Asks running actors to end after the batch in hand."""
        self._stopping.set()

    def drain(self, job: Job) -> None:
        """Does what is due of `job`, batch by batch; what fails is told in the log and stays due."""
        until = time.monotonic() + DRAIN_SECONDS
        done = 0
        try:
            while not self._stopping.is_set() and (count := self._batches[job]()):
                done += count
                if time.monotonic() > until:
                    # Others want a thread too; what is left is still due, and somebody rings for it.
                    self.ring(job)
                    break
        except NurtureError as error:
            log.error("a job could not go on", job=job.value, error=error.message, hint=error.hint)
        except Exception:
            log.exception("a job failed; its work is still due and will be tried again", job=job.value)
        if done:
            for next_job in FOLLOWED_BY[job]:
                self.ring(next_job)
