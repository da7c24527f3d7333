"""Hand-overs: opened, chased, and answered by sales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import Lifecycle
from nurture.store import schema
from nurture.store.bulk import among, insert_rows, reserve_ids, update_rows

handover, journey = schema.handover, schema.journey


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One hand-over as stored. `answer` is None while sales has not answered; see `schema.handover`."""

    id: int
    contact_id: int
    campaign: str
    version_id: int
    team: str
    assignee_name: str | None
    assignee_email: str | None
    because: str
    dossier: Mapping[str, Any]
    created_at: datetime
    answer_by: datetime | None
    answer: str | None = None
    reason: str | None = None
    note: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    assigned_because: str | None = None
    assigned_at: datetime | None = None
    turn: int = 0
    had: Sequence[str] | None = None
    next_look: datetime | None = None
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    escalated_to: str | None = None
    asked_at: datetime | None = None
    asked_for: str | None = None
    returned_at: datetime | None = None
    returned_reason: str | None = None
    returned_note: str | None = None
    returned_by: str | None = None

    @property
    def contact(self) -> str:
        """What the contact is called."""
        known = self.dossier["contact"]
        return str(known["name"] or known["email"] or known["phone"] or f"contact {self.contact_id}")

    @property
    def assignee(self) -> str:
        """Who has it; empty where the team has no members."""
        return self.assignee_name or ""

    @property
    def state(self) -> str:
        """open, paused, accepted, rejected or handed_back."""
        if self.returned_at is not None:
            return "handed_back"
        return self.answer or ("paused" if self.paused else "open")

    @property
    def paused(self) -> bool:
        """Whether sales has asked for more, and waits for it."""
        return self.answer is None and self.asked_at is not None

    def as_json(self) -> dict[str, Any]:
        """All but the dossier, as what JSON knows; times as RFC 3339."""
        shown = {name: getattr(self, name) for name in _COLUMN_NAMES if name != "dossier"}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in shown.items()
        }


_OPENED = (
    "id",
    "contact_id",
    "campaign",
    "version_id",
    "team",
    "assignee_name",
    "assignee_email",
    "because",
    "dossier",
    "created_at",
    "answer_by",
    "assigned_because",
    "assigned_at",
    "next_look",
)
_CHASED = (
    "assignee_name",
    "assignee_email",
    "dossier",
    "answer_by",
    "assigned_because",
    "assigned_at",
    "turn",
    "had",
    "next_look",
    "reminded_at",
    "escalated_at",
    "escalated_to",
    "asked_at",
    "asked_for",
)
_COLUMN_NAMES = tuple(HandoverRow.__dataclass_fields__)
_COLUMNS = tuple(handover.c[name] for name in _COLUMN_NAMES)


# --- opening ----------------------------------------------------------------------------------------


def new_ids(connection: sa.Connection, n: int) -> list[int]:
    """Ids for `n` hand-overs: a dossier knows its own number."""
    return reserve_ids(connection, handover, n)


def add_handovers(connection: sa.Connection, rows: Sequence[HandoverRow]) -> None:
    """Stores new hand-overs."""
    insert_rows(connection, handover, _OPENED, [[getattr(row, name) for name in _OPENED] for row in rows])


# --- reading ----------------------------------------------------------------------------------------


def listing(connection: sa.Connection, *, open_only: bool, team: str | None) -> list[HandoverRow]:
    """Hand-overs, the newest first."""
    query = sa.select(*_COLUMNS).order_by(handover.c.id.desc())
    if open_only:
        query = query.where(handover.c.answer.is_(None))
    if team is not None:
        query = query.where(handover.c.team == team)
    return [HandoverRow(*row) for row in connection.execute(query)]


def page(
    connection: sa.Connection, *, open_only: bool, teams: Sequence[str], after: int, limit: int
) -> list[HandoverRow]:
    """Hand-overs behind the number `after`, the oldest first; of all teams where none is named."""
    query = sa.select(*_COLUMNS).where(handover.c.id > after).order_by(handover.c.id).limit(limit)
    if open_only:
        query = query.where(handover.c.answer.is_(None))
    if teams:
        query = query.where(handover.c.team.in_(list(teams)))
    return [HandoverRow(*row) for row in connection.execute(query)]


def load(
    connection: sa.Connection, handover_ids: Sequence[int], *, hold: bool = False
) -> dict[int, HandoverRow]:
    """Those of the hand-overs that exist, by id; along the primary key. With `hold` nobody else changes them
    until the transaction ends."""
    query = sa.select(*_COLUMNS).where(handover.c.id.in_(handover_ids))
    rows = connection.execute(query.with_for_update() if hold else query)
    return {row.id: HandoverRow(*row) for row in rows}


def of_contact(connection: sa.Connection, contact_id: int) -> list[HandoverRow]:
    """All hand-overs of one contact, the oldest first."""
    query = sa.select(*_COLUMNS).where(handover.c.contact_id == contact_id).order_by(handover.c.id)
    return [HandoverRow(*row) for row in connection.execute(query)]


# --- chasing ----------------------------------------------------------------------------------------


def claim_looks(connection: sa.Connection, now: datetime, limit: int) -> list[HandoverRow]:
    """Hand-overs that are to be looked at, the longest due first, held until the commit."""
    # Two workers that look at once take different rows instead of waiting for each other.
    query = sa.select(*_COLUMNS).where(handover.c.next_look <= now).order_by(handover.c.next_look)
    rows = connection.execute(query.limit(limit).with_for_update(skip_locked=True))
    return [HandoverRow(*row) for row in rows]


def put_chased(connection: sa.Connection, rows: Sequence[HandoverRow]) -> None:
    """Stores what has come of hand-overs that were looked at."""
    values = [(row.id, *(getattr(row, name) for name in _CHASED)) for row in rows]
    update_rows(connection, handover, "id", _CHASED, values)


def look_again(connection: sa.Connection, contact_ids: Sequence[int], now: datetime) -> None:
    """Something happened to these contacts: those that sales has asked more of are looked at."""
    connection.execute(
        sa.update(handover)
        .where(
            among(connection, handover.c.contact_id, contact_ids),
            handover.c.asked_at.is_not(None),
            handover.c.answer.is_(None),
        )
        .values(next_look=now)
    )


def count_due_looks(connection: sa.Connection, now: datetime, at_most: int) -> int:
    """How many hand-overs are to be looked at, counting no further than `at_most`."""
    due = sa.select(handover.c.id).where(handover.c.next_look <= now).limit(at_most)
    return connection.scalar(sa.select(sa.func.count()).select_from(due.subquery())) or 0


def next_look(connection: sa.Connection) -> datetime | None:
    """When the next hand-over is to be looked at."""
    earliest: datetime | None = connection.scalar(
        sa.select(sa.func.min(handover.c.next_look)).where(handover.c.next_look.is_not(None))
    )
    return earliest


def move_contacts(
    connection: sa.Connection, contact_ids: Sequence[int], before: Lifecycle, after: Lifecycle
) -> None:
    """Puts those who are still `before` to `after`."""
    those = sa.and_(among(connection, journey.c.contact_id, contact_ids), journey.c.lifecycle == before)
    # Locked in the order of their ids: two that move the same people never wait for each other.
    held = sa.select(journey.c.contact_id).where(those).order_by(journey.c.contact_id).with_for_update()
    ids = list(connection.scalars(held))
    moved = sa.update(journey).where(among(connection, journey.c.contact_id, ids))
    connection.execute(moved.values(lifecycle=after, token=None, lease_until=None))


# --- answering --------------------------------------------------------------------------------------


def set_answer(
    connection: sa.Connection,
    handover_id: int,
    answer: str,
    *,
    reason: str | None,
    note: str | None,
    by: str | None,
    now: datetime,
) -> bool:
    """Whether this answer was the first one."""
    # Compare-and-set: of two answers at the same moment exactly one finds it unanswered.
    result = connection.execute(
        sa.update(handover)
        .where(handover.c.id == handover_id, handover.c.answer.is_(None))
        .values(answer=answer, reason=reason, note=note, answered_by=by, answered_at=now, next_look=None)
    )
    return result.rowcount == 1


def set_question(
    connection: sa.Connection, handover_id: int, asked_for: str, *, now: datetime, next_look: datetime
) -> bool:
    """Whether what sales asks for is new: one question at a time, and none once it is answered."""
    result = connection.execute(
        sa.update(handover)
        .where(handover.c.id == handover_id, handover.c.answer.is_(None), handover.c.asked_at.is_(None))
        .values(asked_at=now, asked_for=asked_for, next_look=next_look)
    )
    return result.rowcount == 1


def set_returned(
    connection: sa.Connection,
    handover_id: int,
    reason: str,
    *,
    note: str | None,
    by: str | None,
    now: datetime,
) -> bool:
    """Whether an accepted hand-over was handed back just now."""
    result = connection.execute(
        sa.update(handover)
        .where(
            handover.c.id == handover_id, handover.c.answer == "accepted", handover.c.returned_at.is_(None)
        )
        .values(returned_at=now, returned_reason=reason, returned_note=note, returned_by=by)
    )
    return result.rowcount == 1


def move_contact(
    connection: sa.Connection,
    contact_id: int,
    before: Lifecycle,
    after: Lifecycle,
    recycle_at: datetime | None,
) -> bool:
    """Puts whoever is still `before` where sales' answer leads; others stay where they are."""
    # Taking the token away makes a worker that holds the contact let go of a decision taken without this.
    result = connection.execute(
        sa.update(journey)
        .where(journey.c.contact_id == contact_id, journey.c.lifecycle == before)
        .values(lifecycle=after, recycle_at=recycle_at, token=None, lease_until=None)
    )
    return result.rowcount == 1
