"""What became of people: won or lost, as sales or another system tells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import Outcome, Result
from nurture.store import schema
from nurture.store.bulk import among, reserve_ids
from nurture.store.consents import existing_contacts

outcome = schema.outcome

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class NewOutcome:
    """An outcome to be stored. Two with one `dedupe_key` are the same one."""

    contact_id: int
    result: Result
    at: datetime
    source: str
    value: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    handover_id: int | None = None
    dedupe_key: bytes | None = None


def record_outcomes(
    connection: sa.Connection, new: Sequence[NewOutcome], now: datetime
) -> tuple[Outcome, ...]:
    """Stores outcomes; answers with those that were not there yet. One of a contact who is gone is dropped.

    Raised when a value is finer than a hundredth: ValueError.
    """
    known = existing_contacts(connection, {one.contact_id for one in new})
    wanted = [one for one in new if one.contact_id in known]
    if not wanted:
        return ()
    ids = reserve_ids(connection, outcome, len(wanted))
    rows = [_row(id_, one, now) for id_, one in zip(ids, wanted, strict=True)]
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(outcome).on_conflict_do_nothing(index_elements=["dedupe_key"]), rows)
    stored = sa.select(*_COLUMNS).where(among(connection, outcome.c.id, ids)).order_by(outcome.c.id)
    return tuple(_outcome(row) for row in connection.execute(stored))


def outcomes_of(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, tuple[Outcome, ...]]:
    """All outcomes of each contact, the one that holds last; who has none is left out."""
    query = (
        sa.select(*_COLUMNS)
        .where(among(connection, outcome.c.contact_id, sorted(set(contact_ids))))
        .order_by(outcome.c.contact_id, outcome.c.at, outcome.c.id)
    )
    found = map(_outcome, connection.execute(query))
    return {contact_id: tuple(some) for contact_id, some in groupby(found, attrgetter("contact_id"))}


def listing(
    connection: sa.Connection, *, contact_id: int | None, result: Result | None, limit: int
) -> list[Outcome]:
    """The outcomes that were told last, newest first; of everybody, or of one contact."""
    query = sa.select(*_COLUMNS).order_by(outcome.c.id.desc()).limit(limit)
    if contact_id is not None:
        query = query.where(outcome.c.contact_id == contact_id)
    if result is not None:
        query = query.where(outcome.c.result == result.value)
    return [_outcome(row) for row in connection.execute(query)]


def holding() -> sa.Subquery:
    """The outcome that holds for each contact, as a subquery with the columns of the table."""
    newest = sa.func.row_number().over(
        partition_by=outcome.c.contact_id, order_by=(outcome.c.at.desc(), outcome.c.id.desc())
    )
    ranked = sa.select(outcome, newest.label("age")).subquery()
    return (
        sa.select(*(ranked.c[column.name] for column in outcome.columns)).where(ranked.c.age == 1).subquery()
    )


_COLUMNS = (
    outcome.c.id,
    outcome.c.contact_id,
    outcome.c.result,
    outcome.c.at,
    outcome.c.hundredths,
    outcome.c.currency,
    outcome.c.reason,
    outcome.c.handover_id,
    outcome.c.source,
)


def _outcome(row: Any) -> Outcome:
    id_, contact_id, result, at, hundredths, *rest = row
    return Outcome(id_, contact_id, Result(result), at, value_of(hundredths), *rest)


def value_of(hundredths: int | None) -> Decimal | None:
    """An amount of money as it is told."""
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def _row(id_: int, new: NewOutcome, now: datetime) -> dict[str, Any]:
    return {
        "id": id_,
        "contact_id": new.contact_id,
        "handover_id": new.handover_id,
        "result": new.result.value,
        "at": new.at,
        "hundredths": _hundredths(new.value),
        "currency": new.currency,
        "reason": new.reason,
        "source": new.source,
        "recorded_at": now,
        "dedupe_key": new.dedupe_key,
    }


def _hundredths(value: Decimal | None) -> int | None:
    if value is None:
        return None
    hundredths = value * _HUNDRED
    if hundredths != int(hundredths):
        raise ValueError(f"{value} is finer than a hundredth")
    return int(hundredths)
