"""SIGKILL at every point of reminding and escalating: nothing is lost, and nothing is decided twice.

A notice is told at least once: only one whose teller died between telling and noting so is told again, with
the same key.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.model import Notice
from nurture.handover.desk import HandoverDesk
from nurture.handover.notices import LEASE
from nurture.plug.contracts import NoticeOutcome
from nurture.setting_sales import Lead
from nurture.store import schema
from nurture.store.engine import Store
from tests.handover.world import TEAM, campaign, desk_of, open_all, request
from tests.store.people import NOW, add_contacts, rows_of

PEOPLE = 4
HOUR = timedelta(hours=1)
LATER = NOW + 3 * HOUR
GIVEN = campaign(remind=HOUR, escalate="lead")
TEAMS = {"sales": TEAM.model_copy(update={"lead": Lead(name="Lies", email="lies@example.com")})}
TRANSACTIONS = ("chase", "claim", "finish")
TELLING = "while telling"
POINTS = (*(f"{when} the {name}'s commit" for name in TRANSACTIONS for when in ("before", "after")), TELLING)
TOLD_AGAIN = {TELLING, "before the finish's commit"}
"""Where somebody has been told, and it is not noted yet."""

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.handover.world"])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(Store):
    """Dies before or after a commit; transactions come in the order of `TRANSACTIONS`."""

    def __init__(self, url: str, point: str) -> None:
        super().__init__(url)
        self._point = point
        self._names = iter(TRANSACTIONS)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        name = next(self._names, "")
        with super().write() as connection:
            yield connection
            if self._point == f"before the {name}'s commit":
                die()
        if self._point == f"after the {name}'s commit":
            die()


class Journal:
    """A channel that writes down each notice; whoever uses it may die right after the first."""

    name = "email"

    def __init__(self, file: Path, *, deadly: bool = False) -> None:
        self._file = file
        self._deadly = deadly

    def notify(self, notice: Notice) -> NoticeOutcome:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{notice.key}\n")
        if self._deadly:
            die()
        return NoticeOutcome(True)


def desk_at(store: Store, at: datetime, channel: Journal) -> HandoverDesk:
    return desk_of(store, VirtualClock(at), channel, teams=TEAMS, given=GIVEN)


def work(desk: HandoverDesk) -> None:
    while desk.chase_batch() or desk.notify_batch():
        pass


def victim(url: str, file: Path, at: datetime, point: str) -> None:
    """Dies at a point of its first look."""
    desk = desk_at(MortalStore(url, point), at, Journal(file, deadly=point == TELLING))
    desk.chase_batch()
    desk.notify_batch()


def begin_anew(store: Store, file: Path) -> None:
    """Hand-overs of which sales has been told, and that nobody has answered: half of them will be reminded
    of, and half are late altogether, and escalated."""
    with store.write() as connection:
        for table in (schema.notice, schema.handover):
            connection.execute(sa.delete(table))
    desk = desk_at(store, NOW, Journal(file))
    for id_ in range(1, PEOPLE + 1):
        open_all(desk, store, [request(id_, campaign=GIVEN)], at=NOW if id_ % 2 else NOW - 2 * HOUR)
    work(desk)
    with store.write() as connection:
        for table in (schema.notice, schema.decision):
            connection.execute(sa.delete(table))
    file.write_text("", encoding="utf-8")


def wrong_after_a_death(store: Store, file: Path, point: str) -> Iterator[str]:
    """What is not as it should be when somebody died at a point, and another one went on."""
    begin_anew(store, file)
    process = FORKED.Process(target=victim, args=(store.url, file, LATER, point))
    process.start()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        yield f"nobody died {point}"
    work(desk_at(store, LATER + LEASE + timedelta(seconds=1), Journal(file)))
    decided = Counter(row.contact_id for row in rows_of(store, schema.decision))
    if sorted(decided.items()) != [(who, 1) for who in range(1, PEOPLE + 1)]:
        yield f"{point}: decided {dict(decided)}"
    notices = {row.key: row.state for row in rows_of(store, schema.notice)}
    told = Counter(file.read_text(encoding="utf-8").split())
    if len(notices) != PEOPLE or set(notices.values()) != {"done"} or notices.keys() != told.keys():
        yield f"{point}: {notices}, told {dict(told)}"
    if max(told.values(), default=0) > (2 if point in TOLD_AGAIN else 1):
        yield f"{point}: told again, {dict(told)}"


def test_no_death_loses_or_doubles_a_reminder_or_an_escalation(store: Store, tmp_path: Path) -> None:
    add_contacts(store, PEOPLE, lifecycle="prospect")
    rounds = (wrong_after_a_death(store, tmp_path / "told", point) for point in POINTS)
    assert [wrong for one in rounds for wrong in one] == []
