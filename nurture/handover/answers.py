"""What sales can answer, and where each answer leads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from nurture.core.assign import day_words
from nurture.core.campaign import HandoverPolicy, RejectRule
from nurture.core.model import DecisionRecord, Lifecycle, Value, What
from nurture.core.schedule import turning_point
from nurture.errors import NurtureError
from nurture.store.handovers import HandoverRow

ACCEPTED, REJECTED, ASKED, HANDED_BACK = ANSWERS = ("accepted", "rejected", "asked", "handed_back")
"""They take it; they do not; they ask for more first; they had accepted it, and give it back."""

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

DUPLICATE = "duplicate"
NEED_AT_MOST = 200
"""Characters of what sales asks for."""

DEFAULT_RULE = RejectRule("recycle", timedelta(days=90))
"""Where a rejection leads whose reason the campaign does not list."""

AT_ONCE = RejectRule("recycle", timedelta())
"""The same for what is handed back: to nurture, now."""

_WITH_REASON = (REJECTED, HANDED_BACK)
_WHAT: Mapping[str, What] = {
    ACCEPTED: "handover_accepted",
    REJECTED: "handover_rejected",
    ASKED: "handover_asked",
    HANDED_BACK: "handover_handed_back",
}
_SAID = {
    ACCEPTED: "accepted hand-over {id}",
    REJECTED: "rejected hand-over {id}",
    ASKED: "asks for more of hand-over {id}",
    HANDED_BACK: "handed back hand-over {id}",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of sales. `by` is who gives it.

    `reason` is one of REASONS; `until` the day on which a rejected contact may be nurtured again, in place of
    what the campaign says; `same_as` the contact that a duplicate is; `need` what is asked for: a field of
    the answers (`budget`), or words.
    """

    answer: str
    reason: str | None = None
    by: str | None = None
    note: str | None = None
    need: str | None = None
    until: date | None = None
    same_as: str | None = None


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
    merged_into: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What programs are told of it."""
        return {
            "id": self.handover_id,
            "answer": self.answer,
            "reason": self.reason,
            "repeated": self.repeated,
            "lifecycle": self.lifecycle.value if self.lifecycle else None,
            "recycle_at": self.recycle_at.isoformat() if self.recycle_at else None,
            "merged_into": self.merged_into,
        }


@dataclass(frozen=True, slots=True)
class Consequence:
    """Where an answer leads: the lifecycle that follows, and until when a recycled contact rests.

    `merge`: they become one with the contact that sales names.
    """

    lifecycle: Lifecycle
    recycle_at: datetime | None = None
    merge: bool = False


def check_answer(given: Answer) -> None:
    """Raised when it is no answer, or lacks what it needs, or has what it cannot have: NurtureError."""
    answer, reason = given.answer, given.reason
    if answer not in ANSWERS:
        raise NurtureError(f"{answer!r} is no answer", hint=f"answer one of: {', '.join(ANSWERS)}")
    if answer in _WITH_REASON and reason not in REASONS:
        needs = "a rejection needs a reason" if answer == REJECTED else "handing back needs a reason"
        what = f"{reason!r} is no reason" if reason else needs
        raise NurtureError(what, hint=f"give one of: {', '.join(REASONS)}")
    if answer not in _WITH_REASON and reason:
        raise NurtureError(f"an {answer} hand-over has no reason", hint="put it into the note")
    if (answer == ASKED) != bool(given.need and given.need.strip()):
        what = "asking for more needs what to ask for" if answer == ASKED else "only a question has a need"
        raise NurtureError(what, hint="name a field, such as budget, or say it in words")
    if given.need and len(given.need) > NEED_AT_MOST:
        raise NurtureError(f"what is asked for may have {NEED_AT_MOST} characters", hint="use the note")
    if given.until and answer not in _WITH_REASON:
        raise NurtureError("only who is rejected or handed back rests until a day", hint="leave it out")
    if given.same_as and reason != DUPLICATE:
        raise NurtureError(
            "only a duplicate is the same as somebody else", hint=f"give the reason {DUPLICATE}"
        )


def consequence(given: Answer, policy: HandoverPolicy, zone: ZoneInfo, now: datetime) -> Consequence:
    """Where an answer leads, as the campaign says. Days begin at midnight in `zone`.

    Raised when a day is given where nobody comes back, or one that has passed: NurtureError.
    """
    if given.answer == ACCEPTED:
        return Consequence(Lifecycle.ACCEPTED)
    if given.answer == ASKED:
        return Consequence(Lifecycle.CONTACT)
    default = DEFAULT_RULE if given.answer == REJECTED else AT_ONCE
    rule = policy.when_rejected.get(given.reason or "", RejectRule("merge") if given.same_as else default)
    if rule.action == "disqualify":
        if given.until:
            raise NurtureError(
                f"the campaign disqualifies whoever is rejected for {given.reason}: they do not come back",
                hint="leave the day out, or give another reason",
            )
        return Consequence(Lifecycle.DISQUALIFIED)
    if rule.action == "merge" and given.same_as:
        return Consequence(Lifecycle.CONTACT, merge=True)
    return Consequence(Lifecycle.RECYCLED, _rests_until(given, rule, zone, now))


def _rests_until(given: Answer, rule: RejectRule, zone: ZoneInfo, now: datetime) -> datetime:
    day = given.until or rule.on
    if day is None:
        after = DEFAULT_RULE.after if rule.after is None else rule.after
        return now + (after or timedelta())
    if given.until and day <= now.astimezone(zone).date():
        raise NurtureError(f"{day} has passed", hint="give a day to come, or none")
    return max(turning_point(day, time(0), zone), now)


def record_of(
    given: Answer, row: HandoverRow, leads: Consequence, now: datetime, same_as: int | None = None
) -> DecisionRecord:
    """The decision record that `explain` shows for an answer."""
    words = f"{given.by or 'sales'} {_SAID[given.answer].format(id=row.id)}"
    words += f": {REASONS[given.reason]}" if given.reason else f": {given.need}" if given.need else ""
    evidence: dict[str, Value] = {
        "handover": row.id,
        "reason": given.reason,
        "note": given.note,
        "by": given.by,
        "need": given.need,
        "same_as": same_as,
        "to": leads.lifecycle.value,
    }
    return DecisionRecord(
        what=_WHAT[given.answer],
        reason=words + _leads_where(leads, given, same_as, now),
        campaign=row.campaign,
        rule=f"handover.when_rejected.{given.reason}" if given.reason else None,
        evidence={key: value for key, value in evidence.items() if value is not None},
        next_at=leads.recycle_at,
    )


def _leads_where(leads: Consequence, given: Answer, same_as: int | None, now: datetime) -> str:
    if leads.merge:
        return f"; they are the same as contact {same_as}"
    if leads.recycle_at is not None and leads.recycle_at <= now:
        return "; they are nurtured again"
    if leads.recycle_at is not None:
        return f"; they are left alone until {day_words(leads.recycle_at)} {leads.recycle_at.year}"
    if leads.lifecycle is Lifecycle.DISQUALIFIED:
        return "; they are disqualified"
    return "; they are nurtured meanwhile" if given.answer == ASKED else ""


def record_of_assignment(row: HandoverRow) -> DecisionRecord:
    """The decision record that says who got a new hand-over, and why."""
    evidence: dict[str, Value] = {"handover": row.id, "team": row.team, "to": row.assignee_email}
    goes = "goes to" if row.assignee_email else "goes to nobody:"
    return DecisionRecord(
        what="handover_assigned",
        reason=f"hand-over {row.id} {goes} {row.assigned_because}",
        campaign=row.campaign,
        rule="handover.assign",
        evidence={key: value for key, value in evidence.items() if value is not None},
        next_at=row.answer_by,
    )
