"""How alike two people's names are: in any order, with or without accents, titles, particles, initials.

What counts are the words of a name. `van`, `de` and their like are left out, since half of all lists do so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

PARTICLES = frozenset(
    """
    van von vom zu zum zur de der den des du la le les ten ter te het t op in di da do dos del della dello el
    al bin ibn und y e und vd vdn
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
_TITLES = frozenset(
    """
    mr mrs ms miss dr drs ir ing prof mevr mevrouw dhr heer herr frau mag phd msc bsc mba ma ba llm md esq
    dipl madame monsieur mme sig sra don
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
_GENERATIONS = {"sr": "sr", "senior": "sr", "jr": "jr", "junior": "jr", "ii": "jr", "iii": "iii"}
_ABBREVIATED = re.compile(r"\bv\.?\s?/?d\.?(?:\s?d\.?)?\s(?=\w)", re.IGNORECASE)
"""`v.d. Berg`, `v/d Berg`, `vd Berg`: not somebody whose first names begin with V and D."""
_DOUBLE_FIRST = re.compile(r"^(\w{2,})-(\w{2,})(?=\s)")
"""Jean-Pierre is another one than Jean."""
_GLUED = re.compile(r"^(?:vanden|vander|vande|van|von|des|del|de|di|la|le|du|mac|mc|o)(?=[a-z]{4})")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "å": "a", "þ": "th"}
)
_SPELLINGS = (
    (re.compile("ae|aa"), "a"),
    (re.compile("oe"), "o"),
    (re.compile("ue"), "u"),
    (re.compile("ij"), "y"),
)
_SHORTEST_TYPO = 5
_LIKE = 0.9


class Names(Enum):
    """What two names are to each other, the nearest first; the values are for sorting and for scores."""

    SAME = 1.0
    LONGER = 0.95
    MISTYPED = 0.9
    SHORTENED = 0.7
    PART = 0.5
    UNKNOWN = 0.4
    SURNAME_CHANGED = 0.3
    FAMILY = 0.2
    DIFFERENT = 0.0


@dataclass(frozen=True, slots=True)
class Called:
    """A name in pieces: `words` without particles and titles, in their order, spelt in one way; `generation`
    is `jr` or `sr`; `numbers` are those of a name that a program made, such as `Lead 4711`."""

    words: tuple[str, ...] = ()
    generation: str | None = None
    numbers: tuple[str, ...] = ()

    @property
    def full(self) -> tuple[str, ...]:
        """The words that are more than an initial."""
        return tuple(word for word in self.words if len(word) > 1)


@lru_cache(maxsize=65_536)
def called(name: str) -> Called:
    """A name in pieces."""
    words: list[str] = []
    generation = None
    name = _DOUBLE_FIRST.sub(r"\1\2", name.replace("'", "").replace("’", ""))
    for word in _WORD.findall(_ABBREVIATED.sub(" ", name)):
        plain = spelt(word)
        if plain in _GENERATIONS and words:
            generation = _GENERATIONS[plain]
        elif plain not in PARTICLES and plain not in _TITLES:
            words.append(plain)
    return Called(tuple(words), generation, tuple(_NUMBER.findall(name)))


@lru_cache(maxsize=65_536)
def spelt(word: str) -> str:
    """A word in the one spelling that its variants share: `Jürgen`, `Juergen` and `Jurgen` are `jurgen`."""
    plain = unicodedata.normalize("NFKD", word.lower().translate(_LETTERS))
    plain = "".join(letter for letter in plain if letter.isalpha())
    for pattern, letter in _SPELLINGS:
        plain = pattern.sub(letter, plain)
    return plain


def names_alike(one: Called, other: Called) -> Names:
    """What two names are to each other."""
    if not one.words or not other.words:
        return Names.UNKNOWN
    if one.numbers != other.numbers:
        return Names.DIFFERENT
    exact, mistyped, shortened, left, right = _matched(one.words, other.words)
    if not left or not right:
        full = exact + mistyped
        if shortened and full:
            return Names.SHORTENED
        if full >= 2:
            if mistyped:
                return Names.MISTYPED
            return Names.LONGER if any(len(word) > 1 for word in (*left, *right)) else Names.SAME
        return Names.PART if exact and not mistyped else Names.DIFFERENT if mistyped else Names.PART
    return _in_conflict(one, other, exact + mistyped)


def _in_conflict(one: Called, other: Called, alike: int) -> Names:
    if not alike:
        return Names.DIFFERENT
    first, second = one.words[0], other.words[0]
    if not (first == second or _mistyped(first, second)):
        return Names.FAMILY
    # Two surnames or two first names, of which each list has others: García López, Anna Maria.
    return Names.SHORTENED if alike >= 2 else Names.SURNAME_CHANGED


def _matched(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[int, int, int, list[str], list[str]]:
    """How many words are the same, mistyped, and initials of each other; and which are left of both."""
    left, right = list(one), list(other)
    counts = []
    for alike in (_same, _glued, _mistyped, _initial):
        n = 0
        for word in tuple(left):
            match = next((each for each in right if alike(word, each)), None)
            if match is not None:
                left.remove(word)
                right.remove(match)
                n += 1
        counts.append(n)
    same, glued, mistyped, initial = counts
    return same + glued, mistyped, initial, left, right


def _same(one: str, other: str) -> bool:
    """The same word, or the same but for two letters that changed places: no two names differ by that."""
    if one == other:
        return len(one) > 1
    swapped = len(one) == len(other) >= _SHORTEST_TYPO and sorted(one) == sorted(other)
    return swapped and OSA.distance(one, other, score_cutoff=1) <= 1


def _glued(one: str, other: str) -> bool:
    """`vandenberg` and `berg`."""
    return len(one) > 1 and len(other) > 1 and _GLUED.sub("", one) == _GLUED.sub("", other)


def _mistyped(one: str, other: str) -> bool:
    """One wrong key in a word that is long enough for it."""
    if min(len(one), len(other)) < _SHORTEST_TYPO - 1 or max(len(one), len(other)) < _SHORTEST_TYPO:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1 and JaroWinkler.similarity(one, other) >= _LIKE


def _initial(one: str, other: str) -> bool:
    """An initial, or a short form that begins the long one: Rob and Robert, Alex and Alexander."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) == 1 or len(short) >= 3)


_SOUNDS = str.maketrans("cqzvywdj", "kksfifti")
_SILENT = re.compile("[aeiouh]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """A rough code of how a word sounds, so that most of its misspellings have the same."""
    plain = _GLUED.sub("", word).replace("ph", "f").replace("sch", "s").replace("ck", "k").replace("x", "ks")
    plain = plain.translate(_SOUNDS)
    return _DOUBLED.sub(r"\1", plain[:1] + _SILENT.sub("", plain[1:]))
