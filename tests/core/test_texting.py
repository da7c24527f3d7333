"""How many parts a text message takes."""

from __future__ import annotations

import pytest

from nurture.core.channels import Channel, channel_of
from nurture.core.texting import text_length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 0, 1, "")),
        ("a" * 160, ("GSM-7", 160, 1, "")),
        ("a" * 161, ("GSM-7", 161, 2, "")),
        ("a" * 306, ("GSM-7", 306, 2, "")),
        ("a" * 307, ("GSM-7", 307, 3, "")),
        ("Één café à € 5", ("GSM-7", 15, 1, "")),
        ("€" * 80, ("GSM-7", 160, 1, "")),
        ("€" * 81, ("GSM-7", 162, 2, "")),
        # 153 is odd: the 77th sign does not fit into the first part, nor is it cut in two.
        ("€" * 152, ("GSM-7", 304, 2, "")),
        ("€" * 153, ("GSM-7", 306, 3, "")),
        ("ë" * 70, ("UCS-2", 70, 1, "ë")),
        ("ë" * 71, ("UCS-2", 71, 2, "ë")),
        ("🙂" * 35, ("UCS-2", 70, 1, "🙂")),
        ("🙂" * 36, ("UCS-2", 72, 2, "🙂")),
        ("don’t – or do", ("UCS-2", 13, 1, "’–")),
    ],
    ids=lambda value: value[:5] + str(len(value)) if isinstance(value, str) else None,
)
def test_the_length_of_a_text(text: str, expected: tuple[str, int, int, str]) -> None:
    assert text_length(text) == expected


@pytest.mark.parametrize(
    ("template", "channel"),
    [("welcome", Channel.MAIL), ("a/welcome.sms", Channel.SMS), ("sms", Channel.MAIL)],
)
def test_the_name_of_a_template_says_its_channel(template: str, channel: Channel) -> None:
    assert channel_of(template) is channel
