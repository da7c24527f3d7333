"""Hand-overs, whose turn it is in a team, and the notices that tell sales of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Lifecycle
from nurture.store import schema
from nurture.store.bulk import insert_rows, reserve_ids, update_rows

handover, notice, journey = schema.handover, schema.notice, schema.journey


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One hand-over as stored. `answer` is None while sales has not answered."""

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

    @property
    def contact(self) -> str:
        """What the contact is called."""
        known = self.dossier["contact"]
        return str(known["name"] or known["email"] or known["phone"] or f"contact {self.contact_id}")

    @property
    def assignee(self) -> str:
        """Who has it; empty where the team has no members."""
        return self.assignee_name or ""

    def as_json(self) -> dict[str, Any]:
        """All but the dossier, as what JSON knows; times as RFC 3339."""
        shown = {name: getattr(self, name) for name in _COLUMN_NAMES if name != "dossier"}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in shown.items()
        }


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A claimed notice; `key` is the same on every attempt, so that a receiver can tell a repetition."""

    id: int
    handover_id: int
    channel: str
    target: Mapping[str, str]
    key: str
    attempts: int


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """What became of a claimed notice: `state` is done, failed, or ready for another try at `not_before`."""

    id: int
    state: str
    not_before: datetime
    reply: str
    done_at: datetime | None


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
)
_COLUMN_NAMES = tuple(HandoverRow.__dataclass_fields__)
_COLUMNS = tuple(handover.c[name] for name in _COLUMN_NAMES)


# --- opening ----------------------------------------------------------------------------------------


def new_ids(connection: sa.Connection, n: int) -> list[int]:
    """Ids for `n` hand-overs: a dossier knows its own number."""
    return reserve_ids(connection, handover, n)


def take_turns(connection: sa.Connection, wanted: Mapping[str, int]) -> dict[str, int]:
    """Takes that many turns in each team; answers with the number of the first one, counted from 0."""
    if not wanted:
        return {}
    table = schema.team_turn
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # In the order of their names, so that two workers take the teams' locks in the same order.
    statement = insert(table).values([{"team": team, "turns": wanted[team]} for team in sorted(wanted)])
    # One upsert that counts and answers: nobody can take the same turn between a look and a write.
    statement = statement.on_conflict_do_update(
        index_elements=["team"], set_={"turns": table.c.turns + statement.excluded.turns}
    )
    rows = connection.execute(statement.returning(table.c.team, table.c.turns))
    return {team: turns - wanted[team] for team, turns in rows}


def add_handovers(connection: sa.Connection, rows: Sequence[HandoverRow]) -> None:
    """Stores new hand-overs."""
    insert_rows(connection, handover, _OPENED, [[getattr(row, name) for name in _OPENED] for row in rows])


def add_notices(
    connection: sa.Connection, notices: Sequence[tuple[int, str, Mapping[str, str]]], now: datetime
) -> None:
    """Stores notices, each as (hand-over, channel, target), due at once."""
    columns = ("handover_id", "channel", "target", "key", "state", "not_before")
    insert_rows(
        connection,
        notice,
        columns,
        [
            (id_, channel, target, f"handover-{id_}-opened-{channel}", "ready", now)
            for id_, channel, target in notices
        ],
    )


# --- reading ----------------------------------------------------------------------------------------


def listing(connection: sa.Connection, *, open_only: bool, team: str | None) -> list[HandoverRow]:
    """Hand-overs, the newest first."""
    query = sa.select(*_COLUMNS).order_by(handover.c.id.desc())
    if open_only:
        query = query.where(handover.c.answer.is_(None))
    if team is not None:
        query = query.where(handover.c.team == team)
    return [HandoverRow(*row) for row in connection.execute(query)]


def load(connection: sa.Connection, handover_ids: Sequence[int]) -> dict[int, HandoverRow]:
    """Those of the hand-overs that exist, by id; along the primary key."""
    query = sa.select(*_COLUMNS).where(handover.c.id.in_(handover_ids))
    return {row.id: HandoverRow(*row) for row in connection.execute(query)}


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
        .values(answer=answer, reason=reason, note=note, answered_by=by, answered_at=now)
    )
    return result.rowcount == 1


def move_contact(
    connection: sa.Connection, contact_id: int, lifecycle: Lifecycle, recycle_at: datetime | None
) -> bool:
    """Puts a prospect where sales' answer leads; whoever is no prospect any more stays where they are."""
    # Taking the token away makes a worker that holds the contact let go of a decision taken without this.
    result = connection.execute(
        sa.update(journey)
        .where(journey.c.contact_id == contact_id, journey.c.lifecycle == Lifecycle.PROSPECT)
        .values(lifecycle=lifecycle, recycle_at=recycle_at, token=None, lease_until=None)
    )
    return result.rowcount == 1


# --- notices ----------------------------------------------------------------------------------------


def claim_notices(
    connection: sa.Connection, now: datetime, *, limit: int, lease: timedelta, max_attempts: int
) -> tuple[int, list[NoticeRow]]:
    """Takes due notices, the longest due first, with the token that proves the claim.

    A notice whose claims have all ended with their worker is failed here, so that it is seen.
    """
    abandoned = sa.and_(notice.c.state == "claimed", notice.c.lease_until < now)
    connection.execute(
        sa.update(notice)
        .where(abandoned, notice.c.attempts >= max_attempts)
        .values(state="failed", reply="the process ended while telling, again and again", token=None)
    )
    # Two workers that claim at once take different rows instead of waiting for each other.
    due = _due(now).order_by(notice.c.not_before).limit(limit).with_for_update(skip_locked=True)
    token = secrets.randbits(62)
    fields = NoticeRow.__dataclass_fields__
    rows = connection.execute(
        sa.update(notice)
        .where(notice.c.id.in_(due))
        .values(state="claimed", token=token, lease_until=now + lease, attempts=notice.c.attempts + 1)
        .returning(*(notice.c[name] for name in fields))
    )
    return token, sorted((NoticeRow(*row) for row in rows), key=lambda row: row.id)


def count_due_notices(connection: sa.Connection, now: datetime, at_most: int) -> int:
    """How many notices are due, counting no further than `at_most`: a doorbell needs no exact number."""
    return connection.scalar(sa.select(sa.func.count()).select_from(_due(now).limit(at_most).subquery())) or 0


def next_notice(connection: sa.Connection) -> datetime | None:
    """When the next notice is to be tried."""
    earliest: datetime | None = connection.scalar(
        sa.select(sa.func.min(notice.c.not_before)).where(notice.c.state == "ready")
    )
    return earliest


def _due(now: datetime) -> sa.Select[tuple[int]]:
    # `state IN` stands there for the partial index, which is all that is ever looked through.
    return sa.select(notice.c.id).where(
        notice.c.state.in_(["ready", "claimed"]),
        notice.c.not_before <= now,
        sa.or_(notice.c.state == "ready", notice.c.lease_until < now),
    )


def finish_notices(connection: sa.Connection, token: int, results: Sequence[NoticeResult]) -> None:
    """Writes what became of claimed notices; one whose lease was lost meanwhile is left alone."""
    columns = ("state", "not_before", "reply", "done_at", "token")
    rows = [(one.id, one.state, one.not_before, one.reply, one.done_at, token) for one in results]
    update_rows(
        connection,
        notice,
        "id",
        columns,
        rows,
        only_if="t.token = v.token",
        overrides={"token": "NULL", "lease_until": "NULL"},
    )
