"""What is kept of people's past, for whole batches of them, one query a subject: what a backtest goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from nurture.core.model import Signal, SignalClass
from nurture.core.obstacles import Mail
from nurture.core.past import Answered, Merge
from nurture.core.provenance import from_document
from nurture.core.replay import Said
from nurture.store import schema
from nurture.store.bulk import among
from nurture.store.consents import own_words

contact, account, identity = schema.contact, schema.account, schema.identity

EXTERNAL = "external:"
"""Kinds of identities begin so that come from another system; its name follows."""

_AT_ONCE = 5_000
"""Signals in hand at once."""

WITH_THE_RECORD = timedelta(days=1)
"""An import with its lookups takes a while: what came in so long after a person's record came with it."""

MOST_OF_A_FIRM = 10_000
"""So many signals of one account are gone through at most."""

_CLASSES = {classed.value: classed for classed in SignalClass}


class HandedOver(NamedTuple):
    """A hand-over, with the reason for which it was rejected or handed back."""

    answered: Answered
    reason: str | None


def starts_of_batches(connection: sa.Connection, size: int) -> list[int]:
    """The ids of contacts at which batches of `size` begin, in order."""
    # One pass along the primary key; only the ids of the beginnings travel.
    numbered = sa.select(contact.c.id, sa.func.row_number().over(order_by=contact.c.id).label("number"))
    ranked = numbered.subquery()
    first = sa.select(ranked.c.id).where((ranked.c.number - 1) % size == 0).order_by(ranked.c.id)
    return list(connection.scalars(first))


def ids_between(connection: sa.Connection, first: int, before: int | None) -> list[int]:
    """The ids of contacts from `first` on, and below `before` where that is given."""
    wanted = contact.c.id >= first
    if before is not None:
        wanted = sa.and_(wanted, contact.c.id < before)
    return list(connection.scalars(sa.select(contact.c.id).where(wanted).order_by(contact.c.id)))


def merges_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, list[Merge]]:
    """New data of each person and of their firm, the oldest first: told of them, told of the firm by records
    of colleagues, or found. What came `WITH_THE_RECORD` of the person is none: it was there all along.
    """
    merge = schema.merge
    query = sa.select(merge.c.contact_id, merge.c.at, merge.c.changes)
    rows = connection.execute(
        query.where(among(connection, merge.c.contact_id, contact_ids)).order_by(merge.c.id)
    )
    known: dict[int, list[Merge]] = defaultdict(list)
    for contact_id, at, changes in rows:
        known[contact_id].append(Merge(at, changes or {}))
    columns = (contact.c.id, contact.c.created_at, contact.c.origins, account.c.id, account.c.origins)
    people = connection.execute(
        sa.select(*columns)
        .outerjoin(account, account.c.id == contact.c.account_id)
        .where(among(connection, contact.c.id, contact_ids))
    ).all()
    of_firms = _told_of_firms(connection, {row[3] for row in people if row[3] is not None})
    for id_, created_at, origins, account_id, of_firm in people:
        others = [*of_firms.get(account_id, ()), *_finds(origins, ""), *_finds(of_firm, "account.")]
        later = [one for one in others if one.at > created_at + WITH_THE_RECORD]
        if later:
            known[id_] = sorted([*known[id_], *later], key=lambda one: one.at)
    return known


def _told_of_firms(connection: sa.Connection, account_ids: Collection[int]) -> dict[int, list[Merge]]:
    """What anybody's record changed in each firm, the oldest first."""
    if not account_ids:
        return {}
    merge = schema.merge
    of_firm = sa.cast(merge.c.changes, sa.Text).contains('"account.')
    query = (
        sa.select(contact.c.account_id, merge.c.at, merge.c.changes)
        .join(merge, merge.c.contact_id == contact.c.id)
        .where(among(connection, contact.c.account_id, sorted(account_ids)), of_firm)
        .order_by(merge.c.id)
    )
    found: dict[int, list[Merge]] = defaultdict(list)
    for account_id, at, changes in connection.execute(query):
        told = {name: change for name, change in changes.items() if name.startswith("account.")}
        found[account_id].append(Merge(at, told))
    return found


def _finds(document: Mapping[str, Any] | None, prefix: str) -> Iterator[Merge]:
    """What enrichers found and is there still; what had been there before is not kept."""
    for name, origin in from_document(document).items():
        if origin.is_found and origin.at is not None:
            yield Merge(origin.at, {f"{prefix}{name}": [None, None]})


def accounts_since(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, datetime]:
    """Since when the company of each contact is known; of those who have one."""
    query = sa.select(contact.c.id, account.c.created_at).join(account, account.c.id == contact.c.account_id)
    rows = connection.execute(query.where(among(connection, contact.c.id, contact_ids)))
    return {row[0]: row[1] for row in rows}


def handovers_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, list[HandedOver]]:
    """All hand-overs of each contact, the oldest first."""
    table = schema.handover
    columns = (
        table.c.contact_id,
        table.c.created_at,
        table.c.answer,
        table.c.answered_at,
        table.c.returned_at,
    )
    rows = connection.execute(
        sa.select(*columns, sa.func.coalesce(table.c.returned_reason, table.c.reason))
        .where(among(connection, table.c.contact_id, contact_ids))
        .order_by(table.c.created_at, table.c.id)
    )
    found: dict[int, list[HandedOver]] = defaultdict(list)
    for contact_id, *answered, reason in rows:
        found[contact_id].append(HandedOver(Answered(*answered), reason))
    return found


def said_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, list[Said]]:
    """Every yes and no to a purpose, replaced ones too, the oldest first."""
    found: dict[int, list[Said]] = defaultdict(list)
    for table in (schema.former_consent, schema.consent):
        columns = (table.c.contact_id, table.c.at, table.c.purpose, table.c.granted)
        wanted = sa.and_(among(connection, table.c.contact_id, contact_ids), own_words(table))
        for contact_id, *said in connection.execute(sa.select(*columns).where(wanted).order_by(table.c.at)):
            found[contact_id].append(Said(*said))
    return {contact_id: sorted(said, key=lambda one: one.at) for contact_id, said in found.items()}


def mails_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, list[Mail]]:
    """The messages that were decided on, whatever became of them, in that order."""
    outbox = schema.outbox
    names = ("campaign", "step", "occurrence", "created_at", "state", "done_at", "lap")
    rows = connection.execute(
        sa.select(outbox.c.contact_id, *(outbox.c[name] for name in names))
        .where(among(connection, outbox.c.contact_id, contact_ids))
        .order_by(outbox.c.id)
    )
    found: dict[int, list[Mail]] = defaultdict(list)
    for contact_id, campaign, step, occurrence, at, state, done_at, lap in rows:
        found[contact_id].append(Mail(campaign, step, occurrence, at, state, done_at=done_at, lap=lap))
    return found


def external_ids(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, str]:
    """An id of each contact in another system, where there is one."""
    query = sa.select(identity.c.contact_id, identity.c.value).where(
        among(connection, identity.c.contact_id, contact_ids),
        identity.c.kind.startswith(EXTERNAL, autoescape=True),
    )
    rows = connection.execute(query.order_by(identity.c.kind))
    return {row[0]: row[1] for row in rows}


def signals_by_contact(
    connection: sa.Connection, contact_ids: Sequence[int], until: datetime
) -> Iterator[tuple[int, tuple[Signal, ...]]]:
    """All signals of each contact that happened by `until`, oldest first; contacts in order of their ids.

    One after the other, so that one with very many is in memory alone.
    """
    table = schema.signal
    columns = (table.c.id, table.c.contact_id, table.c.kind, table.c.at, table.c.data, table.c.classed)
    query = (
        sa.select(*columns)
        .where(among(connection, table.c.contact_id, contact_ids), table.c.at <= until)
        .order_by(table.c.contact_id, table.c.at, table.c.id)
    )
    rows = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for contact_id, some in groupby(rows, key=itemgetter(1)):
        yield contact_id, tuple(Signal(*row[:-1], _CLASSES[row[-1]]) for row in some)


def signals_of_firms(
    connection: sa.Connection, account_ids: Collection[int], kinds: Collection[str], until: datetime
) -> dict[int, tuple[Signal, ...]]:
    """What humans of these accounts did of these kinds by `until`, by account, oldest first.

    Of each account the newest `MOST_OF_A_FIRM`, so that one with very many stays in bounds.
    """
    if not account_ids or not kinds:
        return {}
    table = schema.signal
    columns = (table.c.id, table.c.contact_id, table.c.kind, table.c.at, table.c.data)
    wanted = sa.and_(
        among(connection, contact.c.account_id, sorted(account_ids)),
        table.c.kind.in_(sorted(kinds)),
        table.c.classed == SignalClass.HUMAN,
        table.c.at <= until,
    )
    newest = (table.c.at.desc(), table.c.id.desc())
    number = sa.func.row_number().over(partition_by=contact.c.account_id, order_by=newest)
    # Along ix_contact_account_id and the (contact_id, at) index: one pass for all firms of the batch.
    ranked = (
        sa.select(contact.c.account_id, *columns, number.label("number"))
        .join(table, table.c.contact_id == contact.c.id)
        .where(wanted)
        .subquery()
    )
    few = sa.select(ranked).where(ranked.c.number <= MOST_OF_A_FIRM)
    found: dict[int, list[Signal]] = defaultdict(list)
    ordered = few.order_by(ranked.c.at, ranked.c.id)
    for account_id, id_, contact_id, kind, at, data, _number in connection.execute(ordered):
        found[account_id].append(Signal(id_, contact_id, kind, at, data, SignalClass.HUMAN))
    return {account_id: tuple(signals) for account_id, signals in found.items()}
