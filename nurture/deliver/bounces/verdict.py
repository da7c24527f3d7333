"""From a server's words and codes to a reason."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.core.feedback import HARD_REASONS, Severity, severity_of
from nurture.deliver.bounces.codes import reason_of_status, reply_in, status_in
from nurture.deliver.bounces.phrases import reason_of_words


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a refusal says: the code of RFC 3463, the reply code, the coded reason, and whose fault it is."""

    status: str
    reply: str
    reason: str
    severity: Severity


def judge(words: str, status: str = "", reply: str = "", reason: str = "") -> Verdict:
    """Judges a refusal by the server's words, else by its codes.

    A `reason` that somebody knows better stays. Words come before codes: many servers say `5.1.1` to whatever
    they do not want, and `5.7.1` to a dead address.
    """
    status = status or status_in(words)
    reply = reply or reply_in(words)
    reason = reason or reason_of_words(words) or reason_of_status(status) or "undefined"
    severity = severity_of(reason)
    if reason in HARD_REASONS and (reply or status).startswith("4"):
        # A server that may think otherwise tomorrow has not given the address up.
        severity = Severity.SOFT
    return Verdict(status, reply, reason, severity)
