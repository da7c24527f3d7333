"""How many parts a text message takes: a telephone network carries 140 octets at a time.

In the default alphabet of GSM that is 160 characters, in UCS-2 it is 70; of several parts each gives up six
octets to say which one it is (3GPP TS 23.038, section 6.2.1, and TS 23.040, section 9.2.3.24.1).
"""

from __future__ import annotations

from typing import NamedTuple

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Characters that stand for two: an escape goes before each."""


class TextLength(NamedTuple):
    """`alphabet` is GSM-7 or UCS-2; `odd` are the characters that make it UCS-2, in order, each once."""

    alphabet: str
    units: int
    parts: int
    odd: str = ""


def text_length(text: str) -> TextLength:
    """What a text takes. One character too many for GSM, and the whole of it goes as UCS-2."""
    odd = "".join(dict.fromkeys(each for each in text if each not in _BASIC and each not in _EXTENDED))
    if odd:
        widths = [2 if ord(each) > 0xFFFF else 1 for each in text]
        return TextLength("UCS-2", sum(widths), _parts(widths, 70, 67), odd)
    widths = [2 if each in _EXTENDED else 1 for each in text]
    return TextLength("GSM-7", sum(widths), _parts(widths, 160, 153))


def _parts(widths: list[int], alone: int, each: int) -> int:
    """A character of two units is never cut in two, so that a part can be one short."""
    if sum(widths) <= alone:
        return 1
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts
