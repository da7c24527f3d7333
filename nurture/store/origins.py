"""Where the values of one contact and of their firm came from, for those who look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.provenance import Origins, from_document
from nurture.store import schema
from nurture.store.bulk import among

contact, account, inbox, imports = schema.contact, schema.account, schema.inbox, schema.imports


@dataclass(frozen=True, slots=True)
class Said:
    """The record in which something was said."""

    source: str
    name: str
    line: int | None
    received_at: datetime


def origins_of(connection: sa.Connection, contact_id: int) -> tuple[Origins, Origins]:
    """Those of a contact's fields, and those of their account's."""
    both = contact.outerjoin(account, account.c.id == contact.c.account_id)
    columns = (contact.c.origins, account.c.origins.label("firm"))
    row = connection.execute(sa.select(*columns).select_from(both).where(contact.c.id == contact_id)).one()
    return from_document(row.origins), from_document(row.firm)


def records_of(connection: sa.Connection, ids: Collection[int]) -> dict[int, Said]:
    """The records with these ids, by the file or form that they came with."""
    columns: tuple[sa.ColumnElement[Any], ...] = (
        *(inbox.c.id, inbox.c.source, imports.c.name, inbox.c.line, inbox.c.received_at),
    )
    both = inbox.join(imports, imports.c.id == inbox.c.import_id)
    wanted = among(connection, inbox.c.id, sorted(ids))
    rows = connection.execute(sa.select(*columns).select_from(both).where(wanted))
    return {row.id: Said(*row[1:]) for row in rows}
