"""Everything that is kept about one contact, for `explain`: one query a subject, for one person at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nurture.core.model import SignalClass
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
                inbox.c.reason,
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


def quality_of(connection: sa.Connection, contact_id: int) -> Any:
    """Why somebody is junk (`junk_reason`, null for everybody else), and what they gave that cannot be used
    (`problems`: field → code)."""
    columns = (contact.c.junk_reason, contact.c.problems)
    return connection.execute(sa.select(*columns).where(contact.c.id == contact_id)).one()


def doubts_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    """With whom somebody may be one person, or was said not to be, and what the other is called."""
    review = schema.review
    other_id = sa.case((review.c.contact_id == contact_id, review.c.other_id), else_=review.c.contact_id)
    return list(
        connection.execute(
            sa.select(review, other_id.label("other"), contact.c.name, contact.c.email)
            .join(contact, contact.c.id == other_id)
            .where(sa.or_(review.c.contact_id == contact_id, review.c.other_id == contact_id))
            .order_by(review.c.id)
        )
    )


def opt_ins_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    opt_in = schema.opt_in
    return _all_of(connection, opt_in, contact_id, opt_in.c.id)


def suppressions_of(connection: sa.Connection, hashes: Sequence[bytes]) -> list[Any]:
    """Why, and since when, no mail goes to the addresses of these hashes."""
    never = schema.suppression
    query = sa.select(never.c.reason, never.c.at).where(never.c.address_hash.in_(hashes))
    return list(connection.execute(query.order_by(never.c.at))) if hashes else []


def doubted_signals_of(connection: sa.Connection, contact_id: int) -> dict[int, str]:
    """Why signals count as a machine's, or only probably as a person's: id → the words."""
    signal = schema.signal
    query = sa.select(signal.c.id, signal.c.why_classed).where(
        signal.c.contact_id == contact_id,
        signal.c.classed != SignalClass.HUMAN.value,
        signal.c.why_classed.is_not(None),
    )
    return {row.id: row.why_classed for row in connection.execute(query)}


def notices_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    """What sales was told of somebody's hand-overs; where no time was kept, it is its hand-over's."""
    notice, handover = schema.notice, schema.handover
    at = sa.type_coerce(
        sa.func.coalesce(notice.c.created_at, handover.c.created_at), handover.c.created_at.type
    )
    names = ("id", "handover_id", "kind", "channel", "target", "state", "not_before", "attempts", "reply")
    return list(
        connection.execute(
            sa.select(*(notice.c[name] for name in names), notice.c.done_at, at.label("created_at"))
            .join(handover, handover.c.id == notice.c.handover_id)
            .where(handover.c.contact_id == contact_id)
            .order_by(notice.c.id)
        )
    )


def profiles_since(connection: sa.Connection, contact_id: int) -> list[Any]:
    """The profiles that were published since somebody came in."""
    profile = schema.profile_version
    came = sa.select(contact.c.created_at).where(contact.c.id == contact_id).scalar_subquery()
    query = sa.select(profile.c.hash, profile.c.published_at.label("at")).where(profile.c.published_at > came)
    return list(connection.execute(query.order_by(profile.c.published_at)))


def publications_of(connection: sa.Connection, contact_id: int) -> list[Any]:
    """What was changed of the campaigns that somebody was in, while they were."""
    one, place, version = schema.publication, schema.enrolment, schema.campaign_version
    during = sa.exists().where(
        place.c.contact_id == contact_id,
        place.c.campaign == one.c.campaign,
        place.c.entered_at < one.c.at,
        sa.or_(place.c.ended_at.is_(None), place.c.ended_at >= one.c.at),
    )
    return list(
        connection.execute(
            sa.select(one, version.c.hash)
            .outerjoin(version, version.c.id == one.c.version_id)
            .where(during)
            .order_by(one.c.id)
        )
    )


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
