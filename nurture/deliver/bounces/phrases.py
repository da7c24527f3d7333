"""What servers say, by reason: words that stand in the replies of mail servers of many makes."""

from __future__ import annotations

import re

_PHRASES = {
    "mailboxfull": r"mailbox (?:is )?full|over (?:the )?quota|quota exceeded|exceeded .{0,20}quota",
    "userunknown": (
        r"(?:no such|unknown|invalid|nonexistent) (?:user|mailbox|recipient|address)|user unknown"
        r"|(?:user|mailbox|recipient|account) (?:does not|doesn't) exist|nobody here"
    ),
    "spamdetected": r"\bspam\b",
}

_TABLE = [(reason, re.compile(words, re.IGNORECASE)) for reason, words in _PHRASES.items()]


def reason_of_words(words: str) -> str:
    """The reason that the words name, or nothing."""
    return next((reason for reason, pattern in _TABLE if pattern.search(words)), "")
