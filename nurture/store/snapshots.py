"""Gathers all that deciding needs to know of a batch of contacts, in one query a subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.consent import CONFIRMATION_VERSION
from nurture.core.facts import NOT_SENT as NEVER_ARRIVED
from nurture.core.model import (
    Account,
    Contact,
    Enrolment,
    EnrolmentState,
    Lifecycle,
    Sent,
    Stage,
)
from nurture.store import schema
from nurture.store.bulk import among

contact, account, journey = schema.contact, schema.account, schema.journey
enrolment, outbox, handover = schema.enrolment, schema.outbox, schema.handover

NOT_SENT = tuple(sorted(NEVER_ARRIVED))
"""The same for statements, in one order, so that their text is the same each time."""

_LIFECYCLES = {str(value): value for value in Lifecycle}
_STAGES = {str(value): value for value in Stage}
_ENROLMENT_STATES = {str(value): value for value in EnrolmentState}

_PERSON: tuple[str, ...] = (
    "id",
    "created_at",
    "email",
    "phone",
    "name",
    "first_name",
    "last_name",
    "company",
    "job_title",
    "city",
)
_PERSON += ("country", "locale", "timezone", "source", "interests", "answers", "tags")
_STANDING: tuple[str, ...] = ("lifecycle", "stage", "stage_since", "fit", "engagement", "recycle_at")
_STANDING += ("stage_told_at", "stage_told_until")
_ACCOUNT = ("id", "name", "domain", "country", "region", "sector", "employees", "facts")

_COLUMNS = (*_PERSON, *_STANDING)
_FOLDED = len(_COLUMNS)
_INTERESTS, _ANSWERS, _TAGS = map(_COLUMNS.index, ("interests", "answers", "tags"))
_LIFECYCLE, _STAGE = map(_COLUMNS.index, ("lifecycle", "stage"))

_PLACE: tuple[str, ...] = ("id", "contact_id", "campaign", "version_id", "occurrence")
_PLACE += ("track", "step", "since", "entered_at", "done", "state", "ended_at", "lap")
_TRACK, _DONE, _STATE = map(_PLACE.index, ("track", "done", "state"))
_ENROLMENT = sa.select(*(enrolment.c[name] for name in _PLACE))

_WITH_ACCOUNT = (
    sa.select(
        *(contact.c[name] for name in _PERSON),
        *(journey.c[name] for name in _STANDING),
        *(account.c[name].label(f"account_{name}") for name in _ACCOUNT),
    )
    .select_from(
        contact.join(journey, journey.c.contact_id == contact.c.id).outerjoin(
            account, account.c.id == contact.c.account_id
        )
    )
    .order_by(contact.c.id)
)


def contacts_of(
    connection: sa.Connection, contact_ids: Sequence[int]
) -> list[tuple[Contact, Account | None]]:
    """The contacts with their accounts, in the order of their ids. One query: the joins are to-one."""
    rows = connection.execute(_WITH_ACCOUNT.where(among(connection, contact.c.id, contact_ids))).all()
    return [_person(row) for row in rows]


def enrolments_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, tuple[Enrolment, ...]]:
    """All enrolments, ended ones too: re-entry counts from them."""
    rows = connection.execute(
        _ENROLMENT.where(among(connection, enrolment.c.contact_id, contact_ids)).order_by(enrolment.c.id)
    ).all()
    found: dict[int, list[Enrolment]] = defaultdict(list)
    for row in rows:
        standing = read_enrolment(row)
        found[standing.contact_id].append(standing)
    return _frozen(found)


def select_enrolments() -> sa.Select[Any]:
    """Every column that `read_enrolment` needs, in its order."""
    return _ENROLMENT


def read_enrolment(row: Sequence[Any]) -> Enrolment:
    place = list(row)
    place[_TRACK] = _STAGES[place[_TRACK]]
    place[_DONE] = tuple(place[_DONE])
    place[_STATE] = _ENROLMENT_STATES[place[_STATE]]
    return Enrolment(*place)


def sent_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, tuple[Sent, ...]]:
    """What was sent or is about to be, oldest first; what never reached anybody is left out."""
    columns = (
        outbox.c.contact_id,
        outbox.c.campaign,
        outbox.c.step,
        outbox.c.occurrence,
        # A message counts from when it was decided on until it is known when it went.
        sa.func.coalesce(outbox.c.done_at, outbox.c.created_at, type_=outbox.c.created_at.type).label("at"),
        outbox.c.state,
        outbox.c.subject,
        outbox.c.lap,
    )
    # A mail that asks for a consent is none of a campaign's, and takes no room of theirs.
    of_campaigns = outbox.c.version_id != CONFIRMATION_VERSION
    rows = connection.execute(
        sa.select(*columns)
        .where(
            among(connection, outbox.c.contact_id, contact_ids), outbox.c.state.not_in(NOT_SENT), of_campaigns
        )
        .order_by(outbox.c.id)
    ).all()
    found: dict[int, list[Sent]] = defaultdict(list)
    for contact_id, campaign, step, occurrence, at, state, subject, lap in rows:
        found[contact_id].append(Sent(campaign, step, occurrence, at, state, subject or "", lap))
    return _frozen(found)


@dataclass(frozen=True, slots=True)
class WithSales:
    """What sales has made of somebody: not answered yet, and when it last said no."""

    open: bool = False
    rejected_at: datetime | None = None


def sales_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, WithSales]:
    """Those who were ever handed over."""
    rows = connection.execute(handed_over().where(among(connection, handover.c.contact_id, contact_ids)))
    return {contact_id: WithSales(waiting > 0, rejected_at) for contact_id, waiting, rejected_at in rows}


def handed_over() -> sa.Select[Any]:
    """Of everybody who ever was: how many hand-overs are `waiting`, and when sales last said no
    (`rejected_at`). One aggregate, since somebody may be handed over many times."""
    waiting = sa.func.count(sa.case((handover.c.answer.is_(None), 1)))
    # Handed back after it had been accepted is a no, too, and the later one.
    no = sa.case((handover.c.answer == "rejected", handover.c.answered_at), else_=handover.c.returned_at)
    said_no = sa.type_coerce(sa.func.max(no), handover.c.answered_at.type)
    columns = (handover.c.contact_id, waiting.label("waiting"), said_no.label("rejected_at"))
    return sa.select(*columns).group_by(handover.c.contact_id)


def _person(row: Sequence[Any]) -> tuple[Contact, Account | None]:
    """Taken by position, in the order of the values' own fields: every contact of every batch comes by."""
    person = list(row[:_FOLDED])
    person[_INTERESTS] = tuple(person[_INTERESTS] or ())
    person[_ANSWERS] = person[_ANSWERS] or {}
    person[_TAGS] = tuple(person[_TAGS] or ())
    person[_LIFECYCLE] = _LIFECYCLES[person[_LIFECYCLE]]
    person[_STAGE] = _STAGES[person[_STAGE]]
    if row[_FOLDED] is None:
        return Contact(*person), None
    company = list(row[_FOLDED:])
    company[-1] = company[-1] or {}
    return Contact(*person), Account(*company)


def _frozen(found: Mapping[int, list[Any]]) -> dict[int, tuple[Any, ...]]:
    return {contact_id: tuple(values) for contact_id, values in found.items()}
