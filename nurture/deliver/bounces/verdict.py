"""From a server's words and codes to a reason."""

from __future__ import annotations

from dataclasses import dataclass

from nurture.core.feedback import Severity, severity_of
from nurture.deliver.bounces.codes import reason_of_status, reply_in, status_in
from nurture.deliver.bounces.phrases import knows_itself, names_nobody, reason_of_words, says_unknown
from nurture.deliver.bounces.stages import Stage

_WORDS_AT_MOST = 4_000

_VAGUE = {"", "undefined", "mailererror", "syntaxerror", "systemerror", "rejected", "suspend"}
"""Reasons that a status gives and that any words beat."""

_IN_PASSING = {
    *("policyviolation", "spamdetected", "virusdetected", "contenterror", "securityerror", "systemerror"),
    *("expired", "networkerror", "mailererror", "filtered", "toomanyconn", "ratelimited", "badreputation"),
}
"""Reasons that do not count where both the plainest words and the status 5.1.1 say that there is nobody."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a refusal says: the code of RFC 3463, the reply code, the coded reason, and whose fault it is."""

    status: str
    reply: str
    reason: str
    severity: Severity


def judge(
    diagnosis: str,
    status: str = "",
    reason: str = "",
    *,
    stage: Stage = Stage.NOT_TOLD,
    around: str = "",
    otherwise: str = "",
    hearsay: bool = False,
) -> Verdict:
    """Judges a refusal by the server's words, else by its codes, else by the words around them.

    A `reason` that somebody knows better stays. Words come before codes: many servers say `5.1.1` to whatever
    they do not want, and `5.7.1` to a dead address. `otherwise` is the reason where nothing tells one.
    `hearsay`: a third host reports what another has said.
    """
    diagnosis, around = diagnosis[:_WORDS_AT_MOST], around[:_WORDS_AT_MOST]
    spoken = status_in(diagnosis)
    if not status or (status.endswith(".0.0") and spoken):
        status = spoken or status or status_in(around)
    reply = reply_in(diagnosis) or reply_in(around)
    if not reason:
        reason = said = reason_of_words(diagnosis)
        if reason in _IN_PASSING and status == "5.1.1" and says_unknown(diagnosis):
            reason = "userunknown"
        by_code = reason_of_status(status)
        if not reason and by_code in _VAGUE:
            reason = reason_of_words(around)
        reason = reason or by_code or otherwise or _by_default(reply, stage)
        if reason == "userunknown" and not names_nobody(diagnosis):
            is_doubtful = hearsay and bool(said) and not knows_itself(diagnosis)
            reason = _who_says_unknown(status, stage, is_doubtful=is_doubtful)
    severity = severity_of(reason)
    if reason == "notaccept" and (reply or status).startswith("4"):
        severity = Severity.SOFT
    return Verdict(status, reply, reason, severity)


def _who_says_unknown(status: str, stage: Stage, *, is_doubtful: bool) -> str:
    """Only who was asked for a recipient knows that there is none.

    Where a report of another server's refusal neither tells the command nor has a status of an address, a
    filter may have spoken: doubt suppresses nobody.
    """
    if stage is Stage.MAIL:
        return "rejected"
    of_address = status.startswith(("5.1.", "4.1."))
    # `5.1.0` (something about the address) is what filters say after the mail was read.
    late = stage is Stage.DATA and (not of_address or status == "5.1.0")
    untold = is_doubtful and stage is Stage.NOT_TOLD and not of_address
    by_policy = status.startswith("5.7.") and stage is Stage.TOGETHER
    # The mailbox that does not take this mail (RFC 3463, section 3.3) is one that there is.
    by_mailbox = status.startswith("5.2.") and stage is not Stage.RCPT
    return "filtered" if late or untold or by_policy or by_mailbox else "userunknown"


def _by_default(reply: str, stage: Stage) -> str:
    if reply in ("521", "556"):
        # RFC 7504, sections 3 and 4.
        return "notaccept"
    return {Stage.MAIL: "rejected", Stage.CONNECT: "blocked"}.get(stage, "undefined")
