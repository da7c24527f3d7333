"""Where contacts stand and which are due: claiming, waking, and writing decisions back."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa

from nurture.core.model import Decision, Lifecycle, Stage
from nurture.store import schema, turns
from nurture.store.bulk import among, among_given, given, update_rows

RESTING = (Lifecycle.LEAD, Lifecycle.JUNK)
"""Nothing wakes these: `decide` has no business with people who are no contacts yet."""

journey = schema.journey

_NEWS = {
    # Tells a worker that holds the contact that it is not alone.
    "wakes": journey.c.wakes + 1,
    "stuck": None,
    # Who is held keeps the count: one that kills its worker must not be saved by being woken often.
    "attempts": sa.case((journey.c.token.is_(None), 0), else_=journey.c.attempts),
}


@dataclass(frozen=True, slots=True)
class Held:
    """One claimed contact; `wakes` is how often it had been woken when it was claimed."""

    contact_id: int
    wakes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The contacts that one worker holds until its lease ends; the token proves that it still does."""

    token: int
    held: tuple[Held, ...]


def wake(connection: sa.Connection, contact_ids: Collection[int], now: datetime) -> None:
    """Something happened to these contacts: look at them now. Whoever calls this changed their picture."""
    if contact_ids:
        ids = sorted(set(contact_ids))
        connection.execute(_waking(connection.dialect.name), {"ids": given(connection, ids), "now": now})


def tell_stage(
    connection: sa.Connection, contact_id: int, stage: Stage, now: datetime, until: datetime | None
) -> None:
    """Puts somebody into a stage by hand, and has them looked at now."""
    # Taking the token away makes a worker that holds the contact let go of a decision taken without this.
    told = {"stage": stage, "stage_since": now, "stage_told_at": now, "stage_told_until": until}
    connection.execute(
        sa.update(journey)
        .where(journey.c.contact_id == contact_id)
        .values(token=None, lease_until=None, **told)
    )
    wake(connection, [contact_id], now)


def wake_accounts(connection: sa.Connection, account_ids: Collection[int], now: datetime) -> None:
    """Something new is known of these companies: look at everybody who works there."""
    if not account_ids:
        return
    contact = schema.contact
    people = sa.select(contact.c.id).where(among(connection, contact.c.account_id, sorted(account_ids)))
    connection.execute(_wake(journey.c.contact_id.in_(people)), {"now": now})


@cache
def _waking(dialect: str) -> sa.Update:
    """Made once: hits come in many small groups, and to make it anew cost more than to run it."""
    return _wake(among_given(dialect, journey.c.contact_id, "ids"))


def _wake(whom: sa.ColumnElement[bool]) -> sa.Update:
    now = sa.bindparam("now", type_=journey.c.due_at.type)
    # Whoever is due, held by nobody and was never tried will be looked at anyhow: to write that again would
    # be most of the work of a second hit.
    waits = sa.and_(
        journey.c.due_at <= now,
        journey.c.token.is_(None),
        journey.c.stuck.is_(None),
        journey.c.attempts == 0,
    )
    # Locked in the order of their ids: two that wake the same people never wait for each other. Those who
    # wait are locked too, so that nobody claims them before what happened to them can be seen.
    woken = (
        sa.select(journey.c.contact_id, sa.func.coalesce(waits, sa.false()).label("waits"))
        .where(whom, journey.c.lifecycle.not_in(RESTING))
        .order_by(journey.c.contact_id)
        .with_for_update()
        .cte("woken")
    )
    return (
        sa.update(journey)
        .where(journey.c.contact_id.in_(sa.select(woken.c.contact_id).where(sa.not_(woken.c.waits))))
        # An earlier alarm stays.
        .values(due_at=sa.case((journey.c.due_at < now, journey.c.due_at), else_=now), **_NEWS)
    )


def wake_all(connection: sa.Connection, now: datetime) -> None:
    """The plan has changed: what workers are deciding is void, and everybody is looked at again.

    The last thing that a publication does, since nobody can be woken meanwhile.
    """
    stop_deciding(connection)
    connection.execute(
        sa.update(journey).where(journey.c.lifecycle.not_in(RESTING)).values(due_at=now, **_NEWS)
    )


def stop_deciding(connection: sa.Connection) -> None:
    """What workers are deciding on just now is void, and nobody is woken until this transaction ends."""
    if connection.dialect.name == "postgresql":
        # Rows of a whole table come in no order, so two that lock them one by one could wait for each other.
        connection.execute(sa.text("LOCK TABLE journey IN EXCLUSIVE MODE"))
    connection.execute(
        sa.update(journey).where(journey.c.token.is_not(None)).values(token=None, lease_until=None)
    )


def claim(connection: sa.Connection, now: datetime, *, limit: int, lease: timedelta) -> Claim:
    """Takes up to `limit` due contacts, the longest due first, that no living worker holds."""
    turns.deciding(connection)
    token = secrets.randbits(62)
    due = (
        sa.select(journey.c.contact_id)
        .where(
            journey.c.due_at <= now,
            sa.or_(journey.c.lease_until.is_(None), journey.c.lease_until < now),
            journey.c.stuck.is_(None),
        )
        .order_by(journey.c.due_at)
        .limit(limit)
        # Two workers that claim at once take different rows instead of waiting for each other. A CTE that
        # locks is never folded into the update, so that it runs once and its LIMIT holds.
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    rows = connection.execute(
        sa.update(journey)
        .where(journey.c.contact_id.in_(sa.select(due.c.contact_id)))
        .values(token=token, lease_until=now + lease, attempts=journey.c.attempts + 1)
        .returning(journey.c.contact_id, journey.c.wakes, journey.c.attempts, journey.c.due_at)
    ).all()
    longest_due_first = sorted(rows, key=lambda row: (row.due_at, row.contact_id))
    held = [Held(row.contact_id, row.wakes, row.attempts) for row in longest_due_first]
    kept = _few_suspects(held, limit)
    if len(kept) < len(held):
        give_back(connection, token, [one.contact_id for one in held if one not in kept])
    return Claim(token, tuple(sorted(kept, key=lambda one: one.contact_id)))


def _few_suspects(held: Sequence[Held], limit: int) -> list[Held]:
    """What to keep of a claim, so that one contact that kills its worker does not take others with it.

    Contacts whose claim was never answered are suspects. They are tried apart from others, and in groups
    that shrink to a tenth with each attempt, until the guilty one is alone.
    """
    if not held:
        return []
    attempts = max(held[0].attempts, 1)
    most = max(1, limit // 10 ** (attempts - 1))
    return [one for one in held if max(one.attempts, 1) == attempts][:most]


def give_back(
    connection: sa.Connection, token: int, contact_ids: Sequence[int], *, counts: bool = False
) -> None:
    """Gives contacts free undecided. Unless it `counts`, the claim is no attempt."""
    before = sa.case((journey.c.attempts > 0, journey.c.attempts - 1), else_=0)
    connection.execute(
        sa.update(journey)
        .where(among(connection, journey.c.contact_id, contact_ids), journey.c.token == token)
        .values(token=None, lease_until=None, attempts=journey.c.attempts if counts else before)
    )


def still_held(connection: sa.Connection, token: int, contact_ids: Sequence[int]) -> frozenset[int]:
    """Which of the contacts this token still holds; locks them, so that it stays so until the commit."""
    turns.deciding(connection)
    rows = connection.execute(
        sa.select(journey.c.contact_id)
        .where(among(connection, journey.c.contact_id, contact_ids), journey.c.token == token)
        .order_by(journey.c.contact_id)
        .with_for_update()
    )
    return frozenset(rows.scalars())


def write_back(
    connection: sa.Connection, decisions: Sequence[Decision], wakes: dict[int, int], now: datetime
) -> None:
    """Stores where the contacts stand now, sets their next alarm and gives them free.

    A contact that was woken since it was claimed stays due: its decision was taken on an older picture.
    """
    columns = ("lifecycle", "stage", "stage_since", "fit", "engagement", "due_at", "wakes")
    rows = [
        (
            decision.contact_id,
            decision.lifecycle,
            decision.stage,
            decision.stage_since,
            decision.fit,
            decision.engagement,
            decision.next_at,
            wakes[decision.contact_id],
        )
        for decision in decisions
    ]
    overrides = {
        "due_at": "CASE WHEN t.wakes = v.wakes THEN v.due_at ELSE t.due_at END",
        "wakes": "t.wakes",
        "token": "NULL",
        "lease_until": "NULL",
        "attempts": "0",
    }
    update_rows(connection, journey, "contact_id", columns, rows, overrides=overrides)


def set_aside(
    connection: sa.Connection,
    failed: Sequence[tuple[int, str | None]],
    again_at: datetime | None,
    wakes: dict[int, int],
) -> None:
    """Gives contacts free whose deciding failed: to be tried at `again_at`, or stuck for the reason given.

    One that was woken meanwhile stays due: what woke it may be the cure.
    """
    rows = [(contact_id, again_at, reason, wakes[contact_id]) for contact_id, reason in failed]
    overrides = {
        "due_at": "CASE WHEN t.wakes = v.wakes THEN v.due_at ELSE t.due_at END",
        "stuck": "CASE WHEN t.wakes = v.wakes THEN v.stuck END",
        "wakes": "t.wakes",
        "token": "NULL",
        "lease_until": "NULL",
    }
    columns = ("due_at", "stuck", "wakes")
    update_rows(connection, journey, "contact_id", columns, rows, overrides=overrides)


def count_judged(connection: sa.Connection) -> int:
    """How many were judged by the profile: everybody but leads and junk."""
    judged = sa.select(sa.func.count()).where(journey.c.lifecycle.not_in(RESTING))
    return connection.scalar(judged) or 0


def next_due(connection: sa.Connection) -> datetime | None:
    """The earliest alarm of any contact that is not stuck."""
    earliest: datetime | None = connection.scalar(
        sa.select(sa.func.min(journey.c.due_at)).where(
            journey.c.due_at.is_not(None), journey.c.stuck.is_(None)
        )
    )
    return earliest


def count_due(connection: sa.Connection, now: datetime, at_most: int) -> int:
    """How many contacts are due, counting no further than `at_most`: a doorbell needs no exact number."""
    due = sa.select(journey.c.contact_id).where(
        journey.c.due_at <= now,
        sa.or_(journey.c.lease_until.is_(None), journey.c.lease_until < now),
        journey.c.stuck.is_(None),
    )
    return connection.scalar(sa.select(sa.func.count()).select_from(due.limit(at_most).subquery())) or 0
