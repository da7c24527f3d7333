"""Whom a condition is about: counted by how they stand, and listed, each by one query over everybody."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import sqlalchemy as sa

from nurture.core.model import EnrolmentState, Lifecycle
from nurture.store import schema
from nurture.store.bulk import among
from nurture.store.conditions import people

contact, journey, enrolment = schema.contact, schema.journey, schema.enrolment

Who: TypeAlias = sa.ColumnElement[bool]
"""Which of `people()` are meant: a compiled condition, or `these`."""


class Standing(StrEnum):
    """How somebody stands to a campaign. Who rests at the end of a track has had it."""

    UNDER_WAY = "under_way"
    HAD_IT = "had_it"
    NOT_YET = "not_yet"
    NOT_FOLLOWED = "not_followed"
    """Never in it, and no contact: junk, with sales, a customer, …"""


@dataclass(frozen=True, slots=True)
class Person:
    """One of those who are meant; `standing` is one to a campaign, else their lifecycle."""

    id: int
    name: str | None
    email: str | None
    standing: str


def these(connection: sa.Connection, ids: Sequence[int]) -> Who:
    """The people with these ids."""
    return among(connection, contact.c.id, ids)


def standings(connection: sa.Connection, who: Who, campaign: str | None) -> dict[str, int]:
    """How many there are by standing to the campaign; without one, by lifecycle."""
    # One pass over the people, with what is asked of each.
    each = sa.select(_standing(campaign)).select_from(people()).where(who).subquery()
    counted = sa.select(each.c.standing, sa.func.count().label("people")).group_by(each.c.standing)
    return {row.standing: row.people for row in connection.execute(counted)}


def listed(connection: sa.Connection, who: Who, campaign: str | None, limit: int) -> list[Person]:
    """The first `limit` of them, by id."""
    columns = (contact.c.id, contact.c.name, contact.c.email, _standing(campaign))
    # In the order of the key, so that the database stops when it has enough.
    query = sa.select(*columns).select_from(people()).where(who).order_by(contact.c.id).limit(limit)
    return [Person(*row) for row in connection.execute(query)]


def pieces(connection: sa.Connection, who: Who, size: int) -> Generator[Sequence[int], None, None]:
    """The ids of all of them, ascending, so many at a time: any number of people takes as little memory.

    To be closed by who does not go to the end.
    """
    query = sa.select(contact.c.id).select_from(people()).where(who).order_by(contact.c.id)
    with over_everybody(connection):
        found = connection.execute(query.execution_options(yield_per=size)).scalars()
    with closing(found):
        yield from found.partitions()


@contextmanager
def over_everybody(connection: sa.Connection) -> Iterator[None]:
    """What is asked within goes once over all people, and not from one to the next.

    PostgreSQL multiplies the odds of each part of a condition and so expects next to nobody; looking things
    up for each of them took 23 s at 100,000 people where this takes one.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    yield
    connection.exec_driver_sql("SET LOCAL enable_nestloop = on")


def _standing(campaign: str | None) -> sa.Label[str]:
    if campaign is None:
        return journey.c.lifecycle.label("standing")
    here = sa.and_(enrolment.c.contact_id == contact.c.id, enrolment.c.campaign == campaign)
    walking = sa.and_(enrolment.c.state == EnrolmentState.ACTIVE.value, enrolment.c.step.is_not(None))
    followed = journey.c.lifecycle.in_([Lifecycle.CONTACT.value, Lifecycle.RECYCLED.value])
    # Both along the unique key, which starts with the contact and the campaign.
    standing = sa.case(
        (sa.exists().where(here, walking), Standing.UNDER_WAY.value),
        (sa.exists().where(here), Standing.HAD_IT.value),
        (followed, Standing.NOT_YET.value),
        else_=Standing.NOT_FOLLOWED.value,
    )
    return standing.label("standing")
