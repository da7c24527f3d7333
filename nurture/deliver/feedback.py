"""Applies what came back: signals, suppression, withdrawn consents, a note at the mail.

A batch is one transaction, and the number of its statements does not depend on its size. The same feedback
again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.feedback import Feedback, FeedbackKind, Severity
from nurture.core.model import Signal, SignalClass, SignalKind, Value
from nurture.deliver.bounces.verdict import Verdict, judge
from nurture.deliver.relays import Relays
from nurture.deliver.retry import readable
from nurture.setting_bounces import Bounces
from nurture.store import consents, feedback, signals
from nurture.store.consents import ConsentChange
from nurture.store.engine import Store
from nurture.store.feedback import SentMail
from nurture.store.signals import NewSignal
from nurture.tokens import Signer

AUTO_REPLIED = "auto_replied"
"""The signal that an auto-reply leaves: kept, and without any effect."""

REPLY_AT_MOST = 500
"""Characters of a server's words that are kept."""

_SIGNALS = {
    FeedbackKind.BOUNCE: (SignalKind.BOUNCED.value, SignalClass.MACHINE, "told by a mail server"),
    FeedbackKind.COMPLAINT: (SignalKind.COMPLAINED.value, SignalClass.MACHINE, "told by a mailbox provider"),
    FeedbackKind.UNSUBSCRIBE: (SignalKind.UNSUBSCRIBED.value, SignalClass.HUMAN, "asked for"),
    FeedbackKind.REPLY: (SignalKind.REPLIED.value, SignalClass.HUMAN, "a person answered"),
    FeedbackKind.AUTO_REPLY: (AUTO_REPLIED, SignalClass.MACHINE, "answered by a program"),
}

_ONCE_A_MAIL = {FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT, FeedbackKind.UNSUBSCRIBE}
"""What can be told of one mail several times, by several ways, and counts once."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch changed: the new signals, how many addresses were suppressed for it, and how many notices
    were about nobody we know."""

    signals: tuple[Signal, ...] = ()
    suppressed: int = 0
    unmatched: int = 0


class FeedbackBook:
    """Applies batches of feedback in transactions of its own; `observe` is told of the signals afterwards."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        signer: Signer,
        policy: Bounces,
        observe: Callable[[Sequence[Signal]], None],
        relays: Relays,
    ) -> None:
        self._relays = relays
        self._store = store
        self._clock = clock
        self._signer = signer
        self._policy = policy
        self._observe = observe

    def apply(self, batch: Sequence[Feedback], *, vouched: bool = True) -> Applied:
        """As `apply_feedback`, committed. Raised when the database is away: StoreError."""
        now = self._clock.now()
        with self._store.write() as connection:
            applied = apply_feedback(connection, batch, self._signer, self._policy, now, vouched=vouched)
            about = [_mail_of(one) for one in applied.signals if _is_complaint(one)]
            paused = self._relays.complained(connection, about, now) if about else {}
        self._observe(applied.signals)
        for relay, why in paused.items():
            self._relays.paused(relay, why)
        return applied


@dataclass(frozen=True, slots=True)
class _Matched:
    """A notice with whom it is about; `contact_id` None: nobody we know."""

    told: Feedback
    contact_id: int | None
    mail: SentMail | None
    address: str

    @property
    def key(self) -> bytes:
        if self.mail is not None and self.told.kind in _ONCE_A_MAIL:
            severity = self.told.severity if self.told.kind is FeedbackKind.BOUNCE else ""
            return f"{self.told.kind} {severity} {self.mail.id}".encode()
        return b"feedback " + sha256(f"{self.told.kind}\0{self.address}\0{self.told.key}".encode()).digest()


def apply_feedback(
    connection: sa.Connection,
    batch: Sequence[Feedback],
    signer: Signer,
    policy: Bounces,
    now: datetime,
    *,
    vouched: bool = True,
) -> Applied:
    """Applies a batch in the caller's transaction.

    `vouched`: whoever told it is known, so that an address alone will do. Without it only what names a mail
    of ours, in a way that nobody can guess, is believed: else a stranger could have anybody suppressed.
    """
    matched = _match(connection, [_judged(one) for one in batch])
    believed = [one for one in matched if one.mail is not None or vouched]
    known = [one for one in believed if one.contact_id is not None]
    people = {one.contact_id for one in known if one.contact_id is not None}
    if people:
        consents.hold(connection, people)
    recorded = signals.record_signals(connection, _signals(known), now)
    consents.change(connection, _withdrawals(connection, known))
    feedback.note_replies(connection, _notes(known), now)
    reasons = _for_good(believed) | _too_often(connection, known, recorded, policy, now)
    hashes = {signer.address_hash(address): reason for address, reason in reasons.items()}
    fresh = hashes.keys() - consents.suppressed(connection, hashes)
    consents.suppress_all(connection, {each: hashes[each] for each in fresh}, now)
    return Applied(recorded, len(fresh), len(batch) - len(known))


def _judged(told: Feedback) -> Feedback:
    """With what was left open filled in, and fit to be stored: no database takes every character."""
    reply = readable(told.reply)[:REPLY_AT_MOST]
    told = replace(
        told,
        address=readable(told.address),
        message_id=readable(told.message_id),
        status=readable(told.status),
        reply=reply,
        subject=readable(told.subject)[:REPLY_AT_MOST],
    )
    if told.kind is not FeedbackKind.BOUNCE or (told.severity and told.reason):
        return told
    verdict = judge(reply, told.status, reason=told.reason)
    return replace(
        told,
        status=verdict.status,
        reason=verdict.reason,
        severity=told.severity or _of_door(verdict),
    )


def _of_door(verdict: Verdict) -> Severity:
    """A server that only put a mail off has not given its address up, whatever it says."""
    put_off = (verdict.reply or verdict.status).startswith("4")
    return Severity.SOFT if put_off and verdict.severity is Severity.HARD else verdict.severity


def _match(connection: sa.Connection, batch: Sequence[Feedback]) -> list[_Matched]:
    by_id, by_message_id = feedback.mails(
        connection,
        {one.outbox_id for one in batch if one.outbox_id is not None},
        {_bracketed(one.message_id) for one in batch if one.message_id},
    )
    owners = feedback.owners(connection, {_plain(one.address) for one in batch if one.address})
    matched = []
    for one in batch:
        mail = by_message_id.get(_bracketed(one.message_id))
        if one.outbox_id is not None:
            mail = by_id.get(one.outbox_id, mail)
        address = _plain(one.address)
        owner = owners.get(address)
        if mail is None:
            matched.append(_Matched(one, owner, None, address))
            continue
        if owner != mail.contact_id:
            # Forwarded to an address that we never wrote to: the one by which we know them is what counts.
            address = _plain(mail.email or "")
        matched.append(_Matched(one, mail.contact_id, mail, address))
    return matched


def _signals(known: Sequence[_Matched]) -> list[NewSignal]:
    # By key, so that two that tell the same never wait for each other.
    return [
        NewSignal(one.contact_id, kind, one.told.at, _data(one), classed, why, one.key)
        for one in sorted(known, key=lambda one: one.key)
        if one.contact_id is not None and one.told.kind in _SIGNALS
        for kind, classed, why in (_SIGNALS[one.told.kind],)
    ]


def _data(one: _Matched) -> dict[str, Value]:
    told = one.told
    mail = {} if one.mail is None else _of_mail(one.mail)
    words = {"status": told.status, "reply": told.reply, "reason": told.reason, "subject": told.subject}
    severity = {"severity": told.severity.value} if told.severity else {}
    return {**mail, **severity, **{name: text for name, text in words.items() if text}}


def _of_mail(mail: SentMail) -> dict[str, Value]:
    return {"campaign": mail.campaign, "step": mail.step, "message": mail.id}


def _withdrawals(connection: sa.Connection, known: Sequence[_Matched]) -> list[ConsentChange]:
    """Who complains wants no more of anything; who unsubscribes, no more of the kind that the mail was of."""
    leaving = [one for one in known if one.told.kind in (FeedbackKind.COMPLAINT, FeedbackKind.UNSUBSCRIBE)]
    if not leaving:
        return []
    people = [one.contact_id for one in leaving if one.contact_id is not None]
    granted = consents.open_of(connection, people)
    changes = {}
    for one in leaving:
        assert one.contact_id is not None
        held = granted.get(one.contact_id, frozenset())
        meant = held
        if one.told.kind is FeedbackKind.UNSUBSCRIBE and one.mail is not None:
            meant = held & {one.mail.purpose}
        about = f", message {one.mail.id} ({one.mail.campaign}, {one.mail.step})" if one.mail else ""
        for purpose in sorted(meant):
            evidence = f"{one.told.kind} told by the provider{about}"
            change = ConsentChange(one.contact_id, purpose, False, evidence, one.told.at)
            changes[one.contact_id, purpose] = change
    return list(changes.values())


def _notes(known: Sequence[_Matched]) -> Mapping[int, str | None]:
    said: dict[int, str | None] = {}
    for one in known:
        if one.mail is not None:
            said.setdefault(one.mail.id, None)
            if one.told.kind is FeedbackKind.BOUNCE:
                said[one.mail.id] = f"bounced ({one.told.reason}): {one.told.reply or one.told.status}"
            elif one.told.kind is FeedbackKind.COMPLAINT:
                said[one.mail.id] = "called spam by its reader"
    return said


def _for_good(believed: Sequence[_Matched]) -> dict[str, str]:
    """Addresses that never get mail again, with why."""
    reasons: dict[str, str] = {}
    for one in believed:
        if not one.address:
            continue
        if one.told.kind is FeedbackKind.COMPLAINT:
            reasons[one.address] = "complained"
        elif one.told.kind is FeedbackKind.BOUNCE and one.told.severity is Severity.HARD:
            reasons.setdefault(one.address, f"bounced: {one.told.reason}")
    return reasons


def _too_often(
    connection: sa.Connection,
    known: Sequence[_Matched],
    recorded: Sequence[Signal],
    policy: Bounces,
    now: datetime,
) -> dict[str, str]:
    """Addresses whose new soft bounce is one too many."""
    fresh = {signal.contact_id for signal in recorded if signal.data.get("severity") == Severity.SOFT}
    if not fresh:
        return {}
    counts = feedback.soft_bounces(connection, fresh, now - policy.soft_within)
    worn_out = {contact_id for contact_id, count in counts.items() if count >= policy.soft_limit}
    return {
        one.address: f"bounced softly {counts[one.contact_id]} times"
        for one in known
        if one.contact_id in worn_out and one.told.severity is Severity.SOFT and one.address
    }


def _is_complaint(one: Signal) -> bool:
    return one.kind == SignalKind.COMPLAINED.value and "message" in one.data


def _mail_of(one: Signal) -> int:
    mail = one.data["message"]
    assert isinstance(mail, int), "written by _of_mail"
    return mail


def _bracketed(message_id: str) -> str:
    return f"<{message_id.strip().strip('<>')}>"


def _plain(address: str) -> str:
    return address.strip().strip("<>").lower()
