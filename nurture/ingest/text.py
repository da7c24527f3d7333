"""Small truths about text that people typed: when two words are the same word, and repaired encodings."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NO_WORD = re.compile(r"[\W_]+")
_TWICE_ENCODED = re.compile(
    "[ÂÃ][\x80-\xbf\u0152-\u2122]|â[\u20ac\u201a\u201e]|[ÄÅ][\x80-\x9f\xa1-\xaa\xac-\xba\xbc-\xbf]"
)
"""Beginnings of UTF-8 read as cp1252 that no text of our languages has: "Ä’" and "Ä»" may well be meant."""

_PLACEHOLDERS = frozenset(
    {"n a", "na", "nvt", "n v t", "none", "null", "nil", "nan", "unknown", "onbekend", "unbekannt", "geen"}
    | {"keine", "keine angabe", "k a", "tbd", "x", "xx", "xxx", "test", "test test", "asdf", "leeg", "empty"}
    | {"not provided", "not available", "niet bekend", "niet ingevuld", "no name", "anonymous", "anoniem"}
)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case without accents and punctuation: "E-Mail-Adresse" → "e mail adresse"."""
    if text.isascii():
        return _NO_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NO_WORD.sub(" ", plain.lower()).strip()


def bare(text: str) -> str:
    """Text without stray separators, and without quotes that enclose all of it: `"Jansen",` → `Jansen`.

    Quotes within it are its own: `Café "Zoë"` stays whole.
    """
    text = " ".join(text.split()).strip(" ,;")
    while len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1].strip(" ,;")
    return text


def slug(text: str) -> str:
    """A column's name as the key of an answer: "What's your budget?" → "what_s_your_budget"."""
    return fold(text).replace(" ", "_") or "column"


def is_placeholder(text: str) -> bool:
    """Whether somebody filled in a field only because it had to be filled in."""
    folded = fold(text)
    return not folded or folded in _PLACEHOLDERS


def repaired(text: str) -> str:
    """Undoes UTF-8 that was read as cp1252, up to twice ("JÃ¼rgen" → "Jürgen"); else the text as it is.

    Only where it is certain: the whole text must become valid UTF-8 again.
    """
    for _ in range(2):
        if text.isascii() or not _TWICE_ENCODED.search(text):
            break
        try:
            text = bytes(_cp1252_byte(letter) for letter in text).decode()
        except ValueError:
            break
    return text


def _cp1252_byte(letter: str) -> int:
    """The byte that cp1252 reads as `letter`; its five undefined bytes are often let through unchanged."""
    if ord(letter) < 0x100:
        return ord(letter)
    return letter.encode("cp1252")[0]
