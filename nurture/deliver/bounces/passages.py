"""The server's own words within a report that is written for people."""

from __future__ import annotations

import re

_ROUTINE = re.compile(
    r"this is a permanent error[^\n]*|i've given up[^\n]*|sorry it didn't work out\.?|giving up on \S+|"
    r"i'm not going to try again[^\n]*"
    r"|this message was created automatically by mail delivery software[^\n]*|no further delivery "
    r"attempts will be made"
    r"|this has been a permanent failure|for (?:further|explanation|more)[^\n.]{0,80}|if you (?:do so|"
    r"require)[^\n]*"
    # What a gateway adds to every mail that passes it.
    r"|\b(?:scanned (?:for|by)|virus[- ]free|no virus(?:es)? (?:was |were )?found)[^\n]*"
    r"|\(?expanded from:[^\n]*|generated (?:from|by)[^\n]*|the number of attempts made[^\n]*|remote "
    r"system:[^\n]*",
    re.IGNORECASE,
)
_QUOTED = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"diagnostic[- ]code: ?(?:smtp;)?(.+?)(?:\n\s*\n|\nremote |$)",
        r"error that the other server returned was:?\s*(.+)",
        r"\bhost \S+ \[[^\]]*\](?::\d+)?(?: said)?: ((?:[45]\d\d|smtp)[ -].+)",
        r"\(reason: (.+?)\)\s*(?:\n|$)",
        r"error message below:\s*(.+)",
        r"-+ ?server message\s*(.+?)(?:\n-{3,}|$)",
        r"responded as follows:\s*\[?(.+?)\]?\s*(?:\n\s*\n|$)",
        r"(?:remote host |server )?(?:said|returned|replied|response|responded)(?: with)?:? "
        r"+'?((?:#?\d\d\d|smtp)[ -].+)",
        r"failed with: (.+)",
        r"for the following reasons?:\s*(.+)",
        r"because(?: of)?:?\s*\n\s*(.+)",
        r"((?:^|\n)[ \t>]*<<< ?[45]\d\d.+)",
        r"(?:^|\n)[ \t>#]*([45]\d\d[ -][^\n]+(?:\n[ \t]*\S[^\n]*){0,6})",
    )
]


_OUTRIGHT = re.compile(
    # Dovecot's delivery; au (KDDI).
    r"was automatically rejected:\s*(?P<dovecot>.+)|(?P<au>the user\(s\) account is [^\n]+)",
    re.IGNORECASE | re.DOTALL,
)


def said_outright(notice: str) -> str:
    """Some say why in a text of their own, whatever stands in the delivery status or behind the address."""
    found = _OUTRIGHT.search(notice)
    return (found["dovecot"] or found["au"]).strip() if found else ""


def diagnosis_in(passage: str) -> str:
    """The words that a report quotes or gives as its reason; nothing where it keeps them not apart."""
    for pattern in _QUOTED:
        if found := pattern.search(passage):
            return found[1].strip()
    return ""


def without_routine(passage: str) -> str:
    """A passage without the sentences that its program writes every time."""
    return _ROUTINE.sub(" ", passage)
