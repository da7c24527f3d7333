"""What went out for a contact and what came of it: mails, actions, hand-overs, outcomes, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nurture.core.consent import CONFIRMATION
from nurture.core.model import NoticeKind
from nurture.core.words import minute
from nurture.handover.answers import ACCEPTED, REASONS, REJECTED
from nurture.journey.entry import Entry
from nurture.store import lookups
from nurture.store.outbox import State
from nurture.store.outcomes import value_of
from nurture.store.records import Told

MAILED: Mapping[State, str] = {
    State.READY: "waits to be sent",
    State.CLAIMED: "is about to be sent",
    State.TRANSMITTING: "is on its way",
    State.SENT: "was sent",
    State.FAILED: "could not be delivered",
    State.UNKNOWN: "may have arrived or not: nobody can know",
    State.WITHHELD: "was held back at the last moment",
}
"""State of a message → what became of it."""

DONE: Mapping[str, str] = {
    "ready": "is not done yet",
    "claimed": "is being done",
    "done": "is done",
    "failed": "was given up",
}
"""The same of what an action does outside."""

ABOUT: Mapping[NoticeKind, str] = {
    NoticeKind.OPENED: "that hand-over {number} is theirs",
    NoticeKind.REMINDER: "that hand-over {number} waits for an answer",
    NoticeKind.ESCALATED: "that hand-over {number} was not answered in time",
    NoticeKind.REASSIGNED: "that hand-over {number} is theirs now",
    NoticeKind.PASSED_ON: "that hand-over {number} is somebody else's now",
    NoticeKind.RESUMED: "that hand-over {number} waits for an answer again",
    NoticeKind.WITHDRAWN: "that the person of hand-over {number} was erased",
}
"""What sales is told."""


def of_mails(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        subject = f' "{row.subject}"' if row.subject else ""
        reply = f": {row.reply}" if row.reply and row.state != State.SENT else ""
        time = f" (time {row.occurrence})" if row.occurrence > 1 else ""
        asks = row.campaign == CONFIRMATION
        what = "the mail that asks them to confirm" if asks else f"{row.step} of {row.campaign}"
        yield Entry(
            row.done_at or row.created_at,
            "mail",
            f"{what}{time}{subject} {MAILED[State(row.state)]}{reply}",
            {"outbox_id": row.id, "state": row.state, "message_id": row.message_id, "reply": row.reply},
        )


def of_errands(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        reply = f": {row.reply}" if row.reply else ""
        state = "failed so far" if reply and not row.done_at else DONE[row.state]
        details = {"errand_id": row.id, "state": row.state, "attempts": row.attempts, "reply": row.reply}
        words = f"{row.action}, at {row.step} of {row.campaign}, {state}{reply}"
        yield Entry(row.done_at or row.created_at, "errand", words, details)


def of_lookups(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        said = row.reply or "is not asked yet"
        if row.state == lookups.READY and row.reply:
            said = f"no answer so far: {row.reply}; asked again from {minute(row.not_before)}"
        elif row.state == lookups.FAILED:
            said = f"gave no answer, and is not asked again: {row.reply}"
        details = {"enricher": row.enricher, "state": row.state, "attempts": row.attempts, "reply": row.reply}
        yield Entry(row.done_at or row.created_at, "lookup", f"{row.enricher}: {said}", details)


def of_handovers(rows: Sequence[Any], told: Iterable[Told]) -> Iterator[Entry]:
    """What no decision record tells (any more): they are kept for a while, hand-overs for ever."""
    known = [(one.at, one.record.what, one.record.evidence.get("handover")) for one in told]
    given = {at for at, what, _ in known if what == "handed_over"}
    answered = {(what, number) for _, what, number in known}
    for row in rows:
        details = {"handover_id": row.id, "team": row.team, "assignee": row.assignee_name}
        if row.created_at not in given:
            to = f" ({row.assignee_name})" if row.assignee_name else ""
            words = f"hand-over {row.id} goes to {row.team}{to}: {row.because}"
            yield Entry(row.created_at, "handover", words, details)
        if row.answered_at and (f"handover_{row.answer}", row.id) not in answered:
            yield Entry(row.answered_at, "handover", _answer(row), details)
        if row.returned_at and ("handover_handed_back", row.id) not in answered:
            by = row.returned_by or "sales"
            why = REASONS.get(row.returned_reason, row.returned_reason)
            words = f"{by} handed back hand-over {row.id}: {why}"
            yield Entry(row.returned_at, "handover", words, details)


def _answer(row: Any) -> str:
    did = {ACCEPTED: "accepted", REJECTED: "rejected"}[row.answer]
    why = f": {REASONS.get(row.reason, row.reason)}" if row.reason else ""
    return f"{row.answered_by or 'sales'} {did} hand-over {row.id}{why}"


def of_notices(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        details = {"notice_id": row.id, "channel": row.channel, "state": row.state, "reply": row.reply}
        yield Entry(row.done_at or row.created_at, "notice", _notice(row), details)


def _notice(row: Any) -> str:
    who = row.target.get("name") or row.target.get("email") or "the team"
    about = ABOUT[NoticeKind(row.kind)].format(number=row.handover_id)
    by = f"by {row.channel.replace('_', ' ')}"
    if row.state == "done":
        return f"{who} was told {by} {about}"
    if row.state == "failed":
        tries = "1 try" if row.attempts == 1 else f"{row.attempts} tries"
        return f"{who} could not be told {by} {about}: {row.reply}; given up after {tries}"
    if row.reply:
        again = f"tried again from {minute(row.not_before)}"
        return f"{who} could not be told so far {by} {about}: {row.reply}; {again}"
    return f"{who} is to be told {by} {about}"


def of_outcomes(rows: Sequence[Any]) -> Iterator[Entry]:
    """At the time that sales names, which may be long before anybody told us."""
    for row in rows:
        value = value_of(row.hundredths)
        worth = "" if value is None else f", {value:,.2f} {row.currency}"
        why = f": {row.reason}" if row.reason else ""
        details = {"outcome_id": row.id, "result": row.result, "value": value, "currency": row.currency}
        yield Entry(row.at, "outcome", f"{row.result}{worth}{why} (told by {row.source})", details)
