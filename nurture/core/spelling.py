"""How a word of a name is spelt and how it sounds: one spelling of its variants, one code for its errors."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_GLUED = re.compile(
    r"^(?:vanden|vander|vande|van|von|des|del|de|di|la|le|du|mac|mc|o)(?=[a-z]{4})"
    r"|^(?:vanden|vander|vande|van|den|der|de)(?=[a-z]{3}$)"
)
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "å": "a", "þ": "th"}
)
_SPELLINGS = (
    (re.compile("ae|aa"), "a"),
    (re.compile("oe"), "o"),
    (re.compile("ue"), "u"),
    (re.compile("ij"), "y"),
)


@lru_cache(maxsize=65_536)
def spelt(word: str) -> str:
    """A word in the one spelling that its variants share: `Jürgen`, `Juergen` and `Jurgen` are `jurgen`."""
    plain = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    return respelt("".join(letter for letter in plain if letter.isalpha()))


@lru_cache(maxsize=65_536)
def respelt(text: str) -> str:
    """Plain text in one spelling, whatever else is in it: `mueller 24` is `muller 24`."""
    for pattern, letter in _SPELLINGS:
        text = pattern.sub(letter, text)
    return text


def without_particle(word: str) -> str:
    """`vandenberg` and `berg` are `berg`."""
    return _GLUED.sub("", word)


_SOUNDS = str.maketrans("cqzvywdj", "kksfifti")
_SILENT = re.compile("[aeiouh]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """A rough code of how a word sounds, so that most of its misspellings have the same."""
    plain = (
        without_particle(word).replace("ph", "f").replace("sch", "s").replace("ck", "k").replace("x", "ks")
    )
    plain = plain.translate(_SOUNDS)
    return _DOUBLED.sub(r"\1", plain[:1] + _SILENT.sub("", plain[1:]))
