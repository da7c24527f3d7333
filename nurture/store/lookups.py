"""What remote enrichers are asked about contacts, from `ready` to done or failed, and what they answered."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Lifecycle
from nurture.store import schema
from nurture.store.bulk import among, update_rows

lookup, answer, throttle, journey = schema.lookup, schema.lookup_answer, schema.throttle, schema.journey

READY, CLAIMED, DONE, FAILED = "ready", "claimed", "done", "failed"
_OPEN = (READY, CLAIMED)


def throttle_key(enricher: str) -> str:
    """The row of `throttle` in which an enricher's questions are counted."""
    return f"enricher:{enricher}"


class Ask(NamedTuple):
    """That an enricher is to be asked about a contact; `question` is the hash of what it is asked with."""

    contact_id: int
    enricher: str
    question: bytes


class LookupRow(NamedTuple):
    """A claimed lookup."""

    id: int
    contact_id: int
    question: bytes
    attempts: int


class LookupResult(NamedTuple):
    """What became of a lookup: done, failed, or ready for another try at `not_before`.

    `attempts` is what is to be kept of them: one that was not the question's fault does not count.
    """

    id: int
    state: str
    not_before: datetime
    attempts: int
    reply: str
    done_at: datetime | None


# --- asking -----------------------------------------------------------------------------------------


def ask(connection: sa.Connection, asks: Sequence[Ask], now: datetime, *, anew: bool = False) -> None:
    """Notes what is to be asked. The same question is asked once, unless it is to be asked `anew`."""
    if not asks:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    given = {"state": READY, "created_at": now, "not_before": now, "attempts": 0}
    statement = insert(lookup)
    other = lookup.c.question != statement.excluded.question
    # Whoever holds an old question finds its token gone, and writes nothing.
    renewed = statement.on_conflict_do_update(
        index_elements=["contact_id", "enricher"],
        set_={
            "question": statement.excluded.question,
            "state": READY,
            "not_before": now,
            "attempts": 0,
            "token": None,
            "lease_until": None,
        },
        where=sa.or_(other, lookup.c.state.in_((DONE, FAILED))) if anew else other,
    )
    connection.execute(renewed, [{**one._asdict(), **given} for one in asks])


def junk_after(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """The next people who are junk, in the order of their ids."""
    wanted = sa.and_(journey.c.contact_id > after, journey.c.lifecycle == Lifecycle.JUNK)
    # Along the primary key, some at a time: asked for by hand, after an enricher was added.
    query = sa.select(journey.c.contact_id).where(wanted).order_by(journey.c.contact_id).limit(limit)
    return list(connection.scalars(query))


# --- the work ---------------------------------------------------------------------------------------


def claim(
    connection: sa.Connection,
    enricher: str,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    max_attempts: int,
) -> tuple[int, list[LookupRow]]:
    """Takes due lookups of one enricher, the longest due first, with the token that proves the claim."""
    mine = lookup.c.enricher == enricher
    abandoned = sa.and_(mine, lookup.c.state == CLAIMED, lookup.c.lease_until < now)
    ended = "the process ended while it asked, again and again"
    connection.execute(
        sa.update(lookup)
        .where(abandoned, lookup.c.attempts >= max_attempts)
        .values(state=FAILED, reply=ended, done_at=now)
    )
    # A CTE that locks is never folded into the update, so that it runs once and its LIMIT holds.
    due = (
        _due([enricher], now)
        .order_by(lookup.c.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    token = secrets.randbits(62)
    rows = connection.execute(
        sa.update(lookup)
        .where(lookup.c.id.in_(sa.select(due.c.id)))
        .values(state=CLAIMED, token=token, lease_until=now + lease, attempts=lookup.c.attempts + 1)
        .returning(*(lookup.c[name] for name in LookupRow._fields))
    )
    return token, sorted((LookupRow(*row) for row in rows), key=lambda row: row.id)


def finish(connection: sa.Connection, token: int, results: Sequence[LookupResult]) -> None:
    """Writes what became of claimed lookups; one whose claim was lost meanwhile is left alone."""
    update_rows(
        connection,
        lookup,
        "id",
        LookupResult._fields[1:],
        results,
        only_if=f"t.token = {token:d}",
        overrides={"lease_until": "NULL", "token": "NULL"},
    )


def count_due(connection: sa.Connection, enrichers: Collection[str], now: datetime, at_most: int) -> int:
    """How many lookups are due, counted no further than `at_most`; none of an enricher that rests."""
    awake = _awake(connection, enrichers, now)
    if not awake:
        return 0
    some = _due(awake, now).limit(at_most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def next_due(connection: sa.Connection, enrichers: Collection[str]) -> datetime | None:
    """When anything is to be asked next: not before its enricher's rest is over."""
    if not enrichers:
        return None
    first = sa.func.min(lookup.c.not_before)
    waiting = sa.and_(lookup.c.state == READY, lookup.c.enricher.in_(sorted(enrichers)))
    query = sa.select(lookup.c.enricher, sa.type_coerce(first, lookup.c.not_before.type)).where(waiting)
    found = {row[0]: row[1] for row in connection.execute(query.group_by(lookup.c.enricher))}
    rests = _rests(connection, found)
    return min((max(at, rests.get(name, at)) for name, at in found.items()), default=None)


def _due(enrichers: Collection[str], now: datetime) -> sa.Select[tuple[int]]:
    # `state IN` stands there for the partial index, which is all that is ever looked through.
    return sa.select(lookup.c.id).where(
        lookup.c.state.in_(_OPEN),
        lookup.c.enricher.in_(sorted(enrichers)),
        lookup.c.not_before <= now,
        sa.or_(lookup.c.state == READY, lookup.c.lease_until < now),
    )


def _awake(connection: sa.Connection, enrichers: Collection[str], now: datetime) -> list[str]:
    rests = _rests(connection, enrichers)
    return [name for name in sorted(enrichers) if name not in rests or rests[name] <= now]


def _rests(connection: sa.Connection, enrichers: Collection[str]) -> dict[str, datetime]:
    names = {throttle_key(name): name for name in enrichers}
    query = sa.select(throttle.c.name, throttle.c.rest_until).where(
        throttle.c.name.in_(sorted(names)), throttle.c.rest_until.is_not(None)
    )
    return {names[key]: until for key, until in connection.execute(query)}


# --- answers ----------------------------------------------------------------------------------------


def answers(
    connection: sa.Connection, enricher: str, questions: Collection[bytes], now: datetime
) -> dict[bytes, Mapping[str, Any] | None]:
    """The answers to these questions that are kept still; None where the enricher knew nothing."""
    wanted = sa.and_(answer.c.enricher == enricher, answer.c.question.in_(sorted(questions)))
    query = sa.select(answer.c.question, answer.c.answer).where(wanted, answer.c.expires_at > now)
    return {bytes(question): said for question, said in connection.execute(query)}


def keep_answers(
    connection: sa.Connection,
    enricher: str,
    said: Mapping[bytes, Mapping[str, Any] | None],
    expires_at: datetime,
) -> None:
    """Keeps answers until then, in place of older ones."""
    if not said:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(answer)
    new = {name: statement.excluded[name] for name in ("answer", "expires_at")}
    rows = [
        {"enricher": enricher, "question": question, "answer": one, "expires_at": expires_at}
        for question, one in sorted(said.items())
    ]
    keys = ["enricher", "question"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def let_expire(connection: sa.Connection, now: datetime) -> None:
    """Answers that are too old go, along ix_lookup_answer_expires_at."""
    connection.execute(sa.delete(answer).where(answer.c.expires_at <= now))


def forget_answers(connection: sa.Connection, contact_ids: Sequence[int]) -> None:
    """What was answered about these people goes: they are erased. Colleagues' lookups ask once more."""
    of_them = sa.exists().where(
        lookup.c.enricher == answer.c.enricher,
        lookup.c.question == answer.c.question,
        among(connection, lookup.c.contact_id, contact_ids),
    )
    connection.execute(sa.delete(answer).where(of_them))


# --- looking ----------------------------------------------------------------------------------------


def of_contact(connection: sa.Connection, contact_id: int) -> list[Any]:
    """What was asked about one contact, and what came of it."""
    return list(connection.execute(sa.select(lookup).where(lookup.c.contact_id == contact_id)))


def figures(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """How many lookups there are by enricher and state. A pass over all of them, for people."""
    groups = sa.select(lookup.c.enricher, lookup.c.state, sa.func.count())
    groups = groups.group_by(lookup.c.enricher, lookup.c.state).order_by(lookup.c.enricher, lookup.c.state)
    return [(enricher, state, number) for enricher, state, number in connection.execute(groups)]
