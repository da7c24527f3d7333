"""An intake with the bundled sources and enrichers on each database, and a short way to feed it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.profile import Profile, Requirement
from nurture.ingest.intake import Intake
from nurture.ingest.mapping import ColumnMapping
from nurture.ingest.receive import Receipt
from nurture.plug.contracts import AnyEnricher, Payload
from nurture.settings import Consent, Leads
from nurture.store import schema
from nurture.store.engine import Store
from nurture.tokens import Signer
from plugins.company_from_email_domain import CompanyFromEmailDomain
from plugins.country_from_phone import CountryFromPhone
from plugins.csv_files import CsvFiles
from plugins.vcard_files import VcardFiles
from plugins.web_forms import WebForms
from plugins.xlsx_files import XlsxFiles

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SIGNER = Signer("k" * 32)


class Desk:
    """An intake, its store and clock, and what tests ask of them."""

    def __init__(self, store: Store, require: Sequence[Requirement] = ()) -> None:
        self.store = store
        self.clock = VirtualClock(NOW)
        self.enrichers: dict[str, AnyEnricher] = {}
        for enricher in (CompanyFromEmailDomain(), CountryFromPhone()):
            self.enrichers[enricher.name] = enricher
        self.require = tuple(require) or (Requirement(("name",)), Requirement(("email", "phone")))
        self.enrich: tuple[str, ...] = ("company_from_email_domain", "country_from_phone")

    @property
    def profile(self) -> Profile:
        given: dict[str, Any] = dict.fromkeys(Profile.__dataclass_fields__, ())
        return Profile(**{**given, "name": "test", "require": self.require, "enrich": self.enrich})

    @staticmethod
    def requirement(*fields: str) -> Requirement:
        return Requirement(fields)

    @property
    def intake(self) -> Intake:
        sources = {source.name: source for source in (CsvFiles(), XlsxFiles(), VcardFiles(), WebForms())}
        return Intake(
            self.store,
            self.clock,
            sources=sources,
            enrichers=self.enrichers,
            profile=self.profile,
            leads=Leads(),
            signer=SIGNER,
            consent=Consent(),
            message_domain="firm.example",
        )

    def receive(
        self,
        content: str | bytes,
        mapping: ColumnMapping | None = None,
        *,
        source: str = "csv",
        **options: Any,
    ) -> Receipt:
        raw = content.encode() if isinstance(content, str) else content
        payload = Payload(io.BytesIO(raw), options.get("name", "leads.csv"), options.get("media_type"))
        return self.intake.receive(source, payload, mapping)

    def sort(self) -> int:
        done = 0
        while count := self.intake.sort_batch():
            done += count
        return done

    def bring(self, content: str | bytes, mapping: ColumnMapping | None = None, **options: Any) -> Receipt:
        """Receives and sorts."""
        receipt = self.receive(content, mapping, **options)
        self.sort()
        return receipt

    def rows(self, table: sa.Table) -> list[Mapping[str, Any]]:
        with self.store.read() as connection:
            key = next(iter(table.primary_key.columns))
            return [row._asdict() for row in connection.execute(sa.select(table).order_by(key))]

    def contacts(self) -> list[Mapping[str, Any]]:
        return self.rows(schema.contact)

    def contact(self) -> Mapping[str, Any]:
        """The only contact there is."""
        (only,) = self.contacts()
        return only

    def quieten(self) -> None:
        """Nobody is due any more."""
        with self.store.write() as connection:
            connection.execute(sa.update(schema.journey).values(due_at=None))

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows(schema.inbox)]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
def make_desk(store: Store) -> Callable[..., Desk]:
    return lambda *require: Desk(store, require)
