"""Asks the enrichers, in the profile's order, for what can be known from what is known.

They are a chain: each sees what those before it found. What a person said stays; of what was found, the
surest stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Protocol

from nurture.core.model import Lead
from nurture.core.provenance import Origin, Origins, may_replace, origin_of
from nurture.ingest.merge import value_of, with_values
from nurture.logs import Log
from nurture.plug.contracts import Enricher, Enrichment

log = Log(__name__)

_FILLABLE = frozenset(one.name for one in fields(Lead)) - {
    *("interests", "answers", "account", "consents", "external_ids", "signals", "problems"),
}
_PARTS = ("answers", "account")


class Subject(Protocol):
    """Somebody about whom enrichers are asked.

    `origins` tells where their fields' values came from; `found` gets what was found now, facts of the
    company (`account.KEY`) too.
    """

    lead: Lead
    origins: Origins
    found: Origins


def enrich(subjects: Sequence[Subject], enrichers: Sequence[Enricher], now: datetime) -> None:
    """Adds to each subject's lead what the enrichers find. One that fails adds nothing."""
    for enricher in enrichers:
        if not subjects:
            return
        try:
            answers = enricher.enrich([subject.lead for subject in subjects])
            filled = [
                None if answer is None else _filled(subject, enricher.name, answer, now)
                for subject, answer in zip(subjects, answers, strict=True)
            ]
        except Exception:
            # A plugin's failure is not the leads' fault: they are sorted with what is known.
            log.exception("an enricher failed", enricher=enricher.name)
            continue
        for subject, values in zip(subjects, filled, strict=True):
            if values:
                _take(subject, values)


def fill(subject: Subject, name: str, answer: Enrichment, now: datetime) -> list[str]:
    """Adds one enricher's answer to one subject; answers with the fields that it changed."""
    values = _filled(subject, name, answer, now)
    _take(subject, values)
    return sorted(values)


Found = Mapping[str, tuple[Any, Origin]]


def _filled(subject: Subject, name: str, answer: Enrichment, now: datetime) -> Found:
    """What of an answer is taken. Its `values` name fields of a lead, or `answers.KEY` and `account.KEY`;
    other names are passed over."""
    origin = Origin(None, name, min(max(answer.confidence, 0.0), 1.0), now, answer.why)
    taken = {}
    for field, value in answer.values.items():
        if value is None or not _is_fillable(field):
            continue
        present = value_of(subject.lead, field)
        known = subject.found.get(field) or origin_of(field, subject.origins)
        if present != value and may_replace(present, known, origin):
            taken[field] = (value, origin)
    return taken


def _is_fillable(field: str) -> bool:
    part, _, key = field.partition(".")
    return part in _PARTS if key else field in _FILLABLE


def _take(subject: Subject, found: Found) -> None:
    values: dict[str, Any] = {}
    for field, (value, origin) in found.items():
        part, _, key = field.partition(".")
        if key:
            values[part] = {**getattr(subject.lead, part), **values.get(part, {}), key: value}
        else:
            values[field] = value
        subject.found[field] = origin
        if part != "account":
            subject.origins[field] = origin
    if values:
        subject.lead = with_values(subject.lead, values)
