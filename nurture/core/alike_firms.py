"""How alike two companies are: by domain, and by name without legal form, order and little words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from nurture.core.spelling import respelt, sound

_BRANCHES = frozenset(
    """
    nederland netherlands belgium belgie belgique benelux deutschland germany france europe international
    global group groep gruppe groupe holding uk nl de be
    """.split()  # noqa: SIM905 - a list of words is easier to read and keep so
)
_LONG_ENOUGH = 6
_LIKE = 90.0
_WRITTEN_ALIKE = 85.0


class Firms(Enum):
    """What two companies are to each other."""

    SAME = "same"
    NEAR = "near"
    NAMESAKE = "namesake"
    UNKNOWN = "unknown"
    OTHER = "other"


class Legal(NamedTuple):
    """What a legal form tells of a company: its kind, and the language of its country if it tells."""

    kind: str
    tongue: str | None

    def differs_from(self, other: Legal) -> bool:
        """Whether one company cannot have both."""
        tongues = {self.tongue, other.tongue} - {None}
        return self.kind != other.kind or len(tongues) > 1


@dataclass(frozen=True, slots=True)
class Firm:
    """A company as far as it is compared: `key` is its name without legal form and punctuation, `written` all
    of the name as one word."""

    key: str | None = None
    written: str | None = None
    domain: str | None = None
    account: int | None = None
    country: str | None = None
    legal: Legal | None = None


def firms_alike(one: Firm, other: Firm) -> Firms:
    """What two companies are to each other. Two domains are two companies, unless one is mistyped."""
    if one.account is not None and one.account == other.account:
        return Firms.SAME
    if one.domain and one.domain == other.domain:
        return Firms.SAME
    domains = domains_alike(one.domain, other.domain)
    if one.key and other.key:
        named = firm_names_alike(one.key, other.key)
        if named is not Firms.OTHER and domains is Firms.OTHER:
            return Firms.NAMESAKE
        if named is Firms.SAME:
            return Firms.SAME if one.country in (None, other.country) or not other.country else Firms.NEAR
        if named is Firms.NEAR:
            return Firms.NEAR
        return Firms.NEAR if domains is Firms.NEAR else Firms.OTHER
    if domains is not Firms.UNKNOWN:
        return domains
    by_name = [
        is_called(firm, domain)
        for firm, domain in ((one, other.domain), (other, one.domain))
        if firm.key and domain
    ]
    if any(by_name):
        return Firms.SAME
    return Firms.OTHER if by_name else Firms.UNKNOWN


@lru_cache(maxsize=16_384)
def letters_of(name: str) -> str:
    """The consonants of a company's name or domain, each once, and its digits: the same whatever the order
    of its words, and after most typing errors."""
    words = [word for word in name.split() if word not in _BRANCHES] or name.split()
    skeleton = sound("".join(words).replace("-", ""))
    digits = _digits(skeleton)
    return "".join(sorted({*skeleton} - {*digits})) + digits


def is_called(firm: Firm, domain: str) -> bool:
    """Whether a domain is the company's name: all of it, or all but what stands behind it."""
    label = _compact(domain.partition(".")[0])
    if respelt(label) == respelt(_compact(firm.key or "")):
        return True
    return len(label) >= _LONG_ENOUGH and (firm.written or "").startswith(label)


def firm_names_alike(one: str, other: str) -> Firms:
    """What two companies' names are to each other, without their legal forms."""
    one, other = respelt(one), respelt(other)
    if one == other or _compact(one) == _compact(other):
        return Firms.SAME
    some, others = set(one.split()), set(other.split())
    if some == others:
        return Firms.SAME
    if some - _BRANCHES == others - _BRANCHES and some - _BRANCHES:
        return Firms.NEAR
    if min(len(one), len(other)) < _LONG_ENOUGH or _digits(one) != _digits(other):
        return Firms.OTHER
    typed = OSA.distance(_compact(one), _compact(other), score_cutoff=2)
    allowed = 1 if min(len(one), len(other)) < 2 * _LONG_ENOUGH else 2
    return Firms.NEAR if typed <= allowed or token_sort_ratio(one, other) >= _LIKE + 4 else Firms.OTHER


def are_written_alike(one: str, other: str) -> bool:
    """Whether two names as people write them may be one firm's, whatever else stands with it."""
    return token_set_ratio(one.lower(), other.lower()) >= _WRITTEN_ALIKE


def domains_alike(one: str | None, other: str | None) -> Firms:
    """What two domains are to each other: near when one is mistyped, or has another ending."""
    if not one or not other:
        return Firms.UNKNOWN
    label, other_label = one.partition(".")[0], other.partition(".")[0]
    if label == other_label and len(label) > 3:
        return Firms.NEAR
    if _digits(label) != _digits(other_label) or min(len(label), len(other_label)) < _LONG_ENOUGH:
        return Firms.OTHER
    return Firms.NEAR if OSA.distance(one, other, score_cutoff=1) <= 1 else Firms.OTHER


def _compact(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())
