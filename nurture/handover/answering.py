"""Takes an answer of sales, in one transaction with all that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.core.model import DecisionRecord, Lifecycle
from nurture.errors import NurtureError
from nurture.handover import questions
from nurture.handover.answers import (
    ACCEPTED,
    ASKED,
    HANDED_BACK,
    Answer,
    AnswerResult,
    Consequence,
    consequence,
    record_of,
)
from nurture.handover.chasing import CampaignOf
from nurture.handover.roster import policy_of
from nurture.store import consents, handovers, journey, merging, records, schema, snapshots, stories
from nurture.store.handovers import HandoverRow
from nurture.store.merging_rounds import Merging

AddressHash = Callable[[str], bytes]


class Taken(NamedTuple):
    """What came of an answer, and what was decided of whom."""

    result: AnswerResult
    contact_id: int
    decided: tuple[DecisionRecord, ...] = ()


def take_answer(
    connection: sa.Connection,
    row: HandoverRow,
    given: Answer,
    campaign_of: CampaignOf,
    address_hash: AddressHash,
    now: datetime,
) -> Taken:
    """Stores an answer to a hand-over that is held, and does what it says. The same answer twice is one.

    Raised when it was answered otherwise before, when there is nothing to hand back, or when the contact that
    a duplicate is cannot be found: NurtureError.
    """
    campaign = campaign_of(connection, row.version_id)
    policy = policy_of(campaign, row.team)
    if not _store(connection, row, given, now):
        # Before it is asked where it leads: a day has passed since, the duplicate is one with them by now.
        return Taken(_repeated(row, given), row.contact_id)
    leads = consequence(given, policy, ZoneInfo(campaign.timezone), now)
    same_as = _same_as(connection, given, row) if leads.merge else None
    if same_as is not None:
        # Before journeys, as with all who lock these: merging asks for them again.
        _hold_both(connection, row.contact_id, same_as)
    decided = [*_end_question(connection, row, given, now), record_of(given, row, leads, now, same_as)]
    before = Lifecycle.ACCEPTED if given.answer == HANDED_BACK else Lifecycle.PROSPECT
    moved = handovers.move_contact(connection, row.contact_id, before, leads.lifecycle, leads.recycle_at)
    if given.answer == ASKED:
        questions.put_question(connection, row.contact_id, given.need, now)
    records.add_records(connection, [(row.contact_id, record) for record in decided], now)
    contact_id = row.contact_id
    if same_as is not None:
        reasons = (f"{given.by or 'sales'} says so of hand-over {row.id}",)
        merging.merge_one(
            connection, Merging(contact_id, same_as, merging.BY_SALES, reasons), address_hash, now
        )
        contact_id = same_as
    journey.wake(connection, [contact_id], now)
    return Taken(_result(row, given, leads, same_as, moved=moved), contact_id, tuple(decided))


def _store(connection: sa.Connection, row: HandoverRow, given: Answer, now: datetime) -> bool:
    """Whether this answer was the first of its kind."""
    if given.answer == ASKED:
        until = now + questions.PATIENCE
        return handovers.set_question(connection, row.id, given.need or "", now=now, next_look=until)
    if given.answer == HANDED_BACK:
        return handovers.set_returned(
            connection, row.id, given.reason or "", note=given.note, by=given.by, now=now
        )
    return handovers.set_answer(
        connection, row.id, given.answer, reason=given.reason, note=given.note, by=given.by, now=now
    )


def _end_question(
    connection: sa.Connection, row: HandoverRow, given: Answer, now: datetime
) -> list[DecisionRecord]:
    """Sales answers without waiting for what it had asked: nothing is asked of them any more."""
    if not row.paused or given.answer == ASKED:
        return []
    people = [(row, person) for person, _ in snapshots.contacts_of(connection, [row.contact_id])]
    questions.settle(connection, people, now)
    return [
        DecisionRecord(
            "handover_resumed",
            f"sales answers hand-over {row.id} without waiting for what it had asked",
            campaign=row.campaign,
            evidence={"handover": row.id},
        )
    ]


def _same_as(connection: sa.Connection, given: Answer, row: HandoverRow) -> int:
    """The contact that a duplicate is. Raised when there is none, or are several: NurtureError."""
    wanted = given.same_as or ""
    found = [one.id for one in stories.find_contacts(connection, wanted) if one.id != row.contact_id]
    if not found:
        raise NurtureError(f"there is no other contact {wanted!r}", hint="give an id, or an e-mail address")
    if len(found) > 1:
        raise NurtureError(
            f"{wanted!r} may be any of the contacts {', '.join(map(str, found))}", hint="give the id"
        )
    return int(found[0])


def _hold_both(connection: sa.Connection, one: int, other: int) -> None:
    contact, ids = schema.contact, sorted((one, other))
    held = sa.select(contact.c.id).where(contact.c.id.in_(ids)).order_by(contact.c.id)
    connection.execute(held.with_for_update())
    consents.hold(connection, ids)


def _result(
    row: HandoverRow, given: Answer, leads: Consequence, same_as: int | None, *, moved: bool
) -> AnswerResult:
    return AnswerResult(
        row.id,
        row.contact_id,
        given.answer,
        given.reason,
        repeated=False,
        lifecycle=leads.lifecycle if moved else None,
        recycle_at=leads.recycle_at if moved else None,
        merged_into=same_as,
    )


def _repeated(row: HandoverRow, given: Answer) -> AnswerResult:
    """The same answer as before. Raised when it was another one: NurtureError."""
    said = row.answer, row.reason
    if given.answer == HANDED_BACK:
        if row.answer != ACCEPTED:
            raise NurtureError(
                f"hand-over {row.id} was not accepted, so it cannot be handed back",
                hint="reject it instead" if row.answer is None else "",
            )
        said = HANDED_BACK, row.returned_reason
    elif given.answer == ASKED and row.paused:
        said = ASKED, given.reason if row.asked_for == given.need else "something else"
    if said != (given.answer, given.reason):
        why = f" ({row.reason})" if row.reason else ""
        by = f" by {row.answered_by}" if row.answered_by else ""
        what = f"already {row.answer}{why}{by}" if row.answer else f"paused already, for: {row.asked_for}"
        raise NurtureError(f"hand-over {row.id} was {what}")
    return AnswerResult(row.id, row.contact_id, given.answer, given.reason, repeated=True)
