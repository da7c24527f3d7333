"""Who stands where in the campaigns: counted, and moved when a campaign's text changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from nurture.core.model import Enrolment, EnrolmentState, Stage
from nurture.store import schema
from nurture.store.bulk import update_rows
from nurture.store.snapshots import read_enrolment, select_enrolments

enrolment = schema.enrolment

AT_ONCE = 5_000


class Standing(NamedTuple):
    """How many active enrolments of a campaign stand on one step (None: at the end of a track)."""

    campaign: str
    step: str | None
    people: int


class Group(NamedTuple):
    """How many active enrolments of one version stand on one step of a track."""

    version_id: int
    track: Stage
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


def groups(connection: sa.Connection, campaign: str) -> list[Group]:
    """Who stands together in one campaign, whatever version they are pinned to: one grouped count."""
    columns = (enrolment.c.version_id, enrolment.c.track, enrolment.c.step)
    query = sa.select(*columns, sa.func.count()).where(_active_in(campaign)).group_by(*columns)
    rows = connection.execute(query.order_by(*columns))
    return [Group(version, Stage(track), step, people) for version, track, step, people in rows]


def repin(
    connection: sa.Connection, campaign: str, old: int, new: int, *, but: Collection[Group] = ()
) -> None:
    """Pins whoever runs the version `old` to `new`, where they stand, but for the groups in `but`.

    One statement: for most people nothing but the version changes, and moving them one by one takes longer.
    """
    elsewhere = [
        sa.and_(enrolment.c.track == group.track.value, enrolment.c.step.is_not_distinct_from(group.step))
        for group in but
    ]
    connection.execute(
        sa.update(enrolment)
        .where(_active_in(campaign), enrolment.c.version_id == old, sa.not_(sa.or_(sa.false(), *elsewhere)))
        .values(version_id=new)
    )


def enrolments_outside(
    connection: sa.Connection, campaign: str, version_id: int
) -> Iterator[list[Enrolment]]:
    """A campaign's active enrolments in any other version, at most `AT_ONCE` in a run: memory stays flat."""
    last = 0
    while True:
        # Along the primary key: each run begins where the one before ended.
        rows = connection.execute(
            select_enrolments()
            .where(_active_in(campaign), enrolment.c.version_id != version_id, enrolment.c.id > last)
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


def _active_in(campaign: str) -> sa.ColumnElement[bool]:
    return sa.and_(enrolment.c.campaign == campaign, enrolment.c.state == EnrolmentState.ACTIVE.value)
