"""How wide a text will be, without a font at hand: reckoned for a wide one, so that it fits in any."""

from __future__ import annotations

_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.29),
    **dict.fromkeys(" .,:;!I/\\", 0.34),
    **dict.fromkeys("frt()[]-·", 0.4),
    **dict.fromkeys('"*', 0.48),
    **dict.fromkeys("cszJ_?", 0.55),
    **dict.fromkeys("kvxy", 0.6),
    **dict.fromkeys("aeo", 0.62),
    **dict.fromkeys("=<>+~QOGDNHMw&", 0.84),
    **dict.fromkeys("mW@%…", 1.0),
}
"""Of a letter, as a part of its size, in DejaVu Sans: the widest of the fonts that a page will get."""

_OTHER, _CAPITAL, _FAR_EAST = 0.64, 0.72, 1.0
_BOLD = 1.13


def width(text: str, size: float, *, bold: bool = False) -> float:
    """At most so wide, in the units of `size`."""
    return sum(map(_letter, text)) * size * (_BOLD if bold else 1)


def short(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """A text that fits into the room, with an ellipsis where it was cut."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _letter(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if ord(letter) > 0x1100:
        return _FAR_EAST
    return _CAPITAL if letter.isupper() else _OTHER
