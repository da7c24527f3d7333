"""People of whom it is known what became of them, with what had happened before sales had them.

Read in batches along the key of contacts, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from nurture.core.engagement import CERTAIN
from nurture.core.model import Result, Signal, SignalClass
from nurture.store import schema
from nurture.store.outcomes import holding
from nurture.store.signals import NEWEST
from nurture.store.types import Id, Instant

contact, handover, signal = schema.contact, schema.handover, schema.signal


class Ended(NamedTuple):
    """Somebody's end. `decided_at` is when sales got them, else when it ended; nothing later was known."""

    contact_id: int
    won: bool
    decided_at: datetime


def ended_people(
    connection: sa.Connection, size: int, *, since: datetime | None = None, answers: bool = False
) -> Iterator[list[Ended]]:
    """All who were won or lost (and were decided on since then), in batches of `size`, by id.

    With `answers` also those of whom only sales' answer is known: accepted counts as won; rejected, or handed
    back later, as lost.
    """
    ends = _ends(answers).subquery()
    query = sa.select(ends).order_by(ends.c.contact_id)
    if since is not None:
        query = query.where(ends.c.decided_at >= since)
    # One statement, read bit by bit: who came last is found by a window over all outcomes, once.
    streamed = connection.execution_options(stream_results=True, yield_per=size).execute(query)
    for rows in streamed.partitions():
        yield [Ended(id_, bool(won), at) for id_, won, at in rows]


def _ends(answers: bool) -> sa.Select[Any]:
    """One row a person; one statement whatever counts as an end."""
    last = holding()
    first = (
        sa.select(handover.c.contact_id, sa.func.min(handover.c.created_at).label("at"))
        .group_by(handover.c.contact_id)
        .subquery()
    )
    instant = handover.c.created_at.type
    early = sa.case((first.c.at < last.c.at, first.c.at), else_=last.c.at)
    told = sa.select(
        last.c.contact_id,
        (last.c.result == Result.WON.value).label("won"),
        sa.type_coerce(early, instant).label("decided_at"),
    ).select_from(last.outerjoin(first, first.c.contact_id == last.c.contact_id))
    if not answers:
        return told
    newest = sa.func.row_number().over(partition_by=handover.c.contact_id, order_by=handover.c.id.desc())
    taken = sa.and_(handover.c.answer == "accepted", handover.c.returned_at.is_(None))
    ranked = (
        sa.select(handover.c.contact_id, taken.label("taken"), newest.label("age"))
        .where(handover.c.answer.in_(("accepted", "rejected")))
        .subquery()
    )
    answered = (
        sa.select(
            ranked.c.contact_id,
            ranked.c.taken.label("won"),
            sa.type_coerce(first.c.at, instant).label("decided_at"),
        )
        .join(first, first.c.contact_id == ranked.c.contact_id)
        .where(ranked.c.age == 1, ranked.c.contact_id.not_in(sa.select(last.c.contact_id)))
    )
    both = sa.union_all(told, answered).subquery()
    return sa.select(
        both.c.contact_id, both.c.won, sa.type_coerce(both.c.decided_at, instant).label("decided_at")
    )


def people_without_end(connection: sa.Connection, limit: int) -> list[int]:
    """The ids of some contacts, the newest, of whom no outcome is known."""
    known = sa.select(schema.outcome.c.contact_id)
    query = sa.select(contact.c.id).where(contact.c.id.not_in(known), contact.c.junk_reason.is_(None))
    return list(connection.scalars(query.order_by(contact.c.id.desc()).limit(limit)))


_SURE = sa.or_(signal.c.classed == SignalClass.HUMAN.value, signal.c.kind.in_(sorted(CERTAIN)))
"""What promotion goes by: the deeds of humans, and what is no deed but certain."""


def sure_signals_before(connection: sa.Connection, ends: Sequence[Ended]) -> dict[int, tuple[Signal, ...]]:
    """What each of them did before they were decided on, oldest first, at most the `NEWEST`."""
    moments = [(one.contact_id, one.decided_at) for one in ends]
    listed = sa.values(sa.column("contact_id", Id), sa.column("at", Instant), name="decided").data(moments)
    decided = listed.cte("decided")
    newest = sa.func.row_number().over(
        partition_by=signal.c.contact_id, order_by=(signal.c.at.desc(), signal.c.id.desc())
    )
    before = sa.and_(signal.c.contact_id == decided.c.contact_id, signal.c.at < decided.c.at)
    columns = (signal.c.id, signal.c.contact_id, signal.c.kind, signal.c.at, signal.c.data)
    # Each person's own moment goes along, so that the newest of before it are taken, not the newest of all.
    ranked = sa.select(*columns, newest.label("age")).join(decided, before)
    sure = ranked.where(_SURE).subquery()
    query = sa.select(sure).where(sure.c.age <= NEWEST)
    rows = connection.execute(query.order_by(*(sure.c[name] for name in ("contact_id", "at", "id"))))
    return {
        contact_id: tuple(Signal(row.id, contact_id, row.kind, row.at, row.data) for row in some)
        for contact_id, some in groupby(rows, itemgetter(1))
    }


class Habit(NamedTuple):
    """One kind of signal, to one page or by one form where there is one, and of how many people."""

    kind: str
    path: str | None
    form: str | None
    people: int


def habits(connection: sa.Connection, fewest: int) -> list[Habit]:
    """What people with an outcome do, the commonest first: each kind, page and form of at least so many."""
    known = sa.select(schema.outcome.c.contact_id)
    human = sa.and_(_SURE, signal.c.contact_id.in_(known))
    form = sa.case((signal.c.kind == "submitted", signal.c.data["form"].as_string()))
    people = sa.func.count(sa.distinct(signal.c.contact_id))
    # Aggregates, so that no signal leaves the database.
    by_kind = sa.select(signal.c.kind, sa.null(), sa.null(), people).where(human).group_by(signal.c.kind)
    told = (
        sa.select(signal.c.kind, signal.c.path, form.label("form"), signal.c.contact_id)
        .where(human)
        .subquery()
    )
    of_these = sa.func.count(sa.distinct(told.c.contact_id))
    closer = (
        sa.select(told.c.kind, told.c.path, told.c.form, of_these)
        .where(sa.or_(told.c.path.is_not(None), told.c.form.is_not(None)))
        .group_by(told.c.kind, told.c.path, told.c.form)
        .having(of_these >= fewest)
    )
    rows = [*connection.execute(by_kind.having(people >= fewest)), *connection.execute(closer)]
    return sorted((Habit(*row) for row in rows), key=lambda one: (-one.people, str(one)))
