"""How alike two people's names are: in any order, with or without accents, titles, particles, initials.

What counts are the words of a name. `van`, `de` and their like are left out, since half of all lists do so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from nurture.core.nicknames import other_forms
from nurture.core.spelling import spelt, without_particle

PARTICLES = frozenset(
    """
    van von vom zu zum zur de der den des du la le les ten ter te het t op in di da do dos del della dello el
    al bin ibn und y e vd vdn
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
_DOUBLE_FIRST = re.compile(r"^(\w{2,})-(\w{2,})(?=\s+\w{2})")
"""Jean-Pierre is another one than Jean; what stands before initials is a surname."""
_WORD = re.compile(r"[^\W\d_]+\.?")
_NUMBER = re.compile(r"\d+")
_SHORTEST_TYPO, _LONG = 5, 8
_LIKE = 0.9


class Names(Enum):
    """What two names are to each other, the nearest first; the values are for sorting and for scores."""

    SAME = 1.0
    LONGER = 0.95
    MISTYPED = 0.9
    FAMILIAR = 0.85
    SHORTENED = 0.7
    BLURRED = 0.6
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
    found = _WORD.findall(_ABBREVIATED.sub(" ", name))
    for place, word in enumerate(found):
        plain = spelt(word)
        if plain in _GENERATIONS and words:
            generation = _GENERATIONS[plain]
        elif len(plain) == 1 and (word.endswith(".") or place in (0, len(found) - 1)):
            # E. is somebody's initial, though `e` between two names is a particle.
            words.append(plain)
        elif plain not in PARTICLES and plain not in _TITLES:
            words.append(plain)
    return Called(tuple(words), generation, tuple(_NUMBER.findall(name)))


def names_alike(one: Called, other: Called) -> Names:
    """What two names are to each other."""
    if not one.words or not other.words:
        return Names.UNKNOWN
    if one.numbers != other.numbers:
        return Names.DIFFERENT
    found = _matched(one.words, other.words)
    if found.left and found.right:
        return _in_conflict(one, other, found)
    full = found.exact + found.mistyped
    if found.blurred:
        return Names.BLURRED if full or found.familiar or found.shortened else Names.DIFFERENT
    if (found.shortened or found.familiar) and full:
        return Names.SHORTENED if found.shortened else Names.FAMILIAR
    if full >= 2:
        if found.mistyped:
            return Names.MISTYPED
        return Names.LONGER if any(len(word) > 1 for word in (*found.left, *found.right)) else Names.SAME
    return Names.PART if found.exact or not found.mistyped else Names.DIFFERENT


def left_alike(one: Called, other: Called) -> bool:
    """Whether what the names do not share is alike a little: Micky and Mirko, `G. Jong` and `Gijs Ong`."""
    found = _matched(one.words, other.words)
    return bool(found.shortened or found.familiar) or any(
        word[0] == each[0] for word in found.left for each in found.right
    )


@dataclass(frozen=True, slots=True)
class _Matched:
    """How many words of two names are each other's, and in which way; `left` and `right` are nobody's."""

    exact: int
    mistyped: int
    familiar: int
    shortened: int
    blurred: int
    left: list[str]
    right: list[str]


def _in_conflict(one: Called, other: Called, found: _Matched) -> Names:
    alike = found.exact + found.mistyped + found.familiar
    if not alike:
        return Names.DIFFERENT
    first, second = one.words[0], other.words[0]
    if not (first == second or _mistyped(first, second) or _familiar(first, second)):
        return Names.FAMILY
    # Two surnames or two first names, of which each list has others: García López, Anna Maria.
    return Names.SHORTENED if alike >= 2 else Names.SURNAME_CHANGED


def _matched(one: tuple[str, ...], other: tuple[str, ...]) -> _Matched:
    """Each word of the one goes to the nearest of the other that is left."""
    left, right = list(one), list(other)
    counts = []
    for alike in (_same, _glued, _mistyped, _familiar, _shorter, _blurred):
        n = 0
        for word in tuple(left):
            match = next((each for each in right if alike(word, each)), None)
            if match is not None:
                left.remove(word)
                right.remove(match)
                n += 1
        counts.append(n)
    same, glued, mistyped, familiar, shortened, blurred = counts
    return _Matched(same + glued, mistyped, familiar, shortened, blurred, left, right)


def _same(one: str, other: str) -> bool:
    """The same word, or the same but for two letters that changed places: no two names differ by that."""
    if one == other:
        return len(one) > 1
    swapped = len(one) == len(other) >= _SHORTEST_TYPO and sorted(one) == sorted(other)
    return swapped and OSA.distance(one, other, score_cutoff=1) <= 1


def _glued(one: str, other: str) -> bool:
    """`vandenberg` and `berg`, `dewit` and `wit`; but Dejan is no Jan."""
    plain = without_particle(one)
    return len(plain) > 1 and plain == without_particle(other) and plain not in other_forms()


def _mistyped(one: str, other: str) -> bool:
    """One wrong key in a word that is long enough for it."""
    if min(len(one), len(other)) < _SHORTEST_TYPO - 1 or max(len(one), len(other)) < _SHORTEST_TYPO:
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1 and JaroWinkler.similarity(one, other) >= _LIKE


def _blurred(one: str, other: str) -> bool:
    """What may be one word after all, with a wrong letter at its beginning, or two in a long one."""
    least = min(len(one), len(other))
    allowed = 0 if least < _SHORTEST_TYPO else 1 if least < _LONG else 2
    return allowed > 0 and OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _familiar(one: str, other: str) -> bool:
    """A name and what its bearers are called: Henk and Hendrik, Bob and Robert."""
    return other in other_forms().get(one, ())


def _shorter(one: str, other: str) -> bool:
    """An initial, also of what somebody is called, or a short form that begins the long one."""
    short, long = sorted((one, other), key=len)
    if len(short) > 1:
        return len(short) >= 3 and long.startswith(short)
    return any(form.startswith(short) for form in (long, *other_forms().get(long, ())))
