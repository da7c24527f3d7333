"""Whom a report is about, and what it says of each: from its delivery status, else from its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from nurture.deliver.bounces.codes import CATEGORIES, reply_in, status_in
from nurture.deliver.bounces.mail import Fields, ReturnedMail, addresses_in
from nurture.deliver.bounces.phrases import reason_of_words

AT_MOST = 200
"""Recipients of one report; what comes on top is none."""

_LOOKED_AT = 2_000

_ADDRESS = r"[^\s<>\"'(),:;\[\]]{1,64}@[^\s<>\"'(),:;\[\]]{1,255}"
_LINE_OF = re.compile(
    r"^[ \t>]*(?:[*=#-]+>?[ \t]*|\d{1,3}[.)][ \t]+)?[\"'<(]*(?P<address>" + _ADDRESS + r")[\"'>)]*"
    r"(?:[ \t]*[<(](?:mailto:)?[^>)\n]{0,300}[>)])?[ \t]*(?P<rest>[^\n]*)$"
)
_LABELLED = re.compile(
    r"(?:recipient(?: address)?|original address|addressed to|rcpt to|delivered to|deliver (?:the |your "
    r")?(?:message|mail|email) to"
    r"|following recipients?|smtp=|unknown user|no such user|failed (?:recipient|address(?:es)?)|mail to|"
    r"recipients? was)"
    r"[ \t]*:?[ \t]*[\"'<]*(?P<address>" + _ADDRESS + r")[\"'>]*(?P<rest>[^\n]*)$",
    re.IGNORECASE,
)
_QUOTED_FIELD = re.compile(
    r"^[ \t>]*(?:from|to|cc|sender|reply-to|subject|message-id|date|for)[ \t]*:", re.IGNORECASE
)
_NOBODY = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-daemon|no-?reply|double-bounce)(?:[+=-].*)?@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says of one recipient.

    `diagnosis` are the words of the server that refused, where the report keeps them apart; `words` is the
    passage about this recipient. `action` is that of RFC 3464, section 2.3.3 (failed, delayed, delivered, …).
    """

    address: str
    action: str = ""
    status: str = ""
    diagnosis: str = ""
    words: str = ""
    remote: str = ""
    reason: str = ""


def said_of_each(mail: ReturnedMail) -> list[Said]:
    """What the report says, recipient by recipient, in its order; empty when it names none."""
    from_status = [each for each in map(_from_status, mail.statuses) if each is not None]
    passages = _passages(mail)
    if not from_status:
        return [Said(address, words=words) for address, words in passages.items()][:AT_MOST]
    found: dict[str, Said] = {}
    for number, each in enumerate(from_status[:AT_MOST]):
        address = each.address or _the_only(mail, passages)
        words = passages.get(address, mail.notice if len(from_status) == 1 else "")
        key = address or str(number)
        if key not in found:
            found[key] = replace(each, address=address, words=words)
    return list(found.values())


def _from_status(fields: Fields) -> Said | None:
    names = ("original-recipient", "final-recipient", "x-actual-recipient")
    given = [fields[name].partition(";")[2] or fields[name] for name in names if name in fields]
    if not given and not ("action" in fields and "status" in fields):
        return None
    diagnosis = fields.get("diagnostic-code") or fields.get("x-supplementary-info", "")
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", fields.get("status", ""))
    return Said(
        next(iter(addresses_in(*(each for each in given if "|" not in each))), ""),
        fields.get("action", "").split(" ")[0].strip(";,").lower(),
        status[0] if status else "",
        re.sub(r"^(?:x-)?[a-z0-9-]{2,20} ?; ?", "", diagnosis, flags=re.IGNORECASE),
        "",
        fields.get("remote-mta", ""),
        CATEGORIES.get(fields.get("x-powermta-bouncecategory", "").strip().lower(), ""),
    )


def _the_only(mail: ReturnedMail, passages: dict[str, str]) -> str:
    known = failed_recipients(mail) or list(passages) or _others(mail)
    return known[0] if known else ""


def failed_recipients(mail: ReturnedMail) -> Sequence[str]:
    """Whom Exim, Gmail and others name in a header of their own."""
    return addresses_in(mail.headers.get("x-failed-recipients", ""))


def _others(mail: ReturnedMail) -> Sequence[str]:
    """To whom the returned mail was written."""
    return addresses_in(mail.original.get("to", ""), mail.original.get("cc", ""))


def _passages(mail: ReturnedMail) -> dict[str, str]:
    """Recipient → the words that are about them."""
    failed = {each.lower(): each for each in failed_recipients(mail)}
    senders = {
        each.lower() for each in addresses_in(*(mail.original.get(n, "") for n in ("from", "return-path")))
    }
    senders |= {each.lower() for each in addresses_in(mail.headers.get("to", ""))}
    spoken = [
        (number, address)
        for number, address in _starts(mail.notice)
        if address.lower() in failed or (not failed and address.lower() not in senders)
    ]
    lines = mail.notice.splitlines()
    found: dict[str, str] = {}
    ends = [start for start, _ in spoken[1:]] + [len(lines)]
    for (start, address), end in zip(spoken, ends, strict=False):
        found[address] = "\n".join((found.get(address, ""), *lines[start:end])).strip()
    _share(found, lines, [start for start, _ in spoken])
    for address in failed.values():
        found.setdefault(address, mail.notice)
    return found or _unnamed(mail, senders)


def _share(found: dict[str, str], lines: Sequence[str], starts: Sequence[int]) -> None:
    """Gives words to those of several recipients whose passages tell nothing of why.

    Some reports give the reason first and then whom it is about, or one reason for a list of recipients.
    """
    if len(found) < 2 or len(found) != len(starts):
        return
    addresses = list(found)
    if not _is_bare(found[addresses[-1]]):
        for address, following in zip(addresses[-2::-1], addresses[:0:-1], strict=True):
            if _is_bare(found[address]):
                found[address] = f"{found[address]}\n{found[following]}"
        return
    words, last = "", 0
    for address, start in zip(addresses, starts, strict=True):
        before = "\n".join(lines[last:start])
        words = before if before.strip() else words
        found[address] = f"{words}\n{lines[start]}"
        last = start + 1


def _is_bare(passage: str) -> bool:
    """Whether it tells nothing of why."""
    return not (reason_of_words(passage[:_LOOKED_AT]) or status_in(passage) or reply_in(passage))


def _unnamed(mail: ReturnedMail, senders: set[str]) -> dict[str, str]:
    """No line speaks of anybody: whoever the report mentions, or else the returned mail was for."""
    mentioned = [each for each in addresses_in(mail.notice) if not _NOBODY.match(each)]
    candidates = [each for each in mentioned if each.lower() not in senders] or _others(mail) or mentioned
    return dict.fromkeys(candidates[:1], mail.notice)


def _starts(notice: str) -> Iterator[tuple[int, str]]:
    """The lines at which the report begins to speak of a recipient."""
    last = ""
    for number, line in enumerate(notice.splitlines()):
        if "@" not in line or len(line) > 2_000 or _QUOTED_FIELD.match(line):
            continue
        found = _LINE_OF.match(line) or _LABELLED.search(line)
        if found is None:
            continue
        address = next(iter(addresses_in(found["address"])), "")
        if address and address != last and not _NOBODY.match(address):
            last = address
            yield number, address
