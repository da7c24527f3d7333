"""The two codes of a refusal: the reply of RFC 5321 (`550`) and the status of RFC 3463 (`5.1.1`)."""

from __future__ import annotations

import re

_STATUS = re.compile(r"(?:(?<=[245]\d\d-)|(?<![\d.@/-]))([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.@/:-])([45][0-5]\d)(?=[- #(;:,\]\"']|$)")

REASON_OF_STATUS = {
    # RFC 3463, section 3.2 (addresses). 1.7 and 1.8 speak of the sender's address.
    "1.0": "userunknown",
    "1.1": "userunknown",
    "1.2": "hostunknown",
    "1.3": "userunknown",
    "1.4": "filtered",
    "1.6": "hasmoved",
    "1.7": "rejected",
    "1.8": "rejected",
    "1.9": "systemerror",
    "1.10": "notaccept",
    # Section 3.3 (mailboxes).
    "2.1": "suspend",
    "2.2": "mailboxfull",
    "2.3": "mesgtoobig",
    "2.4": "filtered",
    # Section 3.4 (the mail system at the destination).
    "3.1": "systemfull",
    "3.2": "notaccept",
    "3.3": "systemerror",
    "3.4": "mesgtoobig",
    "3.5": "systemerror",
    # Section 3.5 (network and routing).
    "4.1": "expired",
    "4.2": "networkerror",
    "4.3": "systemerror",
    "4.4": "hostunknown",
    "4.5": "toomanyconn",
    "4.6": "networkerror",
    "4.7": "expired",
    # Section 3.6 (the conversation).
    "5.0": "mailererror",
    "5.1": "syntaxerror",
    "5.2": "syntaxerror",
    "5.3": "toomanyconn",
    "5.4": "syntaxerror",
    "5.5": "syntaxerror",
    # Section 3.7 (content).
    "6.1": "contenterror",
    "6.2": "contenterror",
    "6.3": "contenterror",
    "6.5": "contenterror",
    "6.7": "contenterror",
    "6.9": "contenterror",
    # Section 3.8 (policy), and what RFC 7372 and the registry have added since.
    "7.1": "rejected",
    "7.2": "filtered",
    "7.3": "policyviolation",
    "7.5": "failedstarttls",
    "7.7": "policyviolation",
    "7.8": "securityerror",
    "7.9": "securityerror",
    "7.10": "failedstarttls",
    "7.11": "failedstarttls",
    "7.13": "suspend",
    "7.17": "hasmoved",
    "7.18": "hasmoved",
    "7.20": "authfailure",
    "7.21": "authfailure",
    "7.22": "authfailure",
    "7.23": "authfailure",
    "7.24": "authfailure",
    "7.25": "requireptr",
    "7.26": "authfailure",
    "7.27": "rejected",
    "7.28": "ratelimited",
    "7.29": "authfailure",
}
"""The subject and detail of a status → the reason that it names; the rest say nothing by themselves."""

_NEVER_AGAIN = {"userunknown", "hostunknown", "hasmoved"}

CATEGORIES = {
    "bad-domain": "hostunknown",
    "bad-mailbox": "userunknown",
    "inactive-mailbox": "suspend",
    "message-expired": "expired",
    "no-answer-from-host": "networkerror",
    "policy-related": "policyviolation",
    "quota-issues": "mailboxfull",
    "routing-errors": "systemerror",
    "spam-related": "spamdetected",
}
"""What PowerMTA says in `X-PowerMTA-BounceCategory` of why a mail came back."""


def status_in(text: str) -> str:
    """The first status of RFC 3463 in a text, or nothing."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def reply_in(text: str) -> str:
    """The first reply code in a text that speaks of a refusal, or nothing."""
    found = _REPLY.search(text)
    return found[1] if found else ""


def reason_of_status(status: str) -> str:
    """The reason that a status names, or nothing. One of class 4, of what may pass, kills no address."""
    reason = REASON_OF_STATUS.get(status.partition(".")[2], "")
    return "" if status.startswith("4.") and reason in _NEVER_AGAIN else reason
