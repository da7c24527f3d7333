"""What one person has said on each purpose, with the proof of it: for whoever has to show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.journey.picture import find_contact
from nurture.store import opt_ins, personal, preferences, schema, stories
from nurture.store.engine import Store
from nurture.store.preferences import EVERYTHING
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Statement:
    """One word on a purpose. `state` is granted, refused, declared (a basis of the firm's own), pending or
    expired; `holds` until another one replaces it."""

    purpose: str
    state: str
    holds: bool
    at: datetime
    basis: str
    evidence: str
    proof: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statements:
    """All of it for one contact, the oldest first; `suppressed` says why their address gets no mail."""

    contact_id: int
    statements: Sequence[Statement]
    days_apart: int | None
    paused_until: datetime | None
    suppressed: str | None


def statements_of(store: Store, signer: Signer, wanted: str, now: datetime) -> Statements:
    """Raised when nobody is known by what was given, or several are: NurtureError."""
    with store.read() as connection:
        contact_id = find_contact(connection, wanted)
        rows = stories.consent_rows_of(connection, contact_id)
        held = {row.purpose: row for row in rows if "id" not in row._mapping}
        pending = opt_ins.pending_of(connection, contact_id)
        wishes = preferences.wishes_of(connection, [contact_id]).get(contact_id, EVERYTHING)
        addresses = personal.addresses_of(connection, [contact_id])
        never = schema.suppression
        hashes = [signer.address_hash(address) for address in addresses]
        why = connection.scalar(sa.select(never.c.reason).where(never.c.address_hash.in_(hashes)))
    said = [_said(row, holds=held.get(row.purpose) is row) for row in rows]
    said += _waiting(pending, now)
    apart = wishes.apart
    return Statements(
        contact_id,
        sorted(said, key=lambda one: one.at),
        None if apart is None else apart.days,
        wishes.paused_until,
        why,
    )


def _said(row: Any, *, holds: bool) -> Statement:
    granted = "granted" if row.basis == "consent" else "declared"
    state = granted if row.granted else "refused"
    return Statement(row.purpose, state, holds, row.at, row.basis, row.evidence or "", row.proof or {})


def _waiting(pending: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[Statement]:
    for row in pending:
        state = "pending" if row["expires_at"] > now else "expired"
        proof = {**(row["proof"] or {}), "expires_at": row["expires_at"].isoformat()}
        yield Statement(
            row["purpose"], state, state == "pending", row["asked_at"], "consent", row["evidence"], proof
        )
