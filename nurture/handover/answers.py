"""What sales can answer, and where each answer leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nurture.core.campaign import HandoverPolicy, RejectRule
from nurture.core.model import DecisionRecord, Lifecycle, Value
from nurture.errors import NurtureError
from nurture.store.handovers import HandoverRow

ACCEPTED, REJECTED = "accepted", "rejected"

REASONS = {
    "not_now": "Not now, later perhaps",
    "no_fit": "Does not fit what we offer",
    "no_budget": "No budget",
    "no_authority": "Does not decide about this",
    "unreachable": "Could not be reached",
    "duplicate": "We know them already",
    "spam": "Not a real request",
}
"""The coded reasons of a rejection, with the words that sales sees."""

DEFAULT_RULE = RejectRule("recycle", timedelta(days=90))
"""Where a rejection leads whose reason the campaign does not list."""


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """What an answer came to. `repeated`: it had been given before, and nothing changed.

    `lifecycle` is None where the contact was no prospect any more, and so stays where they are.
    """

    handover_id: int
    contact_id: int
    answer: str
    reason: str | None
    repeated: bool
    lifecycle: Lifecycle | None = None
    recycle_at: datetime | None = None


def check_answer(answer: str, reason: str | None) -> None:
    """Raised when it is no answer, or a rejection without one of the reasons: NurtureError."""
    if answer not in (ACCEPTED, REJECTED):
        raise NurtureError(f"{answer!r} is no answer", hint=f"answer {ACCEPTED} or {REJECTED}")
    if answer == REJECTED and reason not in REASONS:
        what = f"{reason!r} is no reason" if reason else "a rejection needs a reason"
        raise NurtureError(what, hint=f"give one of: {', '.join(REASONS)}")
    if answer == ACCEPTED and reason:
        raise NurtureError("an accepted hand-over has no reason", hint="put it into the note")


def consequence(
    answer: str, reason: str | None, policy: HandoverPolicy | None, now: datetime
) -> tuple[Lifecycle, datetime | None]:
    """The lifecycle that follows, and until when a recycled contact rests."""
    if answer == ACCEPTED:
        return Lifecycle.ACCEPTED, None
    listed = policy.when_rejected if policy is not None else {}
    rule = listed.get(reason or "", DEFAULT_RULE)
    if rule.action == "disqualify":
        return Lifecycle.DISQUALIFIED, None
    return Lifecycle.RECYCLED, now + (rule.after or timedelta())


def record_of_assignment(row: HandoverRow) -> DecisionRecord:
    """The decision record that says who got a new hand-over, and why."""
    evidence: dict[str, Value] = {"handover": row.id, "team": row.team, "to": row.assignee_email}
    return DecisionRecord(
        what="handover_assigned",
        reason=f"hand-over {row.id}: {row.assigned_because}",
        campaign=row.campaign,
        rule="handover.assign",
        evidence={key: value for key, value in evidence.items() if value is not None},
        next_at=row.answer_by,
    )


def record_of(
    answer: str,
    reason: str | None,
    note: str | None,
    by: str | None,
    campaign: str,
    handover_id: int,
    recycle_at: datetime | None,
) -> DecisionRecord:
    """The decision record that `explain` shows for this answer."""
    words = f"{by or 'sales'} {answer} hand-over {handover_id}"
    words += f": {REASONS[reason]}" if reason else ""
    evidence = {"handover": handover_id, "reason": reason, "note": note, "by": by}
    return DecisionRecord(
        what=f"handover_{answer}",
        reason=words,
        campaign=campaign,
        rule=f"handover.when_rejected.{reason}" if reason else None,
        evidence={key: value for key, value in evidence.items() if value is not None},
        next_at=recycle_at,
    )
