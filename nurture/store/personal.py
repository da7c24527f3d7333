"""Everything that is kept of a person: where it stands, and all of it for one of them.

Every table is either of people or not: a test holds the two lists to the schema, so that no table is
forgotten when somebody wants to see what is kept of them, or wants it gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from nurture.store import records, schema
from nurture.store.bulk import among
from nurture.store.records import Told

NOT_OF_PEOPLE = frozenset(
    {
        *("profile_version", "campaign_version", "campaign", "publication", "ground"),
        *("suppression", "import", "lease", "chore", "team_turn"),
        *("relay_hour", "throttle", "lookup_answer", "account_picture", "unmatched_outcome"),
        *("team_share", "absence", "outcome_source"),
        *("former_account", "account_key", "account_review"),
    }
)
"""Tables that tell of nobody whom we know; those of accounts go with the account. `suppression` has hashes
that only the secret key can make; `throttle` names domains that get mail, and `erasure` takes away that of
whoever was alone there, in `lookup_answer` what was answered about somebody, and in `unmatched_outcome` what
names somebody."""

OF_PEOPLE: Mapping[str, sa.Table] = {
    table.name: table
    for table in schema.metadata.sorted_tables
    if "contact_id" in table.c or table.name in ("contact", "account", "notice")
}
"""Tables with rows of people, in an order in which references hold."""

Row = dict[str, Any]
Hash = Callable[[str], bytes]


def kept_of(connection: sa.Connection, contact_id: int, address_hash: Hash) -> dict[str, list[Row]]:
    """Every row that is kept of one contact, by table; tables without any are left out.

    Decision records come as they read, and what the suppression list says of their addresses comes last.
    """
    found: dict[str, list[Row]] = {}
    for name, table in OF_PEOPLE.items():
        if name == "decision":
            rows = [_decision(told) for told in records.told(connection, [contact_id])]
        else:
            query = sa.select(table).where(_of(table, contact_id)).order_by(*table.primary_key.columns)
            rows = [dict(row._mapping) for row in connection.execute(query)]
        if rows:
            found[name] = rows
    hashes = [address_hash(address) for address in addresses_of(connection, [contact_id])]
    never = schema.suppression
    query = sa.select(never.c.reason, never.c.at).where(never.c.address_hash.in_(hashes))
    if hashes and (rows := [dict(row._mapping) for row in connection.execute(query)]):
        found["suppression"] = rows
    return found


def addresses_of(connection: sa.Connection, contact_ids: Sequence[int]) -> list[str]:
    """Where messages reach these contacts: e-mail addresses and telephone numbers."""
    contact, identity = schema.contact, schema.identity
    these = among(connection, contact.c.id, contact_ids)
    owned = among(connection, identity.c.contact_id, contact_ids)
    known = sa.select(identity.c.value).where(owned, identity.c.kind.in_(("email", "phone")))
    every = known.union(sa.select(contact.c.email).where(these), sa.select(contact.c.phone).where(these))
    return sorted(address for address in connection.scalars(every) if address)


def _of(table: sa.Table, contact_id: int) -> sa.ColumnElement[bool]:
    """Which rows of a table are of one contact."""
    contact, handover = schema.contact, schema.handover
    if table is contact:
        return contact.c.id == contact_id
    if table is schema.account:
        return table.c.id.in_(sa.select(contact.c.account_id).where(contact.c.id == contact_id))
    if table is schema.notice:
        return table.c.handover_id.in_(sa.select(handover.c.id).where(handover.c.contact_id == contact_id))
    column: sa.ColumnElement[bool] = table.c.contact_id == contact_id
    return column


def _decision(told: Told) -> Row:
    record = told.record
    names = ("what", "reason", "campaign", "version", "step", "rule", "next_at")
    return {
        "at": told.at,
        **{name: getattr(record, name) for name in names},
        "evidence": dict(record.evidence),
    }
