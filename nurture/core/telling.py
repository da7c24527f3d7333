"""Decision records as sentences: what was done, or was not, and why. Codes are for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from nurture.core.model import DecisionRecord, Lifecycle, Value, What
from nurture.core.words import number


class Kept(NamedTuple):
    """A decision record with the time of its decision."""

    at: datetime
    record: DecisionRecord


PHRASES: Mapping[What, str] = {
    "sent": "is to get the message {step} ({reason})",
    "not_sent": "does not get the message {step} now: {reason}",
    "went_on": "goes on from {step}: {reason}",
    "timed_out": "goes on from {step}: {reason}",
    "not_waited": "goes on from {step}: {reason}",
    "chosen": "goes on at {step} by what is known: {reason}",
    "split": "is put into a group at {step}, by chance: {reason}",
    "done": "comes by {step}, where this is done: {reason}",
    "not_done": "comes by {step}, where nothing can be done: {reason}",
    "goal_reached": "reaches the goal {step}: {reason}",
    "track_ended": "is through with this stage of {campaign}: {reason}",
    "stopped": "is stopped in {campaign}: {reason}",
    "enrolled": "enters {campaign}: {reason}",
    "not_enrolled": "is not added to another campaign: {reason}",
    "exited": "leaves {campaign}: {reason}",
    "stage_changed": "goes {reason}",
    "promoted": "becomes a prospect: {reason}",
    "handed_over": "is handed over {reason}",
    "not_handed_over": "does not go to sales: {reason}",
    "disqualified": "is disqualified: {reason}",
    "returned": "is {reason}",
    "handover_assigned": "is given to a salesperson: {reason}",
    "handover_reminded": "waits for an answer of sales: {reason}",
    "handover_escalated": "waits for an answer of sales in vain: {reason}",
    "handover_reassigned": "is given to another salesperson: {reason}",
    "handover_accepted": "is taken by sales: {reason}",
    "handover_rejected": "is not taken by sales: {reason}",
    "handover_asked": "is to tell more before sales takes them: {reason}",
    "handover_resumed": "is with sales again: {reason}",
    "handover_handed_back": "is given back by sales: {reason}",
    "won": "is won: {reason}",
    "lost": "is lost: {reason}",
    "outcome_kept": "stays where they are: {reason}",
    "merged": "was here twice: {reason}",
    "unmerged": "was not here twice: {reason}",
    "account_merged": "works for a company that was here twice: {reason}",
    "account_unmerged": "works for a company that was not here twice: {reason}",
}
"""What each kind of record says of the person: read behind their name."""

_NOTE, _SIGNALS = "note", "signals"


def record_words(record: DecisionRecord) -> str:
    """What a record says, as a phrase about the contact: `enters welcome: interests include "website"`."""
    return PHRASES[record.what].format(
        step=record.step or "", campaign=record.campaign or "", reason=record.reason
    )


def evidence_words(record: DecisionRecord) -> Iterator[str]:
    """What a record goes by beyond its reason, a line each: scores, signals, a note of sales."""
    seen = record.evidence
    if record.what == "promoted" and "engagement" in seen:
        engagement = f"engagement {_number(seen['engagement'])} (with what is only probably theirs)"
        yield f"fit {seen.get('fit')}, {engagement}, in {seen.get('stage')}"
    signals = seen.get(_SIGNALS)
    yield from (f"counted: {one}" for one in (signals if isinstance(signals, tuple) else ()))
    if note := seen.get(_NOTE):
        yield f"note of sales: {note}"


def _number(value: Value) -> str:
    return number(value) if isinstance(value, float) else str(value)


STANDING: Mapping[Lifecycle, str] = {
    Lifecycle.LEAD: "lead: came in, and is not sorted yet",
    Lifecycle.JUNK: "junk",
    Lifecycle.CONTACT: "contact",
    Lifecycle.PROSPECT: "prospect: given to sales, who has not answered yet",
    Lifecycle.ACCEPTED: "accepted: sales talks to them",
    Lifecycle.CUSTOMER: "customer: won",
    Lifecycle.DISQUALIFIED: "disqualified: no prospect, whatever they do",
    Lifecycle.RECYCLED: "recycled: sales gave them back",
    Lifecycle.LOST: "lost: sales did not win them",
}
"""How each lifecycle is said to sales."""
