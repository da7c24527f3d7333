"""Where each field of a contact and of their firm came from, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import Account, Contact
from nurture.core.provenance import BY_CAMPAIGN, Origin, from_document, origin_of
from nurture.ingest.sort import FORMS
from nurture.store import origins
from nurture.store.origins import Said

_PERSON = (
    *("name", "email", "phone", "company", "job_title", "city", "country", "locale", "timezone"),
    "interests",
)
_FIRM = ("name", "domain", "country", "region", "sector", "employees")


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """One field, its value, and where it came from.

    `confidence` is 1 for what somebody said. `enricher` is the one that found it; `record` the inbox item.
    """

    field: str
    value: Any
    words: str
    confidence: float
    record: int | None = None
    enricher: str | None = None
    at: datetime | None = None


def field_origins(connection: sa.Connection, contact: Contact, account: Account | None) -> list[FieldOrigin]:
    """All fields that are known of the contact, then those of their firm. Two queries."""
    of_person, of_firm = origins.origins_of(connection, contact.id)
    fields = [
        (name, value, origin_of(name, of_person)) for name, value in _values(contact, _PERSON, "answers")
    ]
    if account is not None:
        fields += [
            (f"account.{name}", value, origin_of(name, of_firm))
            for name, value in _values(account, _FIRM, "facts")
        ]
    said = origins.records_of(connection, {one.record for _, _, one in fields if one.record})
    return [_field(name, value, origin, said) for name, value, origin in fields]


def firm_origins(connection: sa.Connection, row: Any) -> list[FieldOrigin]:
    """All that is known of a firm, from its row."""
    of_firm = from_document(row.origins)
    known: dict[str, Any] = {name: getattr(row, name) for name in _FIRM}
    firm = Account(row.id, **known, facts=row.facts or {})
    fields = [(name, value, origin_of(name, of_firm)) for name, value in _values(firm, _FIRM, "facts")]
    said = origins.records_of(connection, {one.record for _, _, one in fields if one.record})
    return [_field(f"account.{name}", value, origin, said) for name, value, origin in fields]


def _values(of: Contact | Account, names: tuple[str, ...], more: str) -> Iterator[tuple[str, Any]]:
    yield from ((name, value) for name in names if (value := getattr(of, name)) not in (None, ()))
    prefix = "answers." if more == "answers" else ""
    yield from ((f"{prefix}{key}", value) for key, value in getattr(of, more).items())


def _field(name: str, value: Any, origin: Origin, said: Mapping[int, Said]) -> FieldOrigin:
    record = said.get(origin.record or 0)
    if origin.is_found:
        sure = f"{origin.confidence:.0%} sure"
        words = f"found by {origin.by}, {sure}: {origin.why}"
        return FieldOrigin(name, value, words, origin.confidence, enricher=origin.by, at=origin.at)
    if origin.record == BY_CAMPAIGN:
        return FieldOrigin(name, value, "set by a campaign", 1.0)
    if record is None:
        return FieldOrigin(name, value, "said; in which record is not kept", 1.0)
    line = f", line {record.line}" if record.line and record.source != FORMS else ""
    words = f"said in {record.name} ({record.source}{line})"
    return FieldOrigin(name, value, words, 1.0, record=origin.record, at=record.received_at)
