"""Who stands where in the campaigns: counted, and moved when a campaign's text changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from nurture.core.model import Enrolment, EnrolmentState
from nurture.store import schema
from nurture.store.bulk import update_rows
from nurture.store.snapshots import read_enrolment, select_enrolments

enrolment, journey = schema.enrolment, schema.journey

AT_ONCE = 5_000


class Standing(NamedTuple):
    """How many active enrolments of a campaign stand on one step (None: at the end of a track)."""

    campaign: str
    step: str | None
    people: int


def standings(connection: sa.Connection, campaigns: Collection[str] | None = None) -> list[Standing]:
    """One grouped count over all active enrolments; the largest group first."""
    query = (
        sa.select(enrolment.c.campaign, enrolment.c.step, sa.func.count())
        .where(enrolment.c.state == EnrolmentState.ACTIVE.value)
        .group_by(enrolment.c.campaign, enrolment.c.step)
        .order_by(sa.func.count().desc(), enrolment.c.campaign, enrolment.c.step)
    )
    if campaigns is not None:
        query = query.where(enrolment.c.campaign.in_(list(campaigns)))
    return [Standing(*row) for row in connection.execute(query)]


def void_decisions(connection: sa.Connection) -> None:
    """Whatever workers are deciding now, they decide by an older plan: nobody's claim holds any more.

    Before anybody is moved: it waits for decisions that are just being written.
    """
    if connection.dialect.name == "postgresql":
        # Nobody may claim either until all is committed: they would still see the plan of before.
        # SQLite has one writer. Reading goes on.
        connection.execute(sa.text("LOCK TABLE journey IN EXCLUSIVE MODE"))
    connection.execute(
        sa.update(journey).where(journey.c.token.is_not(None)).values(token=None, lease_until=None)
    )


def active_enrolments(connection: sa.Connection, campaign: str) -> Iterator[list[Enrolment]]:
    """All active enrolments of a campaign, in runs of at most `AT_ONCE`: memory stays flat."""
    last = 0
    while True:
        # Along the primary key: each run begins where the one before ended.
        rows = connection.execute(
            select_enrolments()
            .where(
                enrolment.c.campaign == campaign,
                enrolment.c.state == EnrolmentState.ACTIVE.value,
                enrolment.c.id > last,
            )
            .order_by(enrolment.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        yield [read_enrolment(row) for row in rows]


def relocate(connection: sa.Connection, moved: Sequence[Enrolment]) -> None:
    """Writes version, step and done of enrolments, in one statement."""
    rows = [(each.id, each.version_id, each.step, list(each.done)) for each in moved]
    update_rows(connection, enrolment, "id", ("version_id", "step", "done"), rows)
