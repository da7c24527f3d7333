"""What sales answers in a simulation: as its habit says, through the same desk as in production."""

from __future__ import annotations

import heapq
from datetime import datetime
from random import Random

import sqlalchemy as sa

from nurture.app import App
from nurture.simulate.behaviour import SalesHabit
from nurture.store import schema

ACCEPTED, REJECTED = "accepted", "rejected"


class Sales:
    """Answers hand-overs of one shard when their time comes; without a habit nobody answers."""

    def __init__(self, habit: SalesHabit | None, seed: int, app: App) -> None:
        self._habit = habit if habit and habit.accept + habit.not_now + habit.no_fit > 0 else None
        self._seed = seed
        self._app = app
        self._seen = 0
        self._answers: list[tuple[datetime, int, str, str | None]] = []

    def notice(self) -> None:
        """Looks at the hand-overs that are new, and decides what will be said of each."""
        if self._habit is None:
            return
        table, contact = schema.handover, schema.contact
        with self._app.store.read() as connection:
            # By primary key, from the last one seen on.
            rows = connection.execute(
                sa.select(table.c.id, table.c.created_at, contact.c.email, contact.c.phone)
                .join(contact, contact.c.id == table.c.contact_id)
                .where(table.c.id > self._seen)
                .order_by(table.c.id)
            ).all()
        for id_, created_at, email, phone in rows:
            self._seen = id_
            draw = Random(f"{self._seed}\n{email or phone}\nsales\n{created_at.isoformat()}").random()
            answer = _drawn(self._habit, draw)
            if answer is not None:
                heapq.heappush(self._answers, (created_at + self._habit.after, id_, *answer))

    def next_answer(self) -> datetime | None:
        """When sales answers next."""
        return self._answers[0][0] if self._answers else None

    def answer(self, now: datetime) -> None:
        """Gives every answer that is due."""
        while self._answers and self._answers[0][0] <= now:
            _, id_, answer, reason = heapq.heappop(self._answers)
            self._app.desk.answer(id_, answer, reason, by="simulation")


def _drawn(habit: SalesHabit, draw: float) -> tuple[str, str | None] | None:
    if draw < habit.accept:
        return ACCEPTED, None
    if draw < habit.accept + habit.not_now:
        return REJECTED, "not_now"
    if draw < habit.accept + habit.not_now + habit.no_fit:
        return REJECTED, "no_fit"
    return None
