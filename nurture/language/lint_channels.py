"""Messages of a channel that nothing serves."""

from __future__ import annotations

from nurture.core.channels import Channel, channel_of
from nurture.language import textcodes
from nurture.language.documents import Draft
from nurture.language.mentions import Known


def check_channels(draft: Draft, known: Known) -> None:
    """A text message needs a transport for text messages."""
    if known.texts_go:
        return
    for mention in draft.reader.mentions:
        if mention.kind == "template" and channel_of(mention.name) is Channel.SMS:
            draft.reader.report.add(
                textcodes.NO_TEXT_TRANSPORT,
                mention.place,
                f"{mention.name} is a text message, and no transport for them is set",
                'load one, such as sms_gateway, and name it in nurture.toml: [sms] transport = "sms_gateway"',
            )
