"""What would make a contact of junk: what is missing, who may say it, and which enrichers may find it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nurture.core.profile import Requirement
from nurture.core.qualify import missing_words
from nurture.plug.contracts import AnyEnricher


def remedies(
    reason: str | None, require: Sequence[Requirement], enrichers: Sequence[AnyEnricher]
) -> list[str]:
    """A sentence for each thing that is missing; none for a robot, whom nothing helps."""
    missing = (reason or "").split(", ")
    return [
        _remedy(one, enrichers) for one in require if any(words in missing for words in missing_words(one))
    ]


def _remedy(requirement: Requirement, enrichers: Sequence[AnyEnricher]) -> str:
    fields = " or ".join(field.replace("_", " ") for field in requirement.fields)
    found = "; ".join(_finders(requirement, enrichers)) or "no enricher of the profile finds it"
    return f"{fields}: a record or a form that says it; {found}"


def _finders(requirement: Requirement, enrichers: Sequence[AnyEnricher]) -> Iterator[str]:
    for enricher in enrichers:
        gives = [field for field in requirement.fields if field in getattr(enricher, "gives", ())]
        needs = getattr(enricher, "needs", ())
        if gives:
            where = f", where {' and '.join(needs)} is known" if needs else ""
            yield f"{enricher.name} may find {' or '.join(gives)}{where}"
