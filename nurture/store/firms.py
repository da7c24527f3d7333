"""Firms and their people: what all of them did, who they are, and which pictures they complete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Signal, SignalClass
from nurture.store import former_accounts, journey, schema
from nurture.store.bulk import among

EACH, ALL = 50, 1_000
"""So many of the newest signals of one person, and of one firm, are looked at: a bound against a flood."""

account, contact, signal, picture = schema.account, schema.contact, schema.signal, schema.account_picture
former = schema.former_account


class Completed(NamedTuple):
    """That an account completes a rule about several people; `signal_id` is the signal that did."""

    account_id: int
    rule: str
    signal_id: int


# --- the picture ------------------------------------------------------------------------------------


def signals_of_firms(
    connection: sa.Connection,
    account_ids: Collection[int],
    kinds: Collection[str],
    *,
    received_by: datetime | None = None,
) -> dict[int, tuple[Signal, ...]]:
    """What humans did of these kinds, by account, oldest first; with `received_by` what was known by then."""
    if not account_ids or not kinds:
        return {}
    wanted = sa.and_(
        among(connection, contact.c.account_id, sorted(account_ids)),
        signal.c.kind.in_(sorted(kinds)),
        signal.c.classed == SignalClass.HUMAN,
        sa.true() if received_by is None else signal.c.received_at <= received_by,
    )
    columns = (signal.c.id, signal.c.contact_id, signal.c.kind, signal.c.at, signal.c.data)
    newest = (signal.c.at.desc(), signal.c.id.desc())
    # Along ix_contact_account_id and the (contact_id, at) index: one pass for all firms of the batch.
    per_person = sa.func.row_number().over(partition_by=signal.c.contact_id, order_by=newest)
    theirs = (
        sa.select(contact.c.account_id, *columns, per_person.label("of_person"))
        .join(signal, signal.c.contact_id == contact.c.id)
        .where(wanted)
        .subquery()
    )
    per_firm = sa.func.row_number().over(
        partition_by=theirs.c.account_id, order_by=(theirs.c.at.desc(), theirs.c.id.desc())
    )
    few = sa.select(theirs, per_firm.label("of_firm")).where(theirs.c.of_person <= EACH).subquery()
    rows = connection.execute(
        sa.select(few).where(few.c.of_firm <= ALL).order_by(few.c.account_id, few.c.at, few.c.id)
    ).all()
    found: dict[int, list[Signal]] = defaultdict(list)
    for account_id, id_, contact_id, kind, at, data, *_numbers in rows:
        found[account_id].append(Signal(id_, contact_id, kind, at, data, SignalClass.HUMAN))
    return {account_id: tuple(signals) for account_id, signals in found.items()}


def busy_firms(kinds: Collection[str], people: int) -> sa.Select[tuple[int]]:
    """The accounts of which so many people have ever done any of these kinds of things."""
    did = contact.join(signal, signal.c.contact_id == contact.c.id)
    human = sa.and_(signal.c.kind.in_(sorted(kinds)), signal.c.classed == SignalClass.HUMAN)
    query = sa.select(contact.c.account_id).select_from(did).where(contact.c.account_id.is_not(None), human)
    enough = sa.func.count(sa.distinct(signal.c.contact_id)) >= people
    return query.group_by(contact.c.account_id).having(enough)


def completed(connection: sa.Connection, account_ids: Collection[int]) -> set[Completed]:
    """What these accounts were last seen to complete."""
    query = sa.select(picture.c.account_id, picture.c.rule, picture.c.signal_id)
    rows = connection.execute(query.where(among(connection, picture.c.account_id, sorted(account_ids))))
    return {Completed(*row) for row in rows}


def note(
    connection: sa.Connection, new: Collection[Completed], gone: Collection[Completed], now: datetime
) -> None:
    """Writes what accounts complete now, and complete no more; wakes everybody who works there."""
    if gone:
        rule = sa.tuple_(picture.c.account_id, picture.c.rule, picture.c.signal_id)
        connection.execute(sa.delete(picture).where(rule.in_(sorted(gone))))
    if new:
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(picture)
        values = {"signal_id": statement.excluded.signal_id, "seen_at": now}
        rows = [{**one._asdict(), "seen_at": now} for one in sorted(new)]
        keys = ["account_id", "rule"]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values), rows)
    journey.wake_accounts(connection, {one.account_id for one in (*new, *gone)}, now)


# --- looking ----------------------------------------------------------------------------------------


def find_firms(connection: sa.Connection, wanted: str, limit: int = 20) -> list[Any]:
    """Accounts whose id, domain or name is `wanted`, else those whose name has it in it."""
    wanted = wanted.strip()
    query = sa.select(account).order_by(account.c.id).limit(limit)
    exact: list[sa.ColumnElement[bool]] = [
        account.c.domain == wanted.lower(),
        sa.func.lower(account.c.name) == wanted.lower(),
    ]
    if wanted.isascii() and wanted.isdigit():
        since = former_accounts.current_account(connection, int(wanted))
        exact.insert(0, account.c.id == since)
    for condition in exact:
        if found := connection.execute(query.where(condition)).all():
            return list(found)
    old = sa.select(former.c.account_id).where(former.c.domain == wanted.lower())
    if found := connection.execute(query.where(account.c.id.in_(old))).all():
        return list(found)
    # As text, never as a pattern: autoescape takes the percent signs' meaning.
    return list(connection.execute(query.where(account.c.name.icontains(wanted, autoescape=True))))


def people_of(connection: sa.Connection, account_id: int) -> list[Any]:
    """Everybody who works there, the most engaged first, with when they did anything last."""
    standing, human = schema.journey, signal.c.classed == SignalClass.HUMAN
    last = sa.select(sa.func.max(signal.c.at)).where(signal.c.contact_id == contact.c.id, human)
    columns = (
        *(contact.c.id, contact.c.name, contact.c.email, contact.c.job_title),
        *(standing.c.lifecycle, standing.c.stage, standing.c.fit, standing.c.engagement),
        sa.type_coerce(last.scalar_subquery(), signal.c.at.type).label("last_seen"),
    )
    both = contact.join(standing, standing.c.contact_id == contact.c.id)
    query = sa.select(*columns).select_from(both).where(contact.c.account_id == account_id)
    return list(connection.execute(query.order_by(standing.c.engagement.desc(), contact.c.id)))


def names_of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, str]:
    """What to call these people: by name, else by what is known of them."""
    columns = (contact.c.id, contact.c.name, contact.c.email)
    rows = connection.execute(
        sa.select(*columns).where(among(connection, contact.c.id, sorted(set(contact_ids))))
    )
    return {row.id: row.name or row.email or f"#{row.id}" for row in rows}
