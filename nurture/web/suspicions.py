"""Which mails look as if a scanner were at them, by the hits of the last minutes: kept in memory only.

It says whom to judge anew, from what is stored. What it does not see (a restart, another process) the next
`nurture signals reclassify` does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from nurture.tokens import LinkFacts
from nurture.web.classify import AROUND, EAGER
from nurture.web.hits import Hit, Looked, Visited

MOST = 20_000
"""How many mails are remembered."""

PATIENT_FOR = 50
"""So often one mail's hits are judged anew at once, then each fiftieth time only, so that whoever asks for
one address all day does not slow down everybody's."""

_FEWEST = 2
_REMEMBERED = 20

Noticed: TypeAlias = Hit | Visited | Looked
"""What is told of a mail."""


@dataclass(slots=True)
class _Lately:
    followed: list[tuple[datetime, str]] = field(default_factory=list)
    looks: list[Looked] = field(default_factory=list)
    guilty_until: datetime | None = None
    raised: int = 0


@dataclass(frozen=True, slots=True)
class Raised:
    """The contacts whose hits are to be judged anew, and the looks that are to be kept for that."""

    contacts: frozenset[int]
    looks: tuple[Looked, ...] = ()


class Suspicions:
    """Told of every hit once it is stored, and of every look at a way out."""

    def __init__(self) -> None:
        self._lately: OrderedDict[int, _Lately] = OrderedDict()

    def raised_by(self, noticed: Iterable[Noticed]) -> Raised:
        """What these give reason for."""
        contacts: set[int] = set()
        looks: list[Looked] = []
        for one in noticed:
            lately = self._of(one.facts.outbox_id)
            if self._is_suspect(one, lately):
                contacts.add(one.facts.contact_id)
                looks += lately.looks
                lately.looks = []
        return Raised(frozenset(contacts), tuple(looks))

    def _of(self, outbox_id: int) -> _Lately:
        lately = self._lately.get(outbox_id)
        if lately is None:
            lately = self._lately[outbox_id] = _Lately()
            if len(self._lately) > MOST:
                self._lately.popitem(last=False)
        return lately

    @staticmethod
    def _is_suspect(one: Noticed, lately: _Lately) -> bool:
        if one.origin.get("network") is None:
            return False
        followed = _followed(one)
        if followed:
            recent = [(at, what) for at, what in lately.followed[-_REMEMBERED:] if one.at - at <= EAGER]
            lately.followed = [*recent, (one.at, followed)]
        lately.looks = [look for look in lately.looks[-_REMEMBERED:] if one.at - look.at <= EAGER]
        if isinstance(one, Looked):
            lately.looks.append(one)
        several = len({what for _, what in lately.followed}) >= _FEWEST
        if (isinstance(one, Hit) and one.trapped) or (followed and several):
            lately.guilty_until = one.at + AROUND
        if lately.guilty_until is None or one.at > lately.guilty_until:
            return False
        lately.raised += 1
        return lately.raised <= PATIENT_FOR or lately.raised % PATIENT_FOR == 0


def _followed(one: Noticed) -> str:
    """Which link or way out; "" where it is neither."""
    if isinstance(one, Looked):
        return f"{one.way} "
    return one.facts.url if isinstance(one, Hit) and isinstance(one.facts, LinkFacts) else ""
