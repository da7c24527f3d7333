"""Everything that is kept about one contact, for `explain`: one query a subject, for one person at a time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.former import current_id

contact, journey = schema.contact, schema.journey


def find_contacts(connection: sa.Connection, wanted: str, limit: int = 20) -> list[Any]:
    """Contacts whose id, e-mail address, telephone number or external id is `wanted`, else by name."""
    wanted = wanted.strip()
    columns = (contact.c.id, contact.c.name, contact.c.email, contact.c.company, journey.c.lifecycle)
    people = sa.select(*columns).join(journey, journey.c.contact_id == contact.c.id).order_by(contact.c.id)
    if wanted.isascii() and wanted.isdigit():
        by_id = connection.execute(people.where(contact.c.id == int(wanted))).all()
        if not by_id:
            by_id = connection.execute(
                people.where(contact.c.id == current_id(connection, int(wanted)))
            ).all()
        if by_id:
            return list(by_id)
    identity = schema.identity
    known = sa.select(identity.c.contact_id).where(identity.c.value.in_({wanted, wanted.lower()}))
    found = connection.execute(people.where(contact.c.id.in_(known)).limit(limit)).all()
    if found:
        return list(found)
    # A part of a name is matched as text, never as a pattern: autoescape takes the percent signs' meaning.
    by_name = people.where(contact.c.name.icontains(wanted, autoescape=True))
    return list(connection.execute(by_name.limit(limit)))


def newest_contacts(connection: sa.Connection, limit: int) -> list[Any]:
    """Those who can be mailed, the newest first: id, name, email."""
    people = sa.select(contact.c.id, contact.c.name, contact.c.email).where(contact.c.email.is_not(None))
    return list(connection.execute(people.order_by(contact.c.id.desc()).limit(limit)))


def inbox_items_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    """The raw records that this person came from, with the name of the file or form."""
    inbox, imports = schema.inbox, schema.imports
    return list(
        connection.execute(
            sa.select(
                inbox.c.id,
                inbox.c.received_at,
                inbox.c.source,
                inbox.c.line,
                inbox.c.state,
                imports.c.name,
                inbox.c.sorted_at,
            )
            .join(imports, imports.c.id == inbox.c.import_id)
            .where(inbox.c.contact_id == contact_id)
            .order_by(inbox.c.id)
        )
    )


def merges_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    merge = schema.merge
    return _all_of(connection, merge, contact_id, merge.c.id)


def mails_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    outbox = schema.outbox
    return _all_of(connection, outbox, contact_id, outbox.c.id)


def errands_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    errand = schema.errand
    return _all_of(connection, errand, contact_id, errand.c.id)


def outcomes_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    outcome = schema.outcome
    return _all_of(connection, outcome, contact_id, outcome.c.id)


def handovers_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    handover = schema.handover
    return _all_of(connection, handover, contact_id, handover.c.id)


def consent_rows_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    """What was said on every purpose, replaced statements too."""
    tables = (schema.former_consent, schema.consent)
    return [row for table in tables for row in _all_of(connection, table, contact_id, table.c.purpose)]


def junk_reason_of(connection: sa.Connection, contact_id: int) -> str | None:
    """Why somebody is junk; None for everybody else."""
    reason: str | None = connection.scalar(sa.select(contact.c.junk_reason).where(contact.c.id == contact_id))
    return reason


def dates_of(connection: sa.Connection, contact_id: int) -> Any:
    """When the contact's and the company's data began, and when they were changed last."""
    account = schema.account
    columns = (
        contact.c.created_at,
        contact.c.updated_at,
        account.c.created_at.label("account_created_at"),
        account.c.updated_at.label("account_updated_at"),
    )
    both = contact.outerjoin(account, account.c.id == contact.c.account_id)
    return connection.execute(sa.select(*columns).select_from(both).where(contact.c.id == contact_id)).one()


def journey_of(connection: sa.Connection, contact_id: int) -> Any:
    return connection.execute(sa.select(journey).where(journey.c.contact_id == contact_id)).one()


def _all_of(
    connection: sa.Connection, table: sa.Table, contact_id: int, order: sa.ColumnElement[Any]
) -> list[Any]:
    return list(connection.execute(sa.select(table).where(table.c.contact_id == contact_id).order_by(order)))
