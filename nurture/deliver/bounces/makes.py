"""What a few makes of mail programs mean by what they say beside the server's words, or by saying nothing."""

from __future__ import annotations

import re

from nurture.deliver.bounces.mail import ReturnedMail

_OF_A_MAILBOX = re.compile(r"\b5\.2\.[01] [^()]{0,400}\(state 14\)")
_OF_A_RECIPIENT = re.compile(r"\b5\d\d [^()]{0,400}\(state 14\)")
"""Gmail's number for a refusal of the recipient: with a status of a mailbox, and for good."""

_BY_RULE = re.compile(r"mailbox does not exist", re.IGNORECASE)
_UNABLE = re.compile(r"^unable to deliver message to <[^>\n]+>", re.IGNORECASE | re.MULTILINE)


def told_elsewhere(mail: ReturnedMail, words: str) -> str:
    """The reason that something beside the words tells, whatever they say; or nothing.

    au (KDDI) marks what a subscriber's filter refused. Amazon SES, where it receives mail, has taken the mail
    before a rule of its owner says that there is no such mailbox. Gmail once told by a number which command
    was refused; with a status of a mailbox (RFC 3463, section 3.3) there is one.
    """
    if mail.headers.get("x-spasign", "").strip().upper() == "NG" or _OF_A_MAILBOX.search(words):
        return "filtered"
    was_taken = "x-ses-outgoing" in mail.headers and "message could not be delivered" in mail.notice
    return "filtered" if was_taken and _BY_RULE.search(words) else ""


def meant_by_silence(mail: ReturnedMail, passage: str) -> str:
    """The reason where neither words nor codes give one; or nothing.

    Trend Micro's gateway shows what was said, unless it was that there is no such recipient (Sisimai's table
    of that make says so).
    """
    by_gateway = "interscan" in mail.headers.get("from", "").lower() and _UNABLE.search(passage)
    return "userunknown" if by_gateway or _OF_A_RECIPIENT.search(passage) else ""
