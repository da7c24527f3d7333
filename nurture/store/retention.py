"""Lets old decision records go, a few people at a time: no process is held up, and memory stays flat.

A round over all people begins once a day, by whichever process looks first. How far it has come stands in the
database, so that any process goes on with it, after a crash too.

What explains how things stand stays, however old it is: each person's newest record of each kind in each
campaign; and while they are in a campaign, the newest of each kind at the step they stand on, and those that
say which way they took at each step before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import EnrolmentState
from nurture.store import schema
from nurture.store.records import decision, ground

PRUNING = "prune decisions"
WAYS = ("chosen", "went_on", "timed_out", "not_waited", "split", "goal_reached")
"""Records that say which way somebody took at a step. Of the mails that they got, the outbox knows."""

A_DAY = timedelta(days=1)
PEOPLE_AT_ONCE = 1_000

chore, enrolment, journey = schema.chore, schema.enrolment, schema.journey


def prune(connection: sa.Connection, now: datetime, keep: timedelta, people: int = PEOPLE_AT_ONCE) -> int:
    """Deletes what is older than `keep` of the next `people`; answers with how many of them there were.

    0: today's round is over, or another process is at it.
    """
    last = take_turn(connection, PRUNING, now)
    if last is None:
        return 0
    after = sa.select(journey.c.contact_id).where(journey.c.contact_id > last)
    ids = connection.execute(after.order_by(journey.c.contact_id).limit(people)).scalars().all()
    if ids:
        old = _dispensable(last, ids[-1], now - keep)
        connection.execute(sa.delete(decision).where(decision.c.id.in_(old)))
    come_to(connection, PRUNING, ids[-1] if len(ids) == people else None)
    return len(ids)


def dispensable(connection: sa.Connection, now: datetime, keep: timedelta) -> int:
    """How many records would go if a round was made now. A pass over all of them."""
    last = connection.scalar(sa.select(sa.func.max(journey.c.contact_id))) or 0
    old = _dispensable(0, last, now - keep).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(old)) or 0


def begin_anew(connection: sa.Connection) -> None:
    """Today's rounds begin once more, of everything that is let go in rounds."""
    connection.execute(sa.delete(chore))


def come_to(connection: sa.Connection, name: str, position: int | None) -> None:
    """Notes how far a round has come; None: to its end."""
    connection.execute(sa.update(chore).where(chore.c.name == name).values(position=position))


def take_turn(connection: sa.Connection, name: str, now: datetime) -> int | None:
    """Up to which id today's round has come; None where there is nothing to be done by this process."""
    row = connection.execute(
        # Who finds it locked leaves it to the one who holds it. SQLite has one writer.
        sa.select(chore).where(chore.c.name == name).with_for_update(skip_locked=True)
    ).first()
    if row is None:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        first = insert(chore).values(name=name, since=now, position=0).on_conflict_do_nothing()
        begun: int | None = connection.scalar(first.returning(chore.c.position))
        return begun
    position: int | None = row.position
    if position is None and now - row.since >= A_DAY:
        position = 0
        connection.execute(sa.update(chore).where(chore.c.name == name).values(since=now))
    return position


def _dispensable(after: int, until: int, before: datetime) -> sa.Select[int]:
    """Records of some people that are older than `before`, and each not the newest of those like it."""
    told_by_step = sa.exists().where(
        enrolment.c.contact_id == decision.c.contact_id,
        enrolment.c.campaign == ground.c.campaign,
        enrolment.c.state == EnrolmentState.ACTIVE,
        sa.or_(enrolment.c.step == ground.c.step, ground.c.what.in_(WAYS)),
    )
    step = sa.case((told_by_step, ground.c.step))
    alike = (decision.c.contact_id, ground.c.campaign, ground.c.what, step)
    nth = sa.func.row_number().over(partition_by=alike, order_by=decision.c.id.desc())
    # All records of these people in one go along the index by contact, old ones and new ones: only together
    # they show which are the newest.
    ranked = (
        sa.select(decision.c.id, decision.c.at, nth.label("nth"))
        .join(ground, ground.c.id == decision.c.ground_id)
        .where(decision.c.contact_id > after, decision.c.contact_id <= until)
        .subquery()
    )
    return sa.select(ranked.c.id).where(ranked.c.nth > 1, ranked.c.at < before)
