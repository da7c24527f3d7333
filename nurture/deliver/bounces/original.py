"""Where the report ends and the returned mail begins, in reports that are plain text; and fields in text."""

from __future__ import annotations

import re
from textwrap import dedent

_BEGINS = re.compile(
    r"[ >]{0,40}(?:"
    # A line of dashes that says so: sendmail, qmail, Exim, Gmail, Notes, m-FILTER, …
    r"[-=+ ]{2,40}[^\n]*\b(?:original message(?! was)|copy of (?:the|your) message|this is a copy|returned "
    r"message"
    r"|unsent message|header of the original|message header|original mail|message headers? follow"
    r"|undelivered message|message text follows|start of returned|body of the message|forwarded message"
    r"|returned mail follows|received message|non-deliverable)[^\n]*"
    # A sentence that says so: DMA, OpenSMTPD, Exchange, mxlogic, fml, …
    r"|(?:the )?(?:original|unsent) (?:message|mail)(?: headers?| text)?(?: as)? follow[^\n]*"
    r"|message headers? follow[^\n]*|original message headers:[^\n]*|original mail as follows[^\n]*"
    r"|(?:below|included) is (?:a copy|the original|the header)[^\n]*|here is a copy of[^\n]*"
    r"|(?:the )?(?:first|beginning|header)[^\n]{0,40} of (?:the|your) (?:original )?message[^\n]*follow[^\n]*"
    r"|the following is (?:the|a copy of the) original[^\n]*|your (?:original )?message follows[^\n]*"
    r"|(?:a )?copy of (?:your|the) (?:original )?(?:message|mail)[^\n]{0,40}(?:follow|below|attached)[^\n]*"
    r"|content of the message[^\n]*|----* ?original message[^\n]*|original message:[ \t]*$"
    # The headers themselves.
    r"|(?:return-path|received|delivered-to|dkim-signature|x-google-dkim-signature): ?(?:<|from|by|\(|v=|"
    r"\S+@)"
    r"|received:from )",
    re.IGNORECASE,
)
_LINE_AT_MOST = 200
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)$")


def cut(text: str) -> tuple[str, str]:
    """What was written for people, and what follows of the returned mail."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _BEGINS.match(line[:_LINE_AT_MOST]) and any(each.strip() for each in lines[:number]):
            # Some lists indent what they return.
            rest = dedent("\n".join(lines[number + 1 :]))
            return "\n".join(lines[:number]), f"{line.strip()}\n{rest}"
    return text, ""


def header_fields(text: str) -> dict[str, str]:
    """The fields in a text, folded lines joined, by lower-case names; of a name that comes twice, the first.

    Lines that are no fields are passed over; quotation marks of a forwarded mail do not count.
    """
    found: dict[str, str] = {}
    name = ""
    for raw in text.splitlines()[:2_000]:
        line = raw.lstrip("> ") if raw.startswith(">") else raw
        matched = _FIELD.match(line)
        if matched:
            name = matched[1].lower()
            if name in found:
                name = ""
            else:
                found[name] = matched[2].strip()
        elif name and line[:1] in (" ", "\t") and line.strip():
            found[name] = f"{found[name]} {line.strip()}"[:4_000]
        else:
            name = ""
    return found
