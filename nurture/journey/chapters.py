"""What came in of a contact, and what was decided: rows of the store as lines of a story, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nurture.core.model import Signal, SignalClass
from nurture.core.telling import evidence_words, record_words
from nurture.core.words import field_words, minute, signal_words
from nurture.ingest.judge import BY_ACCOUNT
from nurture.ingest.match import ITSELF, VISITOR
from nurture.ingest.sort import FORMS
from nurture.journey.entry import Entry
from nurture.store import inbox
from nurture.store.consents import CONSENT
from nurture.store.merging_pairs import UNMERGED
from nurture.store.records import Told

BECAME: Mapping[str, str] = {
    inbox.NEW: "waits to be sorted",
    inbox.CONTACT: "became a contact",
    inbox.MERGED: "joined what was known of them",
    inbox.JUNK: "junk",
    inbox.UNREADABLE: "could not be read",
    inbox.ERASED: "was erased",
}
"""State of an inbox item → what became of the record."""

RECOGNISED: Mapping[str, str] = {
    "email": "the e-mail address",
    "phone": "the telephone number",
    "external": "the number that {} has for them",
    VISITOR: "the link in a mail by which they came",
    ITSELF: "itself: it was sorted again",
    BY_ACCOUNT: "their company",
}
"""By what a record joined somebody; of `external:SYSTEM` the part before the colon."""

DOUBTED: Mapping[SignalClass, str] = {
    SignalClass.PROBABLE: "only probably a person's",
    SignalClass.MACHINE: "a machine's, counts for nothing",
}
"""Whose a signal is, where it is not surely a person's."""

BASES: Mapping[str, str] = {
    "contract": "there is a contract",
    "legitimate_interest": "there is a legitimate interest",
}
"""Legal bases on which nobody has to agree."""


def of_inbox(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        line = f", line {row.line}" if row.line and row.source != FORMS else ""
        why = f": {row.reason}" if row.reason else ""
        yield Entry(
            row.received_at,
            "inbox",
            f"came in from {row.name} ({row.source}{line}): {BECAME[row.state]}{why}",
            {"inbox_id": row.id, "source": row.source, "line": row.line, "state": row.state},
        )


def of_merges(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        kind, _, system = row.matched_by.partition(":")
        by = RECOGNISED.get(kind, row.matched_by).format(system)
        if row.changes:
            fields = ", ".join(sorted(field_words(one) for one in row.changes))
            words = f"told something new, recognised by {by}: {fields}"
        else:
            words = f"came in again, recognised by {by}; nothing new"
        yield Entry(row.at, "merge", words, {"matched_by": row.matched_by, "changes": row.changes})


def of_doubts(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        called = ", ".join(part for part in (row.name, row.email) if part)
        other = f"contact {row.other} ({called})" if called else f"contact {row.other}"
        details = {"review_id": row.id, "other": row.other, "score": row.score, "state": row.state}
        if row.reasons:
            why = f"may be the same person as {other}: {'; '.join(row.reasons)}; somebody is to say"
            yield Entry(row.at, "doubt", why, details)
        if row.decided_at is not None:
            by = f", as {row.decided_by} says" if row.decided_by not in (None, "", UNMERGED) else ""
            yield Entry(row.decided_at, "doubt", f"is another person than {other}{by}", details)


def of_consents(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        source = f" ({row.evidence})" if row.evidence and row.basis == CONSENT else ""
        if not row.granted:
            words = f"wants no mail for {row.purpose}{source}"
        elif row.basis == CONSENT:
            words = f"agreed to mail for {row.purpose}{source}"
        else:
            basis = BASES.get(row.basis, row.basis)
            words = f"gets mail for {row.purpose} without having agreed: {basis}"
        yield Entry(row.at, "consent", words, {"purpose": row.purpose, "granted": row.granted})


def of_opt_ins(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        end = "they did" if row.confirmed_at else "they have not"
        words = (
            f"is asked by mail to confirm mail for {row.purpose} ({row.evidence}), "
            f"until {minute(row.expires_at)}: {end}"
        )
        yield Entry(row.asked_at, "consent", words, {"purpose": row.purpose, "opt_in_id": row.id})


def of_suppressions(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        yield Entry(row.at, "consent", f"gets no mail at all from now on: {row.reason}")


def of_signals(found: Iterable[Signal], doubted: Mapping[int, str]) -> Iterator[Entry]:
    for signal in found:
        doubt = ""
        if signal.classed is not SignalClass.HUMAN:
            why = f": {doubted[signal.id]}" if signal.id in doubted else ""
            doubt = f" ({DOUBTED[signal.classed]}{why})"
        details = {"signal_id": signal.id, "kind": signal.kind, "class": signal.classed, **signal.data}
        yield Entry(signal.at, "signal", f"{signal_words(signal)}{doubt}", details)


def of_profiles(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        words = f"the profile was changed (version {row.hash[:8]}): everybody is judged by it from now on"
        yield Entry(row.at, "rules", words, {"version": row.hash})


def of_publications(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        if row.version_id is None:
            words = f"{row.campaign} was stopped: whoever is in it rests"
        elif row.undoes is not None:
            words = f"the last change of {row.campaign} was taken back (version {row.hash[:8]})"
        else:
            words = f"{row.campaign} was changed (version {row.hash[:8]}); they go on in it"
        note = f": {row.note}" if row.note else ""
        yield Entry(row.at, "rules", f"{words}{note}", {"campaign": row.campaign, "version": row.hash})


def of_decisions(found: Iterable[Told]) -> Iterator[Entry]:
    """Who in sales gets somebody is kept first, and told behind the decision that sales gets them."""
    assigned: list[Told] = []
    for told in found:
        if assigned and assigned[0].at != told.at:
            yield from map(_decision, assigned)
            assigned = []
        if told.record.what == "handover_assigned":
            assigned.append(told)
            continue
        yield _decision(told)
        if told.record.what == "handed_over":
            yield from map(_decision, assigned)
            assigned = []
    yield from map(_decision, assigned)


def _decision(told: Told) -> Entry:
    record = told.record
    return Entry(
        told.at,
        "handover" if record.what.startswith("handover_") else "decision",
        record_words(record),
        {
            "what": record.what,
            "reason": record.reason,
            "rule": record.rule,
            "campaign": record.campaign,
            "version": record.version,
            "step": record.step,
            "evidence": record.evidence,
            "next_at": record.next_at,
        },
        tuple(evidence_words(record)),
    )
