"""The findings on text messages. Numbered as those of `codes`."""

from __future__ import annotations

from nurture.language.catalogue import define

NO_TEXT_TRANSPORT = define(
    "N450",
    "Text messages go nowhere",
    "The step sends a text message, but no transport for them is set: `sms.transport` in nurture.toml. The "
    "message would wait for ever.",
    "error",
)
TEXT_TOO_LONG = define(
    "N451",
    "Text message too long",
    "A long text goes out in several messages, and each is paid for. One that takes more than "
    "`sms.parts_at_most` is not sent.",
    "warning",
)
COSTLY_CHARACTERS = define(
    "N452",
    "Characters that make a text message dear",
    "160 characters of GSM's alphabet fit into a message. With a single one that is not in it, only 70 do.",
    "warning",
)
