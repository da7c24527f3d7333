"""What is kept for a while and then goes: raw records, signals, junk, people who are silent for long.

Each kind is a walk along one key, some rows at a time, once a day: no process is held up, and any process
goes on where another has stopped. How far it has come stands in `chore`, as with decision records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.model import Lifecycle, SignalClass
from nurture.store import erasure, schema
from nurture.store.bulk import among
from nurture.store.inbox import CONTACT, MERGED, UNREADABLE
from nurture.store.personal import Hash, addresses_of
from nurture.store.retention import come_to, take_turn

AT_ONCE = 1_000
REFUSED = "had refused mail when their data expired"
"""Why an address stays suppressed whose owner's no would else be forgotten with everything."""

contact, inbox, journey, signal = schema.contact, schema.inbox, schema.journey, schema.signal
outcome, unmatched = schema.outcome, schema.unmatched_outcome

_SILENT = (Lifecycle.CONTACT, Lifecycle.RECYCLED, Lifecycle.DISQUALIFIED, Lifecycle.LOST)
"""Whom silence can make go: not those whom sales has, and not customers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What of one kind goes when it is older than a moment.

    `key` is what is walked along; `old` says which of its rows go; `take` lets the rows of some keys go.
    """

    key: sa.Column[int]
    old: Callable[[datetime], sa.ColumnElement[bool]]
    take: Callable[[sa.Connection, list[int], Hash, datetime], None]


def keep_to(
    connection: sa.Connection,
    name: str,
    keep: timedelta,
    now: datetime,
    address_hash: Hash,
    limit: int = AT_ONCE,
) -> int:
    """Lets go what is older than `keep` among the next `limit` rows of a kind; answers with how many it saw.

    0: today's round is over, or another process is at it.
    """
    last = take_turn(connection, f"expire {name}", now)
    if last is None:
        return 0
    kind = KINDS[name]
    ids = _next(connection, kind, last, limit)
    if ids:
        within = sa.and_(kind.key >= ids[0], kind.key <= ids[-1])
        old = list(
            connection.scalars(sa.select(kind.key).where(within, kind.old(now - keep)).order_by(kind.key))
        )
        if old:
            kind.take(connection, old, address_hash, now)
    come_to(connection, f"expire {name}", ids[-1] if len(ids) == limit else None)
    return len(ids)


def expired(connection: sa.Connection, name: str, keep: timedelta, now: datetime) -> int:
    """How many rows of a kind would go now. A pass over all of them."""
    kind = KINDS[name]
    wanted = sa.select(sa.func.count()).select_from(kind.key.table).where(kind.old(now - keep))
    return connection.scalar(wanted) or 0


def _next(connection: sa.Connection, kind: Kind, last: int, limit: int) -> list[int]:
    return list(
        connection.scalars(sa.select(kind.key).where(kind.key > last).order_by(kind.key).limit(limit))
    )


# --- the kinds --------------------------------------------------------------------------------------


def _old_items(before: datetime) -> sa.ColumnElement[bool]:
    """Records that were understood, or never will be; junk may still be sorted again, and goes as people."""
    return sa.and_(
        inbox.c.state.in_((CONTACT, MERGED, UNREADABLE)),
        inbox.c.received_at < before,
        sa.or_(inbox.c.fields.is_not(None), inbox.c.raw.is_not(None)),
    )


def _empty_items(connection: sa.Connection, ids: list[int], _hash: Hash, _now: datetime) -> None:
    """What became of them stays; what they said goes."""
    said = sa.update(inbox).where(among(connection, inbox.c.id, ids))
    connection.execute(said.values(fields=sa.null(), raw=None, origin=sa.null()))


def _old_signals(before: datetime) -> sa.ColumnElement[bool]:
    return signal.c.at < before


def _delete_signals(connection: sa.Connection, ids: list[int], _hash: Hash, _now: datetime) -> None:
    connection.execute(sa.delete(signal).where(among(connection, signal.c.id, ids)))


def _old_unmatched(before: datetime) -> sa.ColumnElement[bool]:
    return unmatched.c.received_at < before


def _delete_unmatched(connection: sa.Connection, ids: list[int], _hash: Hash, _now: datetime) -> None:
    connection.execute(sa.delete(unmatched).where(among(connection, unmatched.c.id, ids)))


def _old_outcomes(before: datetime) -> sa.ColumnElement[bool]:
    return outcome.c.at < before


def _delete_outcomes(connection: sa.Connection, ids: list[int], _hash: Hash, _now: datetime) -> None:
    connection.execute(sa.delete(outcome).where(among(connection, outcome.c.id, ids)))


def _old_junk(before: datetime) -> sa.ColumnElement[bool]:
    return journey.c.contact_id.in_(
        sa.select(contact.c.id).where(
            contact.c.id == journey.c.contact_id,
            contact.c.updated_at < before,
            journey.c.lifecycle.in_((Lifecycle.JUNK, Lifecycle.LEAD)),
        )
    )


def _silent(before: datetime) -> sa.ColumnElement[bool]:
    """Nothing new is known of them, and they did nothing themselves: what machines did is no sign of life."""
    known = sa.exists().where(contact.c.id == journey.c.contact_id, contact.c.updated_at < before)
    did = sa.exists().where(
        signal.c.contact_id == journey.c.contact_id,
        signal.c.at >= before,
        signal.c.classed != SignalClass.MACHINE,
    )
    handover = schema.handover
    with_sales = sa.exists().where(handover.c.contact_id == journey.c.contact_id, handover.c.answer.is_(None))
    said = schema.consent
    agreed = sa.exists().where(said.c.contact_id == journey.c.contact_id, said.c.at >= before)
    ended = sa.exists().where(outcome.c.contact_id == journey.c.contact_id, outcome.c.recorded_at >= before)
    return sa.and_(journey.c.lifecycle.in_(_SILENT), known, ~did, ~with_sales, ~agreed, ~ended)


def _erase(connection: sa.Connection, ids: list[int], address_hash: Hash, now: datetime) -> None:
    said = schema.consent
    refused = sa.exists().where(said.c.contact_id == contact.c.id, said.c.granted.is_(False))
    said_no = list(
        connection.scalars(sa.select(contact.c.id).where(among(connection, contact.c.id, ids), refused))
    )
    addresses = addresses_of(connection, said_no)
    erasure.erase(connection, ids, {address_hash(each): REFUSED for each in addresses}, now)


KINDS: Mapping[str, Kind] = {
    "raw": Kind(inbox.c.id, _old_items, _empty_items),
    "unmatched": Kind(unmatched.c.id, _old_unmatched, _delete_unmatched),
    "signals": Kind(signal.c.id, _old_signals, _delete_signals),
    "outcomes": Kind(outcome.c.id, _old_outcomes, _delete_outcomes),
    "junk": Kind(journey.c.contact_id, _old_junk, _erase),
    "inactive": Kind(journey.c.contact_id, _silent, _erase),
}
"""By the names that the settings have for them."""
