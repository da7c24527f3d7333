"""Asks the enrichers, in the profile's order, for what can be known from what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import structlog

from nurture.core.model import Lead
from nurture.ingest.merge import with_values
from nurture.plug.contracts import Enricher, Enrichment

log = structlog.get_logger(__name__)

_FILLABLE = frozenset(one.name for one in fields(Lead)) - {
    *("interests", "answers", "account", "consents", "external_ids", "signals", "problems"),
}
_PARTS = ("answers", "account")


def enriched(leads: Sequence[Lead], enrichers: Sequence[Enricher]) -> list[Lead]:
    """The leads with what the enrichers added, in the same order. Known fields stay as they are.

    An enricher that fails adds nothing; sorting goes on without it.
    """
    result = list(leads)
    for enricher in enrichers:
        if not result:
            break
        try:
            answers = enricher.enrich(result)
            result = [
                lead if answer is None else _filled(lead, answer)
                for lead, answer in zip(result, answers, strict=True)
            ]
        except Exception:
            # A plugin's failure is not the leads' fault: they are sorted with what is known.
            log.exception("an enricher failed", enricher=enricher.name)
    return result


def _filled(lead: Lead, answer: Enrichment) -> Lead:
    """`values` names fields of a lead, or `answers.KEY` and `account.KEY`; other names are passed over."""
    values: dict[str, Any] = {}
    for name, value in answer.values.items():
        part, _, key = name.partition(".")
        if value is None:
            continue
        if name in _FILLABLE and getattr(lead, name) is None:
            values[name] = value
        elif part in _PARTS and key and key not in getattr(lead, part):
            values[part] = {**getattr(lead, part), **values.get(part, {}), key: value}
    return with_values(lead, values) if values else lead
