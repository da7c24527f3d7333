"""One contact as they were known at some moment: what came later is taken away again. Pure.

Some of it is kept with its times (signals, messages, decisions, merges, hand-overs), and is taken as it was
recorded by then. What is kept without its past stays as it is today; whoever shows it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from nurture.core.consent import CONFIRMATION
from nurture.core.facts import NOT_SENT
from nurture.core.model import Account, Contact, Lifecycle, Result, Sent, Stage
from nurture.core.obstacles import Mail
from nurture.core.stage import TOLD
from nurture.core.telling import Kept


class Merge(NamedTuple):
    """New data of a person: `changes` is field → [before, after]."""

    at: datetime
    changes: Mapping[str, Sequence[Any]]


class Standing(NamedTuple):
    """Where somebody stood, as the decisions say."""

    lifecycle: Lifecycle
    recycle_at: datetime | None
    stage: Stage
    stage_since: datetime | None
    told_at: datetime | None = None
    told_until: datetime | None = None


class Answered(NamedTuple):
    """A hand-over: opened, answered where it was, and handed back where that was so."""

    opened_at: datetime
    answer: str | None
    answered_at: datetime | None
    returned_at: datetime | None = None


_WENT = {
    "promoted": Lifecycle.PROSPECT,
    "disqualified": Lifecycle.DISQUALIFIED,
    "returned": Lifecycle.CONTACT,
    "handover_resumed": Lifecycle.PROSPECT,
    "handover_accepted": Lifecycle.ACCEPTED,
}
_BACK = {
    "handover_rejected": Lifecycle.PROSPECT,
    "handover_handed_back": Lifecycle.ACCEPTED,
    "handover_asked": Lifecycle.PROSPECT,
}
"""What takes somebody away from sales, and where they are then."""

_ONLY_FROM = {"handover_accepted": Lifecycle.PROSPECT, "handover_resumed": Lifecycle.CONTACT}
"""What moves somebody only from there; others stay where they are."""

_ENDED = frozenset(Result)

MOVES = frozenset({"stage_changed", *_WENT, *_BACK, *_ENDED})
"""The decisions that say where somebody stands: those that `standing_then` goes by."""


def standing_then(began: Lifecycle, began_at: datetime, kept: Iterable[Kept]) -> Standing:
    """Where the decisions in `kept` lead somebody who began as `began`."""
    lifecycle, recycle_at = began, None
    stage, since = Stage.ORIENTATION, began_at
    told_at: datetime | None = None
    told_until: datetime | None = None
    for at, record in kept:
        if record.what == "stage_changed":
            stage, since = Stage(str(record.evidence["to"])), at
            if record.rule == TOLD:
                until = record.evidence.get("until")
                told_at, told_until = at, datetime.fromisoformat(until) if isinstance(until, str) else None
        elif record.what in _BACK and lifecycle is _BACK[record.what]:
            recycle_at = record.next_at
            gone = Lifecycle.DISQUALIFIED if recycle_at is None else Lifecycle.RECYCLED
            # Where it led stands there since a rejection may lead elsewhere too.
            lifecycle = Lifecycle(str(record.evidence.get("to", gone)))
        elif record.what in _ONLY_FROM and lifecycle is not _ONLY_FROM[record.what]:
            continue
        elif record.what in _WENT:
            lifecycle = _WENT[record.what]
        elif record.what in _ENDED:
            lifecycle, recycle_at = Lifecycle(str(record.evidence["to"])), None
    return Standing(lifecycle, recycle_at, stage, since, told_at, told_until)


def person_then(
    contact: Contact, account: Account | None, merges: Iterable[Merge], at: datetime
) -> tuple[Contact, Account | None]:
    """The data of person and company without what was merged in after `at`."""
    person: dict[str, Any] = {}
    firm: dict[str, Any] = {}
    answers: dict[str, Any] = dict(contact.answers)
    facts: dict[str, Any] = dict(account.facts) if account else {}
    # Of those of one moment the last one is taken away first: sorting keeps their order.
    backwards = [*merges][::-1]
    for merge in sorted(backwards, key=lambda one: one.at, reverse=True):
        if merge.at <= at:
            break
        for field, (before, _) in merge.changes.items():
            part, _, name = field.partition(".")
            if part == "answers":
                _put(answers, name, before)
            elif part == "account" and name in _ACCOUNT_FIELDS:
                firm[name] = before
            elif part == "account":
                _put(facts, name, before)
            elif field in _CONTACT_FIELDS:
                person[field] = tuple(before or ()) if field == "interests" else before
    known = replace(contact, **person, answers=answers)
    return known, None if account is None else replace(account, **firm, facts=facts)


_ACCOUNT_FIELDS = {"name", "domain", "country", "region", "sector", "employees"}
_CONTACT_FIELDS = {
    *("email", "phone", "name", "company", "job_title", "city", "country", "locale", "timezone"),
    "interests",
}


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


def mails_then(mails: Iterable[Mail], at: datetime) -> tuple[Mail, ...]:
    """The messages that had been decided on; of what became of them, what was known by then."""
    return tuple(mail if _is_done(mail, at) else _on_its_way(mail) for mail in mails if mail.at <= at)


def _is_done(mail: Mail, at: datetime) -> bool:
    return mail.done_at is not None and mail.done_at <= at


def _on_its_way(mail: Mail) -> Mail:
    return replace(mail, state="ready", reply="", done_at=None, subject="")


def sent_then(mails: Iterable[Mail]) -> tuple[Sent, ...]:
    """The same as what histories and caps count."""
    return tuple(
        Sent(
            mail.campaign,
            mail.step,
            mail.occurrence,
            mail.done_at or mail.at,
            mail.state,
            mail.subject,
            mail.lap,
        )
        for mail in mails
        # A mail that asks for a consent is none of a campaign's.
        if mail.state not in NOT_SENT and mail.campaign != CONFIRMATION
    )


def handovers_then(handovers: Iterable[Answered], at: datetime) -> tuple[bool, datetime | None]:
    """Whether sales had not answered yet, and when it had last said no."""
    opened = [one for one in handovers if one.opened_at <= at]
    waiting = any(one.answered_at is None or one.answered_at > at for one in opened)
    noes = [one.answered_at if one.answer == "rejected" else one.returned_at for one in opened]
    said_no = [moment for moment in noes if moment is not None and moment <= at]
    return waiting, max(said_no, default=None)
