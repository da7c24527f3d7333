"""Who agreed to what, and which addresses never get mail again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.store import schema
from nurture.store.bulk import among, chunks, insert_rows
from nurture.store.former import current_id

CONSENT = "consent"
"""The legal basis of what a person agreed to themselves (GDPR, article 6(1)(a))."""

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A purpose granted or withdrawn at a time; `evidence` says where that came from.

    `proof` is what can be shown of it: the words they saw, the page, network address, browser.
    """

    contact_id: int
    purpose: str
    granted: bool
    evidence: str
    at: datetime
    basis: str = CONSENT
    proof: Mapping[str, Any] | None = None


def change(connection: sa.Connection, changes: Sequence[ConsentChange]) -> None:
    """Writes many changes. The newest wins: an old list, imported late, does not undo a withdrawal.

    A change for a contact who is gone (erased since the mail went out) is dropped.
    """
    known = existing_contacts(connection, {one.contact_id for one in changes})
    wanted = [one for one in changes if one.contact_id in known]
    if not wanted:
        return
    table = schema.consent
    _keep_former(connection, wanted)
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    new = statement.excluded
    # One upsert for all; the comparison of times stands in it, so that two writers cannot cross.
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id", "purpose"],
        set_={
            **{name: new[name] for name in ("granted", "basis", "evidence", "proof")},
            "at": sa.case((table.c.at > new["at"], table.c.at), else_=new["at"]),
        },
        # Who withdraws is believed whatever the clocks say: two machines' may differ by seconds.
        where=sa.or_(table.c.at <= new["at"], new["granted"].is_(False)),
    )
    # Sorted, so that this and the sender, who locks consents in the same order, never wait for each other.
    connection.execute(statement, [_row(one) for one in sorted(wanted, key=lambda one: one.contact_id)])


def _keep_former(connection: sa.Connection, changes: Sequence[ConsentChange]) -> None:
    """Keeps what is about to be replaced, so that it can still be told what held at some moment."""
    table = schema.consent
    about = {(one.contact_id, one.purpose): one for one in changes}
    # Locked in the order in which the upsert will write, so that nothing changes between the two.
    rows = connection.execute(
        sa.select(table)
        .where(among(connection, table.c.contact_id, sorted({one.contact_id for one in changes})))
        .order_by(table.c.contact_id, table.c.purpose)
        .with_for_update()
    ).all()
    replaced = [
        row for row in rows if (one := about.get((row.contact_id, row.purpose))) and _replaces(one, row)
    ]
    insert_rows(
        connection,
        schema.former_consent,
        _STATEMENT,
        [tuple(row._mapping[name] for name in _STATEMENT) for row in replaced],
    )


_STATEMENT = ("contact_id", "purpose", "granted", "basis", "evidence", "at", "proof")


def _replaces(one: ConsentChange, row: Any) -> bool:
    return (one.at >= row.at or not one.granted) and (one.granted, one.at) != (row.granted, row.at)


def grant(connection: sa.Connection, contact_id: int, purpose: str, evidence: str, now: datetime) -> None:
    """The contact agrees to `purpose`."""
    change(connection, [ConsentChange(contact_id, purpose, True, evidence, now)])


def withdraw(connection: sa.Connection, contact_id: int, purpose: str, evidence: str, now: datetime) -> None:
    """The contact wants no more mail for `purpose`. Kept as a row: a withdrawal is a fact of its own."""
    change(connection, [ConsentChange(contact_id, purpose, False, evidence, now)])


def consents_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The purposes granted now by the people themselves; who granted none is left out."""
    return _purposes(connection, contact_ids, sa.and_(schema.consent.c.granted, given_by_themselves()))


def open_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The purposes that mail goes out for, whether the people agreed or the firm has declared a basis."""
    return _purposes(connection, contact_ids, schema.consent.c.granted)


def refused_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The purposes that people have said no to; who has none is left out."""
    return _purposes(connection, contact_ids, schema.consent.c.granted.is_(False))


def given_by_themselves() -> sa.ColumnElement[bool]:
    """Whether a row of `consent` is a person's own word, and not a basis that the firm has declared."""
    return schema.consent.c.basis == CONSENT


def own_words(table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether a row of `consent` or `former_consent` is a person's own word, yes or no."""
    return sa.or_(table.c.basis == CONSENT, table.c.granted.is_(False))


def _purposes(
    connection: sa.Connection, contact_ids: Collection[int], which: sa.ColumnElement[bool]
) -> dict[int, frozenset[str]]:
    table = schema.consent
    # Along the primary key, for the whole batch at once.
    wanted = among(connection, table.c.contact_id, sorted(set(contact_ids)))
    found: dict[int, set[str]] = {}
    for contact_id, purpose in connection.execute(
        sa.select(table.c.contact_id, table.c.purpose).where(wanted, which)
    ):
        found.setdefault(contact_id, set()).add(purpose)
    return {contact_id: frozenset(purposes) for contact_id, purposes in found.items()}


def assume(
    connection: sa.Connection, pairs: Collection[tuple[int, str]], bases: Mapping[str, str], now: datetime
) -> None:
    """Notes for (contact, purpose) on which declared basis mail goes out; a word of their own stands.

    The row is what the last check before a mail goes out looks at, and what an objection then changes:
    without one there would be nothing to lock.
    """
    if not pairs:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(schema.consent).on_conflict_do_nothing(index_elements=["contact_id", "purpose"])
    declared = [
        ConsentChange(contact_id, purpose, True, "declared in nurture.toml", now, bases[purpose])
        for contact_id, purpose in sorted(pairs)
    ]
    connection.execute(statement, [_row(one) for one in declared])


def said_then(connection: sa.Connection, contact_id: int, at: datetime) -> dict[str, bool]:
    """What one contact had said of each purpose by a moment, yes or no."""
    said: dict[str, tuple[datetime, bool]] = {}
    for table in (schema.former_consent, schema.consent):
        columns = (table.c.purpose, table.c.at, table.c.granted)
        query = sa.select(*columns).where(
            table.c.contact_id == contact_id, table.c.at <= at, own_words(table)
        )
        for purpose, when, granted in connection.execute(query.order_by(table.c.at)):
            if purpose not in said or when >= said[purpose][0]:
                said[purpose] = (when, granted)
    return {purpose: granted for purpose, (_, granted) in said.items()}


def existing_contacts(connection: sa.Connection, contact_ids: Collection[int]) -> frozenset[int]:
    """Those of the contacts that exist, held fast until the transaction ends."""
    if not contact_ids:
        return frozenset()
    column = schema.contact.c.id
    # KEY SHARE is what a foreign key will take anyway: nobody vanishes between look-up and insert.
    wanted = sa.select(column).where(among(connection, column, sorted(contact_ids))).order_by(column)
    return frozenset(connection.scalars(wanted.with_for_update(read=True, key_share=True)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contact stands to one purpose; `granted` is None where nothing was ever said."""

    locale: str | None
    granted: bool | None


def standing(connection: sa.Connection, contact_id: int, purpose: str) -> Standing | None:
    """One contact's language and consent, for the page that asks them; None when they are gone."""
    contact, consent = schema.contact, schema.consent
    contact_id = current_id(connection, contact_id)
    both = sa.and_(consent.c.contact_id == contact.c.id, consent.c.purpose == purpose)
    # An outer join: the page must know the language even where no consent was ever recorded.
    query = sa.select(contact.c.locale, consent.c.granted).select_from(contact.outerjoin(consent, both))
    row = connection.execute(query.where(contact.c.id == contact_id)).one_or_none()
    return None if row is None else Standing(row.locale, row.granted)


def suppress(connection: sa.Connection, address_hash: bytes, reason: str, now: datetime) -> None:
    """Never again any mail to this address (`tokens.Signer.address_hash`). The first reason is kept."""
    suppress_all(connection, {address_hash: reason}, now)


def suppress_all(connection: sa.Connection, reasons: Mapping[bytes, str], now: datetime) -> None:
    """The same for many: keyed hash of an address → why."""
    if not reasons:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Whoever suppresses an address twice must not fail, and must not hide why it was done.
    statement = insert(schema.suppression).on_conflict_do_nothing(index_elements=["address_hash"])
    # In one order, so that two that suppress the same addresses never wait for each other.
    rows = [{"address_hash": each, "reason": reasons[each], "at": now} for each in sorted(reasons)]
    connection.execute(statement, rows)


def hold(connection: sa.Connection, contact_ids: Collection[int]) -> None:
    """Holds what these contacts agreed to until the transaction ends: for one that will suppress addresses.

    The sender asks for the same rows before it looks at the list, so that the order of the two is certain.
    """
    if connection.dialect.name != "postgresql":
        # There is only one writer.
        return
    # The people first, as everybody does who changes what they agreed to: nobody waits for each other.
    existing_contacts(connection, contact_ids)
    table = schema.consent
    wanted = among(connection, table.c.contact_id, sorted(set(contact_ids)))
    query = sa.select(table.c.contact_id).where(wanted).order_by(table.c.contact_id, table.c.purpose)
    connection.execute(query.with_for_update())


def lift(connection: sa.Connection, address_hashes: Collection[bytes], reason: str) -> None:
    """Mail to these addresses may go again, where `reason` is all that held it back."""
    table = schema.suppression
    if address_hashes:
        connection.execute(
            sa.delete(table).where(table.c.address_hash.in_(sorted(address_hashes)), table.c.reason == reason)
        )


def suppressed(connection: sa.Connection, address_hashes: Collection[bytes]) -> frozenset[bytes]:
    """Those of the addresses that are suppressed."""
    column = schema.suppression.c.address_hash
    found: set[bytes] = set()
    for some in chunks(sorted(set(address_hashes)), _AT_ONCE):
        # Along the primary key, for the whole batch at once.
        found.update(connection.scalars(sa.select(column).where(column.in_(some))))
    return frozenset(found)


def suppressed_since(connection: sa.Connection, address_hash: bytes) -> datetime | None:
    """Since when an address is suppressed; None where it is not."""
    table = schema.suppression
    since: datetime | None = connection.scalar(
        sa.select(table.c.at).where(table.c.address_hash == address_hash)
    )
    return since


def _row(one: ConsentChange) -> dict[str, object]:
    return {
        "contact_id": one.contact_id,
        "purpose": one.purpose,
        "granted": one.granted,
        "basis": one.basis,
        "evidence": one.evidence,
        "at": one.at,
        "proof": one.proof,
    }
