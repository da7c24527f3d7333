"""How far the conversation had come when the mail was refused (RFC 5321, section 3.3).

The same words mean another thing later on: a server that knows its users says so when it hears the recipient;
what says `user unknown` after it has read the mail is a filter.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Stage(StrEnum):
    """The command that was refused; `NOT_TOLD` where the report does not say.

    `TOGETHER`: several went in one go (RFC 2920), and the report shows the last of them, as Sendmail's do.
    """

    NOT_TOLD = ""
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    TOGETHER = "together"


_SIGNS = [
    (
        Stage.RCPT,
        r"reply\s+to\s+rcpt|(?:after|for) (?:pipelined )?rcpt (?:to|command|response)|rcpt_to|our rcpt"
        r"|following rcpt|state 14|(?:does not like|rejected) recipient|smtp:rcpt|smtp command\s+rcpt"
        # Sendmail, Courier, and (with the arrows turned round) InterScan.
        r"|>>> ?rcpt to:[^\n]*\n[^\n<>]{0,20}<<< ?[45]|<<< ?rcpt to:[^\n]*\n[^\n<>]{0,20}>>> ?[45]"
        # Exim; IMail; qmail with a patch; Office 365 of what another server said.
        r"|rcpt to:?[^\n]{0,80}: host|rcpt to generated following response|most progress was rcpt"
        r"|unknown recipient or mailbox unavailable ->"
        # McAfee.
        r"|addresses had delivery problems -{3,}\s*<[^>\n]+>[ \t]+\(",
    ),
    (
        Stage.DATA,
        r"reply\s+to\s+(?:end\s+of\s+)?data|after (?:pipelined )?(?:end of )?data|final data|after sending"
        r"|state 1[5-8]|smtp command\s+data|smtp:data|for (?:text|data) command|failed on data command"
        r"|data command generated response|most progress was data"
        r"|following data|failed after i sent the message|after end of message|>>> "
        r"?data\s*\n\s*(?:received )?<<< ?[45]",
    ),
    (
        Stage.MAIL,
        r"reply\s+to\s+mail\s+from|after (?:pipelined )?mail from|smtp:mail|our mail from|following mail"
        r"|state 13|>>> ?mail from:[^\n]*\n\s*(?:received )?<<< ?[45]"
        r"|rejected mail from|does not like (?:sender|mail)|but sender was rejected"
        r"|server response to mail from|most progress was mail",
    ),
    (
        Stage.CONNECT,
        r"refused\s+to\s+talk\s+to\s+me|reply\s+to\s+(?:initial|helo|ehlo)|state (?:8|9)\b|but (?:my name was"
        r" rejected|greeting failed)|smtp:(?:conn|[he][eh]lo)|unexpected response to ehlo|after (?:helo|"
        r"ehlo)|connect\w* to .{0,80}: [45]\d\d",
    ),
]
_TABLE = [(stage, re.compile(signs, re.IGNORECASE)) for stage, signs in _SIGNS]
_RCPT_BEFORE_DATA = re.compile(r"need rcpt|no valid recipients|\b5\.1\.1 ", re.IGNORECASE)


def stage_of(report: str) -> Stage:
    """The stage at which a report says that the mail was refused."""
    for stage, signs in _TABLE:
        if signs.search(report):
            together = stage is Stage.DATA and ">>> DATA" in report and _RCPT_BEFORE_DATA.search(report)
            return Stage.TOGETHER if together else stage
    return Stage.NOT_TOLD
