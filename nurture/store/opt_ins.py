"""Double opt-in: what a form said counts once its owner has confirmed it, by a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from nurture.core.consent import CONFIRMATION, CONFIRMATION_VERSION
from nurture.core.model import Send
from nurture.store import consents, outbox, schema
from nurture.store.bulk import among, insert_rows, reserve_ids
from nurture.tokens import Signer

AGAIN_AFTER = timedelta(days=1)
"""So long nobody is asked again for the same: a form that anybody can fill in must not fill a mailbox."""

TEMPLATE = "consent/confirm"
"""The template of the mail that asks."""

opt_in = schema.opt_in
_COLUMNS = ("id", "contact_id", "purpose", "evidence", "proof", "asked_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Ask:
    """A form said that a contact agrees to a purpose; `locale` is the language to ask in."""

    contact_id: int
    purpose: str
    evidence: str
    proof: Mapping[str, Any]
    locale: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Somebody pressed the button for a purpose; `proof` is what can be shown of that."""

    contact_id: int
    purpose: str
    outbox_id: int
    at: datetime
    proof: Mapping[str, Any]


def ask(
    connection: sa.Connection,
    asks: Sequence[Ask],
    within: timedelta,
    signer: Signer,
    domain: str,
    now: datetime,
) -> int:
    """Notes what forms said and puts a mail into the outbox for each; answers with how many mails.

    Nobody is asked who has agreed already, or was asked less than `AGAIN_AFTER` ago.
    """
    distinct = {(one.contact_id, one.purpose): one for one in asks}
    people = sorted({one.contact_id for one in asks})
    if not people:
        return 0
    granted = consents.consents_of(connection, people)
    recent = sa.select(opt_in.c.contact_id, opt_in.c.purpose).where(
        among(connection, opt_in.c.contact_id, people), opt_in.c.asked_at > now - AGAIN_AFTER
    )
    asked = {(row.contact_id, row.purpose) for row in connection.execute(recent)}
    new = [
        one
        for key, one in distinct.items()
        if key not in asked and one.purpose not in granted.get(one.contact_id, ())
    ]
    ids = reserve_ids(connection, opt_in, len(new))
    rows = [
        (id_, one.contact_id, one.purpose, one.evidence, one.proof, now, now + within)
        for id_, one in zip(ids, new, strict=True)
    ]
    insert_rows(connection, opt_in, _COLUMNS, rows)
    sends = [
        (
            one.contact_id,
            Send(CONFIRMATION, CONFIRMATION_VERSION, one.purpose, id_, TEMPLATE, one.purpose, one.locale),
        )
        for id_, one in zip(ids, new, strict=True)
    ]
    return outbox.add(connection, sends, signer, domain, now)


def confirm(connection: sa.Connection, confirmations: Sequence[Confirmation]) -> list[consents.ConsentChange]:
    """The consents that these confirmations make, with the proof of both steps; each is used up by that.

    One that has expired, was used before, or whose contact is gone, makes none.
    """
    people = sorted({one.contact_id for one in confirmations})
    if not people:
        return []
    rows = connection.execute(
        sa.select(opt_in)
        .where(among(connection, opt_in.c.contact_id, people), opt_in.c.confirmed_at.is_(None))
        .order_by(opt_in.c.id)
        .with_for_update()
    ).all()
    changes: list[consents.ConsentChange] = []
    used: dict[int, datetime] = {}
    for one in confirmations:
        pending = [
            row
            for row in rows
            if (row.contact_id, row.purpose) == (one.contact_id, one.purpose)
            and row.asked_at <= one.at < row.expires_at
            and row.id not in used
        ]
        if not pending:
            continue
        used |= {row.id: one.at for row in pending}
        row = pending[-1]
        asked = {"at": row.asked_at.isoformat(), **(row.proof or {})}
        confirmed = {"at": one.at.isoformat(), "message": one.outbox_id, **one.proof}
        evidence = f"{row.evidence}, confirmed by message {one.outbox_id}"
        proof = {"asked": asked, "confirmed": confirmed}
        changes.append(
            consents.ConsentChange(one.contact_id, one.purpose, True, evidence, one.at, proof=proof)
        )
    if used:
        at = max(used.values())
        connection.execute(
            sa.update(opt_in).where(among(connection, opt_in.c.id, sorted(used))).values(confirmed_at=at)
        )
    return changes


def pending_of(connection: sa.Connection, contact_id: int) -> list[dict[str, Any]]:
    """What a contact was asked to confirm and has not."""
    query = sa.select(opt_in).where(opt_in.c.contact_id == contact_id, opt_in.c.confirmed_at.is_(None))
    return [dict(row._mapping) for row in connection.execute(query.order_by(opt_in.c.id))]
