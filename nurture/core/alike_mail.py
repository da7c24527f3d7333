"""How alike two e-mail addresses are: what one mailbox may be written as, and what it tells of its owner."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from rapidfuzz.distance import OSA

from nurture.core.addresses import FREE_MAIL, domain_of, is_free_mail, is_role_address
from nurture.core.alike_names import PARTICLES
from nurture.core.spelling import spelt

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_SHORTEST_TYPO, _SHORTEST_LABEL = 6, 4
_MORE_LETTERS, _MORE_DIGITS = 6, 4
_GLUED_PARTICLES = re.compile("(?:van|von|de|den|der|la|le|el|di|da|du)+")


class Mailboxes(Enum):
    """What two addresses are to each other."""

    SAME = "same"
    AT_MISTYPED_DOMAIN = "at a mistyped domain"
    MISTYPED = "mistyped"
    NAMED_ALIKE = "named alike"
    UNKNOWN = "unknown"
    OTHER = "other"


@lru_cache(maxsize=65_536)
def mailbox(address: str) -> str:
    """The address of the mailbox itself: without a `+tag`, and for Gmail without dots too."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


_FAMILIES = frozenset({"familie", "family", "fam", "famille", "famiglia", "familia", "gezin", "home"})


def is_shared(address: str, surnames: frozenset[str]) -> bool:
    """Whether several people may read the mailbox: of a task, or of a family that calls it by its name."""
    if is_role_address(address):
        return True
    local = address.partition("@")[0].partition("+")[0].lower()
    words = "".join(letter if letter.isalpha() else " " for letter in local).split()
    left = _left_of(local, surnames)
    if _FAMILIES & {*words, left}:
        return True
    return is_free_mail(domain_of(address)) and bool(words) and not left


def _left_of(local: str, words: frozenset[str]) -> str:
    """The letters of a mailbox's name beside these words and particles."""
    left = spelt(local)
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "", 1)
    return "" if left in PARTICLES or _GLUED_PARTICLES.fullmatch(left) else left


def mailboxes_alike(one: str | None, other: str | None, own_words: frozenset[str]) -> Mailboxes:
    """What two addresses are to each other. `own_words` are those of the owner's name: who is called so has
    an address like it, which says nothing."""
    if not one or not other:
        return Mailboxes.UNKNOWN
    first, second = mailbox(one), mailbox(other)
    if first == second:
        return Mailboxes.SAME
    local, _, domain = first.partition("@")
    other_local, _, other_domain = second.partition("@")
    if local == other_local:
        if _is_mistyped_domain(domain, other_domain):
            return Mailboxes.AT_MISTYPED_DOMAIN
        private = is_free_mail(domain) and is_free_mail(other_domain)
        return Mailboxes.NAMED_ALIKE if private and _is_distinctive(local, own_words) else Mailboxes.OTHER
    if domain == other_domain and _is_mistyped(local, other_local):
        return Mailboxes.MISTYPED
    return Mailboxes.OTHER


def _is_mistyped_domain(one: str, other: str) -> bool:
    """One wrong key, and not two domains that are both well known."""
    if one in FREE_MAIL and other in FREE_MAIL:
        return False
    label, other_label = one.partition(".")[0], other.partition(".")[0]
    if min(len(label), len(other_label)) < _SHORTEST_LABEL:
        return False
    if "".join(filter(str.isdecimal, label)) != "".join(filter(str.isdecimal, other_label)):
        return False
    return OSA.distance(one, other, score_cutoff=1) <= 1


def _is_mistyped(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORTEST_TYPO:
        return False
    if "".join(filter(str.isdecimal, one)) != "".join(filter(str.isdecimal, other)):
        return False
    plain, other_plain = (text.replace(".", "").replace("_", "").replace("-", "") for text in (one, other))
    # The first letter may be an initial: jwilson is not wilson.
    nearly = plain[0] == other_plain[0] and OSA.distance(plain, other_plain, score_cutoff=1) <= 1
    return plain != other_plain and nearly


def _is_distinctive(local: str, own_words: frozenset[str]) -> bool:
    """Whether there is more in it than a name: nobody else would have hit upon it."""
    digits = "".join(filter(str.isdecimal, local))
    return len(_left_of(local, own_words)) >= _MORE_LETTERS or len(digits) >= _MORE_DIGITS
