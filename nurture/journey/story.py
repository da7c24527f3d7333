"""One contact's story in order: what came in, what happened, what was decided and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from nurture.core.model import Signal, SignalClass
from nurture.core.words import signal_words
from nurture.store import lookups, records, signals, stories
from nurture.store.outcomes import value_of
from nurture.store.records import Told

_ORDER = (
    *("inbox", "merge", "consent", "signal", "decision", "mail", "errand", "lookup", "handover", "outcome"),
)
"""What comes first of things at one moment: data before judgement, judgement before its consequences."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the story: `kind` is one of those in `_ORDER`."""

    at: datetime
    kind: str
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)


def chronicle(connection: sa.Connection, contact_id: int, until: datetime | None = None) -> list[Entry]:
    """Everything that is kept about one contact, oldest first; with `until` as it was recorded by then."""
    received = signals.signals_of(connection, [contact_id], received_by=until).get(contact_id, ())
    told = records.told(connection, [contact_id])
    decisions = [one for one in told if until is None or one.at <= until]
    entries = [
        *_inbox(_known(stories.inbox_items_of(connection, contact_id), until, "received_at", _SORTED)),
        *_merges(_known(stories.merges_of(connection, contact_id), until)),
        *_consents(_known(stories.consent_rows_of(connection, contact_id), until)),
        *_signals(received),
        *_decisions(decisions),
        *_mails(_known(stories.mails_of(connection, contact_id), until, "created_at", _DONE)),
        *_errands(_known(stories.errands_of(connection, contact_id), until, "created_at", _DONE)),
        *_lookups(_known(lookups.of_contact(connection, contact_id), until, "created_at", _DONE)),
        *_handovers(_known(stories.handovers_of(connection, contact_id), until, "created_at", _ANSWERED)),
        *_outcomes(_known(stories.outcomes_of(connection, contact_id), until, "recorded_at")),
    ]
    return sorted(entries, key=lambda entry: (entry.at, _ORDER.index(entry.kind)))


_SORTED = {"sorted_at": None, "state": "new"}
_DONE = {"done_at": None, "state": "ready", "reply": None, "subject": None}
_ANSWERED = {"answered_at": None, "answer": None, "reason": None, "answered_by": None}
"""What a row was before it was finished; the first name is that of the time at which it was."""


def _known(
    rows: Sequence[Any], until: datetime | None, begun: str = "at", before: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    """The rows that had begun by then; what was finished later is not yet."""
    if until is None:
        return rows
    found = [SimpleNamespace(**row._mapping) for row in rows if getattr(row, begun) <= until]
    for row in found if before else ():
        ended = getattr(row, next(iter(before or ())))
        if ended is None or ended > until:
            vars(row).update(before or {})
    return found


def _inbox(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        line = f", line {row.line}" if row.line else ""
        yield Entry(
            row.received_at,
            "inbox",
            f"came in by {row.source} from {row.name}{line} ({row.state})",
            {"inbox_id": row.id, "source": row.source, "line": row.line, "state": row.state},
        )


def _merges(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        if row.changes:
            fields = ", ".join(sorted(row.changes))
            words = f"new data, recognised by {row.matched_by}: {fields}"
        else:
            words = f"came in again, recognised by {row.matched_by}; nothing new"
        yield Entry(row.at, "merge", words, {"matched_by": row.matched_by, "changes": row.changes})


def _consents(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        given = "given" if row.granted else "refused or withdrawn"
        words = f"consent for {row.purpose}: {given} ({row.evidence or row.basis})"
        yield Entry(row.at, "consent", words, {"purpose": row.purpose, "granted": row.granted})


def _signals(found: Sequence[Signal]) -> Iterator[Entry]:
    for signal in found:
        doubt = "" if signal.classed is SignalClass.HUMAN else f" ({signal.classed})"
        details = {"signal_id": signal.id, "kind": signal.kind, "class": signal.classed, **signal.data}
        yield Entry(signal.at, "signal", f"{signal_words(signal)}{doubt}", details)


def _decisions(found: Iterable[Told]) -> Iterator[Entry]:
    for told in found:
        record = told.record
        yield Entry(
            told.at,
            "decision",
            f"{record.what.replace('_', ' ')}: {record.reason}",
            {
                "what": record.what,
                "rule": record.rule,
                "campaign": record.campaign,
                "version": record.version,
                "step": record.step,
                "evidence": record.evidence,
                "next_at": record.next_at,
            },
        )


def _mails(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        subject = f' "{row.subject}"' if row.subject else ""
        reply = f": {row.reply}" if row.reply and row.state != "sent" else ""
        time = f" (time {row.occurrence})" if row.occurrence > 1 else ""
        yield Entry(
            row.done_at or row.created_at,
            "mail",
            f"mail {row.campaign}/{row.step}{time}{subject} {row.state}{reply}",
            {"outbox_id": row.id, "state": row.state, "message_id": row.message_id, "reply": row.reply},
        )


def _errands(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        reply = f": {row.reply}" if row.reply else ""
        state = row.state if row.done_at else "failed so far" if reply else "not done yet"
        details = {"errand_id": row.id, "state": row.state, "attempts": row.attempts, "reply": row.reply}
        words = f"action {row.action} of {row.campaign}/{row.step} {state}{reply}"
        yield Entry(row.done_at or row.created_at, "errand", words, details)


def _lookups(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        said = row.reply or "not asked yet"
        if row.state == "ready" and row.reply:
            said = f"no answer so far: {row.reply}; asked again from {row.not_before:%Y-%m-%d %H:%M} UTC"
        elif row.state == "failed":
            said = f"given up: {row.reply}"
        details = {"enricher": row.enricher, "state": row.state, "attempts": row.attempts, "reply": row.reply}
        yield Entry(row.done_at or row.created_at, "lookup", f"{row.enricher}: {said}", details)


def _handovers(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        details = {"handover_id": row.id, "team": row.team, "assignee": row.assignee_name}
        to = f" ({row.assignee_name})" if row.assignee_name else ""
        yield Entry(row.created_at, "handover", f"handed over to {row.team}{to}: {row.because}", details)
        if row.answered_at:
            why = f", {row.reason}" if row.reason else ""
            by = f" by {row.answered_by}" if row.answered_by else ""
            yield Entry(row.answered_at, "handover", f"sales {row.answer} it{by}{why}", details)


def _outcomes(rows: Sequence[Any]) -> Iterator[Entry]:
    """At the time that sales names, which may be long before anybody told us."""
    for row in rows:
        value = value_of(row.hundredths)
        worth = "" if value is None else f", {value:,.2f} {row.currency}"
        why = f": {row.reason}" if row.reason else ""
        details = {"outcome_id": row.id, "result": row.result, "value": value, "currency": row.currency}
        yield Entry(row.at, "outcome", f"{row.result}{worth}{why} (told by {row.source})", details)
