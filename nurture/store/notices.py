"""The notices that tell sales what becomes of hand-overs: stored with what they tell of, sent afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from nurture.core.model import NoticeKind, SalesPerson
from nurture.store import schema
from nurture.store.bulk import among, insert_rows, update_rows

notice, handover = schema.notice, schema.handover

ERASED = "The person of this hand-over was erased at their own request. Erase what you hold of them, too."
"""What sales is told of a person of whom nothing is known any more."""


@dataclass(frozen=True, slots=True)
class NewNotice:
    """Something to tell sales, on one channel. `again` tells apart what is said of one hand-over several
    times: its `turn`.
    """

    handover_id: int
    kind: str
    channel: str
    to: SalesPerson | None
    why: str = ""
    again: int = 0

    @property
    def key(self) -> str:
        """The same however often it is tried, and no other notice's."""
        again = f"-{self.again}" if self.again else ""
        return f"handover-{self.handover_id}-{self.kind}{again}-{self.channel}"

    @property
    def target(self) -> dict[str, str]:
        """Whom it goes to and why, as it is stored."""
        who = {"name": self.to.name, "email": self.to.email} if self.to else {}
        return {**who, "why": self.why}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A claimed notice; `key` is the same on every attempt, so that a receiver can tell a repetition.

    `handover_id` is None where the hand-over was withdrawn: its number then stands in `target`.
    """

    id: int
    handover_id: int | None
    kind: str
    channel: str
    target: Mapping[str, str]
    key: str
    attempts: int
    created_at: datetime | None

    @property
    def to(self) -> SalesPerson | None:
        """Whom to tell."""
        email = self.target.get("email")
        return SalesPerson(self.target.get("name", ""), email) if email else None


@dataclass(frozen=True, slots=True)
class NoticeResult:
    """What became of a claimed notice: `state` is done, failed, or ready for another try at `not_before`."""

    id: int
    state: str
    not_before: datetime
    reply: str
    done_at: datetime | None


# --- adding -----------------------------------------------------------------------------------------


def add_notices(connection: sa.Connection, notices: Sequence[NewNotice], now: datetime) -> None:
    """Stores notices, due at once."""
    columns = ("handover_id", "kind", "channel", "target", "key", "state", "not_before", "created_at")
    rows = [
        (one.handover_id, one.kind, one.channel, one.target, one.key, "ready", now, now) for one in notices
    ]
    insert_rows(connection, notice, columns, rows)


def withdraw(connection: sa.Connection, contact_ids: Sequence[int], now: datetime) -> int:
    """Tells everybody who was ever told of these people that they go, before they do; answers with how many
    notices. What is stored holds nothing of the people but the number of their hand-over.
    """
    told = (
        sa.select(handover.c.id, handover.c.team, notice.c.channel, notice.c.target)
        .join(notice, notice.c.handover_id == handover.c.id)
        .where(among(connection, handover.c.contact_id, contact_ids))
        .order_by(handover.c.id, notice.c.id)
        # Before the contacts, as with all who lock both.
        .with_for_update(of=handover)
    )
    whom: dict[tuple[int, str, str], dict[str, str]] = {}
    for number, team, channel, target in connection.execute(told):
        email = target.get("email", "")
        who = {"name": target.get("name", ""), "email": email} if email else {}
        whom[number, channel, email] = {**who, "team": team, "handover": str(number), "why": ERASED}
    columns = ("kind", "channel", "target", "key", "state", "not_before", "created_at")
    rows = []
    for place, ((number, channel, _), target) in enumerate(whom.items()):
        key = f"handover-{number}-{NoticeKind.WITHDRAWN}-{place}-{channel}"
        rows.append((NoticeKind.WITHDRAWN, channel, target, key, "ready", now, now))
    insert_rows(connection, notice, columns, rows)
    return len(rows)


def withdrawn(connection: sa.Connection, number: int) -> list[Any]:
    """Whom it was, or is, to be told that the person of a hand-over of this number was erased."""
    # By the start of the key, since of the hand-over nothing else is left.
    key = notice.c.key.startswith(f"handover-{number}-{NoticeKind.WITHDRAWN}-", autoescape=True)
    return list(connection.execute(sa.select(notice).where(key).order_by(notice.c.id)))


# --- sending ----------------------------------------------------------------------------------------


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
    # Two workers that claim at once take different rows instead of waiting for each other. A CTE that locks
    # is never folded into the update, so that it runs once and its LIMIT holds.
    due = _due(now).order_by(notice.c.not_before).limit(limit).with_for_update(skip_locked=True).cte("due")
    token = secrets.randbits(62)
    fields = NoticeRow.__dataclass_fields__
    rows = connection.execute(
        sa.update(notice)
        .where(notice.c.id.in_(sa.select(due.c.id)))
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
