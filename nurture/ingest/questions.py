"""What a remote enricher is asked about a person, and what of its answer can be used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from nurture.core.model import Lead, Value
from nurture.ingest.accounts import domain_of_lead
from nurture.ingest.companies import clean_website
from nurture.ingest.mapping import ColumnMapping, Composed
from nurture.ingest.match import Person
from nurture.ingest.merge import value_of, with_values
from nurture.ingest.normalise import RECORD, Origin, normalise
from nurture.ingest.plan import Plan, make_plan
from nurture.plug.contracts import Enrichment, RemoteEnricher
from nurture.store.lookups import Ask
from nurture.store.people import Company
from nurture.store.types import encode_json

_DOMAIN = "company_domain"
_FIRM = ("name", "domain", "country", "region", "sector", "employees")
_LONGEST_FACT = 500
"""Characters in an answer or a fact of a company: more is no fact."""

Question = Mapping[str, Value]
"""Field → value of all that an enricher is asked with."""


def question_of(enricher: RemoteEnricher, lead: Lead, company: Company | None) -> Question | None:
    """What the enricher is asked with; None where any of it is unknown."""
    question = {field: _known(field, lead, company) for field in enricher.needs}
    return question if question and all(value not in (None, "") for value in question.values()) else None


def hashed(question: Question) -> bytes:
    """A name for the question, which says nothing of what it asks."""
    return hashlib.sha256(encode_json(sorted(question.items())).encode()).digest()


def asking_lead(question: Question) -> Lead:
    """A lead that has what is asked with, and nothing else: no more than that leaves the house."""
    values: dict[str, Any] = {}
    for field, value in question.items():
        part, _, key = field.partition(".")
        if key:
            values.setdefault(part, {})[key] = value
        else:
            values[field] = value
    return with_values(Lead(), values)


def asks_of(
    people: Sequence[Person], enrichers: Sequence[RemoteEnricher], companies: Mapping[int, Company]
) -> list[Ask]:
    """What is to be asked about these people; about a robot nothing."""
    if not enrichers:
        return []
    return [
        Ask(person.id, enricher.name, hashed(question))
        for person in people
        if RECORD not in person.lead.problems
        for enricher in enrichers
        if (question := question_of(enricher, person.lead, companies.get(id(person)))) is not None
    ]


def usable(answer: Enrichment, country: str) -> Enrichment:
    """An answer with its values as records have them: each in its one usable form, or left out."""
    texts = dict(_texts(answer.values))
    lead = normalise(
        texts, _plan(tuple(sorted(texts))), Origin("", datetime.min.replace(tzinfo=UTC), country)
    )
    values = {name: value_of(lead, name) for name in texts if name != _DOMAIN}
    if _DOMAIN in texts:
        values[_DOMAIN] = clean_website(texts[_DOMAIN])[1]
    known = {name: value for name, value in values.items() if value is not None}
    return Enrichment(known, answer.confidence, answer.why)


def _known(field: str, lead: Lead, company: Company | None) -> Value:
    part, _, key = field.partition(".")
    if field == _DOMAIN:
        return domain_of_lead(lead) or (company.domain if company else None)
    value: Value = value_of(lead, field)
    if value is None and part == "account" and company is not None:
        value = getattr(company, key) if key in _FIRM else company.facts.get(key)
    return value


def _texts(values: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, bool | int | float | str):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            text = "".join(c if c.isprintable() else " " for c in text).strip()
            if 0 < len(text) <= _LONGEST_FACT:
                yield name, text


@lru_cache(maxsize=256)
def _plan(names: tuple[str, ...]) -> Plan:
    """Columns that are called as the fields are."""
    parts: dict[str, dict[str, Composed]] = {"": {}, "account": {}, "answers": {}}
    for name in names:
        part, _, key = name.rpartition(".")
        if part in parts and name != _DOMAIN:
            parts[part][key] = Composed(("", ""), (name,))
    mapping = ColumnMapping(
        fields=parts[""],
        account=parts["account"],
        answers=parts["answers"],
        external_id=None,
        external_system=None,
        values={},
        interests=(),
        interest_columns=(),
        consents=(),
        signals=(),
        ignore=frozenset({_DOMAIN}),
        document={},
    )
    return make_plan(names, mapping)
