"""What remote enrichers answer: told apart from failures, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from nurture.core.schedule import retry_delay
from nurture.ingest.questions import Question, asking_lead
from nurture.logs import Log
from nurture.plug.contracts import Enrichment, RemoteEnricher, Unanswered
from nurture.store import lookups
from nurture.store.lookups import LookupResult, LookupRow

MAX_ATTEMPTS = 8
REPLY_AT_MOST = 500

Answer = Enrichment | Unanswered | None
Answers = Mapping[bytes, Answer]

log = Log(__name__)


def answers_of(enricher: RemoteEnricher, questions: Sequence[Question]) -> list[Answer]:
    """An answer to each question; an enricher that fails has answered none of them."""
    if not questions:
        return []
    try:
        found = list(enricher.enrich([asking_lead(one) for one in questions]))
        if len(found) == len(questions):
            return found
        said = f"it gave {len(found)} answers to {len(questions)} questions"
    except Exception as error:
        # It is somebody else's code: whatever it raises is one failed attempt, no more.
        said = f"{type(error).__name__}: {error}"
    log.error("a remote enricher failed", enricher=enricher.name, error=said)
    if len(questions) == 1:
        return [Unanswered(said)]
    # One of them may be the reason: alone, it fails without the others.
    return [answers_of(enricher, [one])[0] for one in questions]


def unanswered(row: LookupRow, answer: Unanswered, now: datetime, *, blamed: bool = False) -> LookupResult:
    """What becomes of a question without an answer: asked again later, or given up with the reason.

    `blamed`: it is the one at which no more was answered. It may be the reason, so those behind it come first
    the next time.
    """
    # What somebody else's server said may hold anything, also what a database takes in no text.
    reply = "".join(c if c.isprintable() else " " for c in answer.why)[:REPLY_AT_MOST]
    if answer.busy:
        behind = timedelta(seconds=1 if blamed else 0)
        return LookupResult(row.id, lookups.READY, now + behind, row.attempts - 1, reply, None)
    if not answer.again or row.attempts >= MAX_ATTEMPTS:
        return LookupResult(row.id, lookups.FAILED, now, row.attempts, reply, now)
    return LookupResult(row.id, lookups.READY, now + retry_delay(row.attempts), row.attempts, reply, None)


def as_document(answer: Enrichment | None) -> dict[str, Any] | None:
    """An answer as the cache keeps it; None: nothing was found."""
    if answer is None:
        return None
    return {"values": dict(answer.values), "confidence": answer.confidence, "why": answer.why}


def as_answer(document: Mapping[str, Any] | None) -> Enrichment | None:
    """The way back."""
    return None if document is None else Enrichment(**document)
