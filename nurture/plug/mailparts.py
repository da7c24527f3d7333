"""A finished mail taken apart again: for providers that want its parts instead of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

_MADE_ANEW = frozenset(
    {
        *("from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"),
        *("mime-version", "dkim-signature", "return-path", "received"),
    }
)
"""Headers that are told apart here, or that whoever sends the mail writes anew."""


@dataclass(frozen=True, slots=True)
class MailParts:
    """`from_address` and `reply_to` with their names, as they stand in the mail. `headers` are all others
    that go with the mail: those for unsubscribing above all. A part that is not there is empty.
    """

    from_address: str
    reply_to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def mail_parts(content: bytes) -> MailParts:
    """The parts of an OutboundMail's content."""
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return MailParts(
        str(message.get("From", "")),
        str(message.get("Reply-To", "")),
        str(message.get("Subject", "")),
        _part(message, "plain"),
        _part(message, "html"),
        {
            name: str(value)
            for name, value in message.items()
            if name.lower() not in _MADE_ANEW and not name.lower().startswith("content-")
        },
    )


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")
