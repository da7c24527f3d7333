"""What a mail that came back is: a bounce, a complaint, an auto-reply, or something that a person wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nurture.core.feedback import Severity
from nurture.deliver.bounces import replies
from nurture.deliver.bounces.mail import ReturnedMail, addresses_in, read
from nurture.deliver.bounces.makes import meant_by_silence, told_elsewhere
from nurture.deliver.bounces.notifications import read_notification
from nurture.deliver.bounces.passages import diagnosis_in, said_outright, without_routine
from nurture.deliver.bounces.recipients import Said, said_of_each
from nurture.deliver.bounces.stages import stage_of
from nurture.deliver.bounces.verdict import judge

_PASSAGE_AT_MOST = 8 * 1024
_WORDS_OF_ALL = 32 * 1024
_WORDS_AT_LEAST = 400
"""Of many recipients each has a share of what is read, so that no mail takes long."""


class Kind(StrEnum):
    """What came back. `other`: neither, a real reply for example."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Concerned:
    """One recipient of whom something was told. `is_delayed`: it will be tried again, nothing is decided."""

    address: str
    status: str = ""
    reply: str = ""
    reason: str = ""
    severity: Severity | None = None
    words: str = ""
    is_delayed: bool = False

    @property
    def hard(self) -> bool:
        return self.severity is Severity.HARD


@dataclass(frozen=True, slots=True)
class Returned:
    """What a mail is, whom it concerns, and the mail itself taken apart."""

    kind: Kind
    concerned: tuple[Concerned, ...]
    mail: ReturnedMail


def classify(raw: bytes) -> Returned:
    """Classifies one mail, whatever it consists of. Never raises."""
    mail = read(raw)
    read_notification(mail)
    if mail.report is not None or replies.looks_complaining(mail):
        return Returned(Kind.COMPLAINT, _complained(mail), mail)
    if not mail.statuses and replies.has_auto_subject(mail):
        return Returned(Kind.AUTO_REPLY, _answered(mail), mail)
    said = said_of_each(mail) if mail.statuses or replies.looks_returned(mail) else []
    if mail.statuses or said or replies.looks_returned(mail):
        concerned = tuple(_judged(said or [Said("")], mail))
        arrived = all(each.reason == "delivered" for each in concerned)
        return Returned(Kind.OTHER if arrived else Kind.BOUNCE, concerned, mail)
    if replies.is_auto_reply(mail) or replies.has_empty_envelope(mail):
        return Returned(Kind.AUTO_REPLY, _answered(mail), mail)
    return Returned(Kind.OTHER, (), mail)


def _judged(said: Sequence[Said], mail: ReturnedMail) -> Iterator[Concerned]:
    """What becomes of each; the same words of many recipients are judged once."""
    is_delayed = not mail.statuses and replies.says_delayed(mail)
    share = max(_WORDS_AT_LEAST, _WORDS_OF_ALL // len(said))
    judged: dict[Said, Concerned] = {}
    for each in said:
        words = replace(each, address="", diagnosis=each.diagnosis[:share], words=each.words[:share])
        if words not in judged:
            judged[words] = _judge(words, mail, alone=len(said) == 1, is_delayed=is_delayed)
        yield replace(judged[words], address=each.address)


def _judge(said: Said, mail: ReturnedMail, *, alone: bool, is_delayed: bool) -> Concerned:
    if said.action in ("delivered", "deliverable", "relayed", "expanded"):
        return Concerned(said.address, said.status, reason="delivered")
    # Of many recipients each has a passage of their own; of one, the whole report speaks.
    passage = without_routine(said.words[:_PASSAGE_AT_MOST])
    notice = without_routine(mail.notice[:_PASSAGE_AT_MOST]) if alone else ""
    quoted = diagnosis_in(passage) or diagnosis_in(notice)
    words = said_outright(notice) or said.diagnosis or quoted or passage
    stage = stage_of(passage) or stage_of(notice)
    verdict = judge(
        words,
        said.status,
        said.reason or told_elsewhere(mail, words),
        stage=stage,
        otherwise=meant_by_silence(mail, notice or passage),
        around=f"{passage}.\n{notice}",
        hearsay=True,
    )
    delayed = said.action == "delayed" or is_delayed
    if delayed and verdict.reason == "undefined":
        verdict = replace(verdict, reason="expired")
    return Concerned(
        said.address, verdict.status, verdict.reply, verdict.reason, verdict.severity, words.strip(), delayed
    )


def _complained(mail: ReturnedMail) -> tuple[Concerned, ...]:
    report = mail.report or {}
    named = addresses_in(report.get("original-rcpt-to", "") or report.get("removal-recipient", ""))
    hotmail = addresses_in(mail.original.get("x-hmxmroriginalrecipient", ""))
    sender = addresses_in(mail.headers.get("from", "")) if "x-apple-unsubscribe" in mail.headers else []
    others = [*hotmail, *addresses_in(mail.original.get("to", "")), *sender, ""]
    return tuple(Concerned(address, reason="feedback") for address in named or others[:1])


def _answered(mail: ReturnedMail) -> tuple[Concerned, ...]:
    address = next(iter(addresses_in(mail.headers.get("from", ""))), "")
    return (Concerned(address, reason="vacation"),)
