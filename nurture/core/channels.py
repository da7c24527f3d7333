"""By which channel a message goes: what its template is called says so, and nothing else has to."""

from __future__ import annotations

from enum import StrEnum

TEXT_ENDING = ".sms"
"""What the name of a text message's template ends in: `orientation/reminder.sms`."""


class Channel(StrEnum):
    """How messages reach people."""

    MAIL = "mail"
    SMS = "sms"


def channel_of(template: str) -> Channel:
    """The channel of a template's messages."""
    return Channel.SMS if template.endswith(TEXT_ENDING) else Channel.MAIL
