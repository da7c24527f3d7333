"""People and companies as sorting finds and writes them: everything for a whole batch at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from nurture.core.model import Lead, Lifecycle, Stage, Value
from nurture.core.provenance import Origin, Origins, as_document, from_document
from nurture.store import former_accounts, schema
from nurture.store.bulk import among, among_texts, insert_rows, reserve_ids, update_rows
from nurture.store.types import encode_json

contact, account, identity, journey = schema.contact, schema.account, schema.identity, schema.journey

Identity = tuple[str, str]
"""By what a person is recognised: kind (`email`, `phone`, `external:SYSTEM`) and value."""

_TEXTS = (
    *("email", "phone", "name", "first_name", "last_name", "company", "job_title", "website", "city"),
    *("country", "locale", "timezone"),
)
_PERSON = (*_TEXTS, "interests", "answers", "problems", "origins")
_ACCOUNT = ("name", "name_key", "domain", "country", "region", "sector", "employees", "facts", "origins")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is there already, as a lead, with where they stand."""

    id: int
    lead: Lead
    account_id: int | None
    lifecycle: Lifecycle
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(slots=True)
class Company:
    """An account that may be changed; `id` is 0 while it is new."""

    id: int = 0
    name: str | None = None
    name_key: str | None = None
    domain: str | None = None
    country: str | None = None
    region: str | None = None
    sector: str | None = None
    employees: int | None = None
    facts: dict[str, Value] = field(default_factory=dict)
    origins: Origins = field(default_factory=dict)
    also: tuple[tuple[str | None, str | None], ...] = ()
    """(Domain, name key) of accounts that were merged into this one."""


class PersonRow(NamedTuple):
    """A contact to be written. `junk_reason` is None for those that meet the data standard."""

    id: int
    lead: Lead
    account_id: int | None
    source: str
    junk_reason: str | None
    origins: Mapping[str, Origin] = {}


class MergeRow(NamedTuple):
    """One merge: `changes` is field → [before, after]."""

    contact_id: int
    inbox_id: int
    matched_by: str
    changes: Mapping[str, Any]


class ConsentRow(NamedTuple):
    contact_id: int
    purpose: str
    evidence: str
    at: datetime


# --- finding ----------------------------------------------------------------------------------------


def find_identities(connection: sa.Connection, wanted: Collection[Identity]) -> dict[Identity, int]:
    """Whose these identities are; unknown ones are left out."""
    if not wanted:
        return {}
    # All pairs as one JSON text, each looked up by primary key: one statement for any number of them.
    given = encode_json(list(wanted))
    if connection.dialect.name == "postgresql":
        elements = sa.func.jsonb_array_elements(sa.cast(sa.bindparam(None, given, type_=sa.Text), JSONB))
    else:
        elements = sa.func.json_each(given)
    asked = elements.table_valued("value", name="asked")
    kind, value = asked.c.value.op("->>")(0), asked.c.value.op("->>")(1)
    same = sa.and_(identity.c.kind == kind, identity.c.value == value)
    query = sa.select(identity.c.kind, identity.c.value, identity.c.contact_id).select_from(
        asked.join(identity, same)
    )
    return {(kind, value): contact_id for kind, value, contact_id in connection.execute(query).all()}


def identities_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, list[Identity]]:
    """By what these contacts are recognised."""
    wanted = among(connection, identity.c.contact_id, sorted(contact_ids))
    found: dict[int, list[Identity]] = {}
    query = sa.select(identity.c.contact_id, identity.c.kind, identity.c.value).where(wanted)
    for contact_id, kind, value in connection.execute(query):
        found.setdefault(contact_id, []).append((kind, value))
    return found


def load_people(connection: sa.Connection, contact_ids: Collection[int]) -> list[KnownPerson]:
    """These contacts, as far as merging needs them."""
    columns = (
        contact.c.id,
        contact.c.account_id,
        journey.c.lifecycle,
        *(contact.c[name] for name in _PERSON),
    )
    wanted = among(connection, contact.c.id, sorted(contact_ids))
    # By primary key, with where they stand in the same round trip.
    query = sa.select(*columns).join(journey, journey.c.contact_id == contact.c.id).where(wanted)
    return [_known(row) for row in connection.execute(query).all()]


def find_companies(
    connection: sa.Connection, ids: Collection[int], domains: Collection[str], name_keys: Collection[str]
) -> list[Company]:
    """The accounts with any of these ids, domains or name keys, as they are or were before a merge."""
    merged = former_accounts.known_by(connection, domains, name_keys)
    ids = {*ids, *merged}
    columns = (account.c.id, *(account.c[name] for name in _ACCOUNT))
    wanted = sa.or_(
        among(connection, account.c.id, sorted(ids)),
        among_texts(connection, account.c.domain, sorted(domains)),
        among_texts(connection, account.c.name_key, sorted(name_keys)),
    )
    # Three indexes, one statement: each part of the OR has its own. The oldest comes first.
    rows = connection.execute(sa.select(*columns).where(wanted).order_by(account.c.id))
    return [
        Company(
            **{**row._mapping, "facts": dict(row.facts or {}), "origins": from_document(row.origins)},
            also=tuple(merged.get(row.id, ())),
        )
        for row in rows
    ]


def _known(row: Any) -> KnownPerson:
    facts = {name: value for name in _TEXTS if (value := getattr(row, name)) is not None}
    lead = Lead(
        **facts,
        interests=tuple(row.interests or ()),
        answers=row.answers or {},
        problems=row.problems or {},
    )
    lifecycle, origins = Lifecycle(row.lifecycle), from_document(row.origins)
    return KnownPerson(row.id, lead, row.account_id, lifecycle, origins)


def new_ids(connection: sa.Connection, n: int) -> list[int]:
    """`n` ids for new contacts: never that of one who was merged into another, whom links still name."""
    return _never_used(connection, contact, schema.former_contact, n)


def new_account_ids(connection: sa.Connection, n: int) -> list[int]:
    """The same for new accounts."""
    return _never_used(connection, account, schema.former_account, n)


def _never_used(connection: sa.Connection, table: sa.Table, former: sa.Table, n: int) -> list[int]:
    ids = reserve_ids(connection, table, n)
    if not ids or connection.dialect.name == "postgresql":
        return ids
    latest = sa.func.coalesce(sa.func.max(former.c.id), 0)
    first = max(ids[0], 1 + (connection.scalar(sa.select(latest)) or 0))
    return list(range(first, first + n))


# --- writing ----------------------------------------------------------------------------------------


def insert_companies(connection: sa.Connection, companies: Sequence[Company], now: datetime) -> None:
    """New accounts; each has its id already."""
    rows = ((one.id, *_account_values(one), now, now) for one in companies)
    insert_rows(connection, account, ("id", *_ACCOUNT, "created_at", "updated_at"), rows)


def update_companies(connection: sa.Connection, companies: Sequence[Company], now: datetime) -> None:
    rows = [(one.id, *_account_values(one), now) for one in companies]
    update_rows(connection, account, "id", (*_ACCOUNT, "updated_at"), rows)


def insert_people(connection: sa.Connection, people: Sequence[PersonRow], now: datetime) -> None:
    """New contacts with their journeys: contacts are due at once, junk rests."""
    columns = ("id", "account_id", *_PERSON, "source", "junk_reason", "created_at", "updated_at")
    rows = (
        (one.id, one.account_id, *_person_values(one), one.source, one.junk_reason, now, now)
        for one in people
    )
    insert_rows(connection, contact, columns, rows)
    begun = (
        (one.id, Lifecycle.JUNK.value, Stage.ORIENTATION.value, now, None)
        if one.junk_reason
        else (one.id, Lifecycle.CONTACT.value, Stage.ORIENTATION.value, now, now)
        for one in people
    )
    insert_rows(connection, journey, ("contact_id", "lifecycle", "stage", "stage_since", "due_at"), begun)


def update_people(connection: sa.Connection, people: Sequence[PersonRow], now: datetime) -> None:
    columns = ("account_id", *_PERSON, "junk_reason", "updated_at")
    rows = [(one.id, one.account_id, *_person_values(one), one.junk_reason, now) for one in people]
    update_rows(connection, contact, "id", columns, rows)


def promote_junk(connection: sa.Connection, contact_ids: Collection[int], now: datetime) -> None:
    """These people meet the data standard at last: their journey begins now."""
    if contact_ids:
        wanted = among(connection, journey.c.contact_id, sorted(contact_ids))
        # Only from where nothing has begun: nobody is thrown back by a late record.
        resting = journey.c.lifecycle.in_((Lifecycle.LEAD, Lifecycle.JUNK))
        begun = {
            "lifecycle": Lifecycle.CONTACT,
            "stage_since": now,
            "due_at": now,
            "wakes": journey.c.wakes + 1,
        }
        connection.execute(sa.update(journey).where(wanted, resting).values(begun))


def insert_identities(connection: sa.Connection, identities: Collection[tuple[Identity, int]]) -> None:
    rows = ((kind, value, contact_id) for (kind, value), contact_id in identities)
    insert_rows(connection, identity, ("kind", "value", "contact_id"), rows)


def insert_merges(connection: sa.Connection, merges: Sequence[MergeRow], now: datetime) -> None:
    rows = ((one.contact_id, one.inbox_id, one.matched_by, one.changes, now) for one in merges)
    insert_rows(connection, schema.merge, ("contact_id", "inbox_id", "matched_by", "changes", "at"), rows)


def add_consents(connection: sa.Connection, consents: Sequence[ConsentRow], basis: str) -> None:
    """Consents that a record tells of. What was said before stands: above all, a refusal."""
    if not consents:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # The conflict decides, not a look-up before: an unsubscribe in this very second stands too.
    statement = insert(schema.consent).on_conflict_do_nothing(index_elements=["contact_id", "purpose"])
    rows = [
        {
            "contact_id": one.contact_id,
            "purpose": one.purpose,
            "granted": True,
            "basis": basis,
            "evidence": one.evidence,
            "at": one.at,
        }
        for one in consents
    ]
    connection.execute(statement, rows)


def _person_values(one: PersonRow) -> tuple[Any, ...]:
    lead = one.lead
    return (
        *(lead.email, lead.phone, lead.name, lead.first_name, lead.last_name, lead.company, lead.job_title),
        *(lead.website, lead.city, lead.country, lead.locale, lead.timezone),
        *(lead.interests or None, lead.answers or None, lead.problems or None),
        as_document(one.origins),
    )


def _account_values(one: Company) -> tuple[Any, ...]:
    return (
        *(one.name, one.name_key, one.domain, one.country, one.region, one.sector, one.employees),
        one.facts or None,
        as_document(one.origins),
    )
