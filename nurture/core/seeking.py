"""What a rule or a way in waits for, in plain words; what happened is told by `core.words.signal_words`."""

from __future__ import annotations

from nurture.core.expression import Comparison, Literal, Name
from nurture.core.model import SignalKind
from nurture.core.predicate import Condition


def signal_sought(on: str, where: Condition | None) -> str:
    """`submitted quote form`, `visited /prices`, `visited where the page starts with "/prices"`."""
    if where is None:
        return on
    match on, where.root:
        case SignalKind.SUBMITTED, Comparison(Name(("form",)), (("==", Literal(str(form))),)):
            return f"submitted {form} form"
        case SignalKind.VISITED, Comparison(Name(("url", "path")), (("==", Literal(str(page))),)):
            return f"visited {page}"
    return f"{on} where {where.words()}"
