"""What a few makes of mail programs mean by what they say beside the server's words, or by saying nothing."""

from __future__ import annotations

import re

from nurture.deliver.bounces.mail import ReturnedMail

_BY_RULE = re.compile(r"mailbox does not exist", re.IGNORECASE)
_SILENCE = re.compile(
    # Gmail's number for a refusal of the recipient, where it is one for good.
    r"\b5\d\d [^()]{0,400}\(state 14\)",
    re.IGNORECASE,
)


_OF_A_MAILBOX = re.compile(r"\b5\.2\.[01] [^()]{0,400}\(state 14\)")


def told_elsewhere(mail: ReturnedMail, words: str) -> str:
    """The reason that a header tells, whatever the words say; or nothing.

    au (KDDI) marks what a subscriber's filter refused. Amazon SES, where it receives mail, has taken the mail
    before a rule of its owner says that there is no such mailbox. Gmail once told by a number which command
    was refused; with a status of a mailbox (RFC 3463, section 3.3) there is one.
    """
    if mail.headers.get("x-spasign", "").strip().upper() == "NG":
        return "filtered"
    if _OF_A_MAILBOX.search(words):
        return "filtered"
    receives = (
        "x-ses-outgoing" in mail.headers and "this message could not be delivered" in mail.notice.lower()
    )
    return "filtered" if receives and _BY_RULE.search(words) else ""


def meant_by_silence(passage: str) -> str:
    """The reason where neither words nor codes give one; or nothing."""
    return "userunknown" if _SILENCE.search(passage) else ""
