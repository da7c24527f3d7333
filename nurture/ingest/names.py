"""People's names: split into first and last, turned round where a comma says so, and written kindly.

Simple rules settle "Jan van der Berg" and its like; nameparser is asked about titles and suffixes only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from nurture.ingest.text import bare, fold, is_placeholder

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_NUMBERED = re.compile(r"[\W\d_]+$")
_NOT_A_NAME = re.compile(r"[@<>{}\[\]|\\/=]|https?:")
_PARTICLES = frozenset(
    """
    van de der den ten ter te het 't op in von vom zu zum zur la le du des di da do dos del della el
    al bin ibn
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
_BEGIN_SURNAMES = frozenset({"van", "von", "de", "den", "ten", "ter", "'t"})
_TITLES = frozenset(
    """
    mr mrs ms miss dr drs ir ing prof mevr mevrouw dhr heer herr frau mag jr sr ii iii phd msc bsc
    mba ma ba llm md esq dipl
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)


_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "junior", "senior"})


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as it is said, with its parts where they can be told apart."""

    full: str
    first: str | None = None
    last: str | None = None


@lru_cache(maxsize=16_384)
def split_name(text: str) -> PersonName | None:
    """The name in `text`; None where it holds none (a placeholder, an address, a number)."""
    text = bare(text)
    if not _is_name(text):
        return None
    before, comma, after = text.partition(",")
    if _has_title(text):
        return _by_nameparser(text)
    if comma and after.strip():
        return _turned_round(before.strip(), after.strip())
    words = kindly(text).split(" ")
    if words[0].lower() in _BEGIN_SURNAMES and len(words) > 1:
        return PersonName(" ".join(words), last=" ".join(words))
    if len(words) == 1:
        return PersonName(words[0], first=words[0])
    particle = next((i for i, word in enumerate(words) if i and word.lower() in _PARTICLES), len(words) - 1)
    return PersonName(" ".join(words), first=words[0], last=" ".join(words[particle:]))


def join_name(first: str | None, infix: str | None, last: str | None) -> PersonName | None:
    """A name from its parts, as columns give them; None where no part is usable."""
    given, family = _part(first) if first else "", _part(last) if last else ""
    if family and infix:
        family = kindly(f"{infix.strip()} {last}")
    if not (given or family):
        return None
    return PersonName(f"{given} {family}".strip(), given or None, family or None)


def names_differ(one: str | None, other: str | None) -> bool:
    """Whether two names can hardly be the same person's: an initial or a missing part is no difference."""
    if not one or not other:
        return False
    some, others = fold(one).split(), fold(other).split()
    fewer, more = sorted((some, others), key=len)
    return not all(any(_alike(word, candidate) for candidate in more) for word in fewer)


def kindly(name: str) -> str:
    """Mends names that are written all in capitals or all in small letters; leaves every other alone."""
    if not (name.isupper() or name.islower()) or len(name) < 3:
        return name
    words = name.lower().split(" ")
    return " ".join(
        word if i and word in _PARTICLES else _WORD.sub(_capital, word) for i, word in enumerate(words)
    )


def _capital(match: re.Match[str]) -> str:
    word = match[0]
    start = match.start()
    if start and match.string[start - 1] in "'’" and len(word) == 1:
        return word
    if len(word) > 4 and word.startswith("mc"):
        return "Mc" + word[2:].capitalize()
    return word.capitalize()


@lru_cache(maxsize=16_384)
def _part(text: str) -> str:
    return kindly(" ".join(text.split())) if _is_name(text) else ""


def _is_name(text: str) -> bool:
    if not _WORD.search(text) or _NOT_A_NAME.search(text) or is_placeholder(text):
        return False
    return not _DIGIT.search(text) or any(_is_word(_NUMBERED.sub("", word)) for word in text.split())


def _is_word(stem: str) -> bool:
    """Beside digits: "Lead 660737" has a word that names somebody; "test123" and "A1B2C3" have none."""
    return len(stem) > 1 and not _DIGIT.search(stem) and not is_placeholder(stem)


def _has_title(text: str) -> bool:
    return not _TITLES.isdisjoint(fold(text).split())


def _turned_round(last: str, first: str) -> PersonName:
    """ "Berg, Jan van den" → Jan van den Berg."""
    words = first.split(" ")
    while len(words) > 1 and words[-1].lower() in _PARTICLES:
        last = f"{words.pop()} {last}"
    given, family = kindly(" ".join(words)), kindly(last)
    return PersonName(f"{given} {family}", given, family)


def _by_nameparser(text: str) -> PersonName | None:
    from nameparser import HumanName

    parsed = HumanName(text)
    found = join_name(f"{parsed.first} {parsed.middle}".strip(), None, parsed.last)
    generation = next((word for word in text.split() if word.strip(".,").lower() in _GENERATIONS), None)
    if found is None or generation is None:
        return found
    # Part of the name as it is said, since it tells father and son apart; nobody is addressed by it.
    return replace(found, full=f"{found.full} {generation.strip(',')}")


def _alike(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
