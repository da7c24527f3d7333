"""Looking at the outbox, and the operator's word on a message of which nobody knows what became of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from nurture.errors import NurtureError
from nurture.store import schema
from nurture.store.outbox import State

outbox = schema.outbox


def counts(connection: sa.Connection) -> dict[State, int]:
    """How many messages are in each state; states without any are left out."""
    statement = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
    return {State(state): number for state, number in connection.execute(statement)}


def count_ready(connection: sa.Connection, now: datetime, at_most: int) -> int:
    """How many messages could be claimed now, counted no further than `at_most`."""
    # The limit stands inside, so that a million waiting messages cost no more than `at_most`.
    due = (
        sa.select(outbox.c.id)
        .where(outbox.c.state == State.READY.value, outbox.c.not_before <= now)
        .limit(at_most)
        .subquery()
    )
    return connection.scalar(sa.select(sa.func.count()).select_from(due)) or 0


def next_ready(connection: sa.Connection) -> datetime | None:
    """When the next message becomes due (or was due already), or None."""
    # Reads one entry of the index of what is ready.
    first = sa.select(sa.func.min(outbox.c.not_before)).where(outbox.c.state == State.READY.value)
    found: datetime | None = connection.scalar(first)
    return found


def find(
    connection: sa.Connection, states: Collection[State] = (), *, limit: int = 100, after: int = 0
) -> Sequence[sa.RowMapping]:
    """Rows of the outbox with the recipient's `email`, by id, for people to read; all states when none given.

    The next page starts `after` the last id of this one.
    """
    statement = (
        sa.select(outbox, schema.contact.c.email)
        .join(schema.contact, schema.contact.c.id == outbox.c.contact_id)
        .where(outbox.c.id > after)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    if states:
        statement = statement.where(outbox.c.state.in_([state.value for state in states]))
    return connection.execute(statement).mappings().all()


_RESOLUTIONS: Mapping[str, tuple[State, tuple[State, ...], str | None]] = {
    "sent": (State.SENT, (State.UNKNOWN,), "resolved by hand: it arrived"),
    "resend": (State.READY, (State.UNKNOWN, State.FAILED, State.WITHHELD), None),
    "drop": (State.WITHHELD, (State.UNKNOWN, State.FAILED, State.READY), "dropped by hand"),
}


def resolve(connection: sa.Connection, outbox_ids: Collection[int], how: str, now: datetime) -> None:
    """The operator's word on messages: they were `sent`, `resend` them, or `drop` them.

    Raised when one is in no state in which that makes sense, or does not exist: NurtureError, and the
    caller's transaction must end without any.
    """
    if how not in _RESOLUTIONS:
        raise NurtureError(f"a message cannot be resolved as {how!r}", hint="write sent, resend or drop")
    state, from_states, reply = _RESOLUTIONS[how]
    again = state is State.READY
    # One statement for all; the state is part of its condition, so that a message that moved on meanwhile is
    # not pulled back.
    done = connection.execute(
        sa.update(outbox)
        .where(outbox.c.id.in_(outbox_ids), outbox.c.state.in_([one.value for one in from_states]))
        .values(
            state=state.value,
            reply=reply,
            token=None,
            lease_until=None,
            done_at=None if again else now,
            **({"not_before": now, "attempts": 0, "repeat_until": None} if again else {}),
        )
        .returning(outbox.c.id)
    )
    left = sorted(set(outbox_ids).difference(done.scalars()))
    if not left:
        return
    # One that cannot be resolved is enough to tell: looked up by its primary key.
    current = connection.scalar(sa.select(outbox.c.state).where(outbox.c.id == left[0]))
    if current is None:
        raise NurtureError(f"there is no message {left[0]} in the outbox", hint="see: nurture outbox list")
    possible = ", ".join(one.value for one in from_states)
    raise NurtureError(
        f"message {left[0]} is {current}: {how} is for one that is {possible}",
        hint="see: nurture outbox list",
    )
