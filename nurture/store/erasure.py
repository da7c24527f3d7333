"""People leave nothing behind: their rows go, and what must stay stays without them.

What stays: the inbox rows, empty, by whose hashes the same record is known when it comes again; and where
that is asked for, the keyed hashes of their addresses on the suppression list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.store import consents, lookups, match_keys, schema
from nurture.store.bulk import among
from nurture.store.inbox import ERASED, NEW, UNREADABLE
from nurture.store.personal import OF_PEOPLE

ERASED_ON_REQUEST = "erased on request"
"""Why an address is suppressed whose owner wanted everything gone."""

account, contact, imports, inbox = schema.account, schema.contact, schema.imports, schema.inbox
_EMPTY: dict[str, Any] = {
    "state": ERASED,
    "fields": sa.null(),
    "raw": None,
    "origin": sa.null(),
    "reason": None,
    "contact_id": None,
}


def erase(
    connection: sa.Connection,
    contact_ids: Sequence[int],
    suppress: Mapping[bytes, str],
    now: datetime,
) -> Counter[str]:
    """Removes these people everywhere, in this transaction; answers with how many rows of each table.

    `suppress` is hash → reason for the addresses that never get mail again. A company of which nobody else is
    known goes too. The number of statements does not depend on the number of people.
    """
    ids = sorted(contact_ids)
    # Nobody writes of them meanwhile: who does takes hold of the contact first, and finds it gone.
    held = sa.select(contact.c.id, contact.c.account_id).where(among(connection, contact.c.id, ids))
    people = connection.execute(held.order_by(contact.c.id).with_for_update()).all()
    ids = [row.id for row in people]
    consents.hold(connection, ids)
    gone = count(connection, ids)
    firms = sorted({row.account_id for row in people if row.account_id is not None})
    mine = among(connection, inbox.c.contact_id, ids)
    gone["inbox"] = connection.execute(sa.update(inbox).where(mine).values(_EMPTY)).rowcount
    consents.suppress_all(connection, suppress, now)
    lookups.forget_answers(connection, ids)
    match_keys.PEOPLE.remove(connection, ids)
    # Everything else hangs on the contact (ON DELETE CASCADE).
    connection.execute(sa.delete(contact).where(among(connection, contact.c.id, ids)))
    alone = sa.delete(account).where(among(connection, account.c.id, firms), ~_has_others())
    gone["account"] = connection.execute(alone).rowcount
    return +gone


def count(connection: sa.Connection, contact_ids: Sequence[int]) -> Counter[str]:
    """How many rows of each table are of these people alone."""
    found: Counter[str] = Counter()
    handovers = sa.select(schema.handover.c.id).where(
        among(connection, schema.handover.c.contact_id, contact_ids)
    )
    for name, table in OF_PEOPLE.items():
        if table is schema.notice:
            wanted: sa.ColumnElement[bool] = table.c.handover_id.in_(handovers)
        elif table is account:
            own = sa.select(contact.c.account_id).where(among(connection, contact.c.id, contact_ids))
            wanted = sa.and_(
                account.c.id.in_(own), ~_has_others(among(connection, contact.c.id, contact_ids))
            )
        else:
            column = contact.c.id if table is contact else table.c.contact_id
            wanted = among(connection, column, contact_ids)
        found[name] = connection.scalar(sa.select(sa.func.count()).select_from(table).where(wanted)) or 0
    return +found


def traces(connection: sa.Connection, texts: Sequence[str]) -> list[int]:
    """Inbox items that belong to nobody yet and hold any of these texts: unsorted, or not to be read.

    A pass over those items, for one person at a time.
    """
    if not texts:
        return []
    searched = sa.func.coalesce(sa.cast(inbox.c.fields, sa.Text), "") + sa.func.coalesce(inbox.c.raw, "")
    holds = sa.or_(*(searched.icontains(text, autoescape=True) for text in texts))
    query = sa.select(inbox.c.id).where(inbox.c.state.in_((NEW, UNREADABLE)), holds).order_by(inbox.c.id)
    return list(connection.scalars(query))


def empty(connection: sa.Connection, item_ids: Sequence[int]) -> int:
    """Empties inbox items; answers with how many."""
    wanted = among(connection, inbox.c.id, item_ids)
    return connection.execute(sa.update(inbox).where(wanted).values(_EMPTY)).rowcount


def forget_names(connection: sa.Connection, texts: Sequence[str]) -> None:
    """Files and forms that are called after somebody (`an-de-vries.vcf`) lose that name."""
    if texts:
        named = sa.or_(*(imports.c.name.icontains(text, autoescape=True) for text in texts))
        connection.execute(sa.update(imports).where(named).values(name=ERASED))


def forget_domains(connection: sa.Connection, addresses: Sequence[str]) -> None:
    """What is kept of the domains of these addresses goes, where nobody else is known there.

    A pass over all addresses: for one person at a time.
    """
    throttle, identity = schema.throttle, schema.identity
    domains = sorted({address.rpartition("@")[2].lower() for address in addresses if "@" in address})
    for domain in domains:
        others = sa.exists().where(
            identity.c.kind == "email", identity.c.value.endswith(f"@{domain}", autoescape=True)
        )
        connection.execute(sa.delete(throttle).where(throttle.c.name == f"domain:{domain}", ~others))


def _has_others(but: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[bool]:
    """Whether anybody is known at an account; `but` are those who do not count."""
    there = sa.exists().where(contact.c.account_id == account.c.id)
    return there if but is None else there.where(sa.not_(but))
