"""Takes mails that came back: understands them, finds which mail of ours they are about, and applies that.

Every way in (Maildir, IMAP, the listener) ends here. When `take` returns, what the mails said is durable, and
to take them again changes nothing; so whoever brought them may forget them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

from nurture.clock import Clock
from nurture.core.feedback import Feedback, FeedbackKind
from nurture.deliver.bounces.classify import Concerned, Kind, Returned, classify
from nurture.deliver.bounces.mail import addresses_in
from nurture.deliver.feedback import FeedbackBook
from nurture.deliver.returnpath import LEAVE, ReturnPath
from nurture.errors import StoreError
from nurture.logs import Log

_LEAVING = {"opt-out", "opt-out-list", "unsubscribe"}
_NO_COMPLAINT = {"auth-failure", "not-spam", "dmarc"}
"""Feedback reports (RFC 5965, section 7.3; RFC 6430; RFC 6591) in which no reader complains."""

_MESSAGE_ID = re.compile(r"<[0-9a-f]{32}@[^<>\s]{1,253}>")
"""Our own have this shape (`outbox.message_id`); whether one is ours only the outbox knows."""

log = Log(__name__)


class Inbound:
    """Takes batches of raw mails. `own_address` is ours: a copy of what we wrote is no answer."""

    def __init__(self, book: FeedbackBook, clock: Clock, return_path: ReturnPath, own_address: str) -> None:
        self._book = book
        self._clock = clock
        self._return_path = return_path
        self._own_address = own_address.lower()

    def take(self, mails: Sequence[bytes]) -> Mapping[str, int]:
        """Applies what the mails say, in one transaction; returns how many were of which kind.

        Raised when the database is away, and then nothing was applied: StoreError.
        """
        now = self._clock.now()
        returned = [classify(mail) for mail in mails]
        told = [
            feedback
            for one, raw in zip(returned, mails, strict=True)
            for feedback in self._feedback(one, raw, now)
        ]
        if told:
            # Where return paths are signed, a bounce without one is a stranger's word.
            self._book.apply(told, vouched=not self._return_path.is_signed)
        kinds: Counter[str] = Counter(one.kind.value for one in returned)
        kinds["reply"] = sum(each.kind is FeedbackKind.REPLY for each in told)
        kinds["other"] -= kinds["reply"]
        return {kind: count for kind, count in kinds.items() if count}

    def take_each(self, mails: Mapping[str, bytes]) -> tuple[Mapping[str, int], list[str]]:
        """As `take`, for mails by name; returns the names of those that were taken, too.

        One that the database refuses for itself is left out, and told of in the log.
        """
        try:
            return self.take(list(mails.values())), list(mails)
        except StoreError:
            raise
        except Exception:
            if len(mails) == 1:
                log.exception("a mail that came back could not be taken", mail=next(iter(mails)))
                return {}, []
        kinds: Counter[str] = Counter()
        taken: list[str] = []
        for name, raw in mails.items():
            some, names = self.take_each({name: raw})
            kinds.update(some)
            taken += names
        return kinds, taken

    def _feedback(self, returned: Returned, raw: bytes, now: datetime) -> Iterator[Feedback]:
        mail = returned.mail
        outbox_id = self._return_path.mail_in(
            *(mail.headers.get(name, "") for name in ("delivered-to", "x-original-to", "envelope-to", "to")),
            mail.original.get("return-path", ""),
            *(value for block in mail.statuses for value in block.values()),
        )
        message_id = _about(returned)
        key = mail.headers.get("message-id") or sha256(raw.partition(b"\n\n")[2] or raw).hexdigest()
        at = _when(mail.headers.get("date", ""), now)
        for kind, one in self._kinds(returned, message_id, outbox_id):
            yield Feedback(
                kind,
                one.address,
                at,
                key,
                outbox_id=outbox_id,
                message_id=message_id,
                severity=one.severity,
                status=one.status,
                reply=one.words if kind is FeedbackKind.BOUNCE else "",
                reason=one.reason if kind is FeedbackKind.BOUNCE else "",
                subject=mail.headers.get("subject", "")
                if kind in (FeedbackKind.REPLY, FeedbackKind.AUTO_REPLY)
                else "",
            )

    def _kinds(
        self, returned: Returned, message_id: str, outbox_id: int | None
    ) -> Iterator[tuple[FeedbackKind, Concerned]]:
        if returned.kind is Kind.COMPLAINT:
            kind = _of_report(returned)
            yield from ((kind, one) for one in returned.concerned if kind is not None)
        elif returned.kind is Kind.AUTO_REPLY:
            yield from ((FeedbackKind.AUTO_REPLY, one) for one in returned.concerned)
        elif returned.concerned:
            yield from ((_of_bounce(one), one) for one in returned.concerned)
        elif (message_id or outbox_id is not None) and (author := self._author(returned)):
            asks_to_leave = returned.mail.headers.get("subject", "").strip().lower() == LEAVE
            if asks_to_leave:
                yield FeedbackKind.UNSUBSCRIBE, Concerned(author)
            elif message_id:
                yield FeedbackKind.REPLY, Concerned(author)

    def _author(self, returned: Returned) -> str:
        """Who wrote it; nobody where it is a copy of a mail of ours."""
        author = next(iter(addresses_in(returned.mail.headers.get("from", ""))), "")
        is_ours = author.lower() == self._own_address
        return "" if is_ours or _MESSAGE_ID.search(returned.mail.headers.get("message-id", "")) else author


def _of_bounce(one: Concerned) -> FeedbackKind:
    if one.reason == "delivered":
        return FeedbackKind.DELIVERED
    # It is still being tried: that is a program's word, and decides nothing.
    return FeedbackKind.AUTO_REPLY if one.is_delayed else FeedbackKind.BOUNCE


def _of_report(returned: Returned) -> FeedbackKind | None:
    report = returned.mail.report or {}
    about = report.get("feedback-type", "").strip().lower()
    if about in _NO_COMPLAINT:
        return None
    asks_to_leave = about in _LEAVING or (
        not about and returned.mail.headers.get("subject", "").strip().lower() in _LEAVING
    )
    return FeedbackKind.UNSUBSCRIBE if asks_to_leave else FeedbackKind.COMPLAINT


def _about(returned: Returned) -> str:
    """The Message-ID of the mail of ours that this is about, as far as its shape tells."""
    mail = returned.mail
    places = (
        mail.original.get("message-id", ""),
        (mail.report or {}).get("original-message-id", ""),
        mail.headers.get("in-reply-to", ""),
        " ".join(reversed(mail.headers.get("references", "").split())),
        mail.text,
    )
    return next((found[0] for place in places for found in _MESSAGE_ID.finditer(place)), "")


def _when(date: str, now: datetime) -> datetime:
    """When it was written, where that can be; a date in the future, or none, is now."""
    try:
        said = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return now
    return min(said.astimezone(now.tzinfo), now) if said.tzinfo else now
