"""Which mails look as if a scanner were at them, by the hits of the last minutes: kept in memory only.

It says whom to judge anew, from what is stored. What it does not see (a restart, another process) the next
`nurture signals reclassify` does.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.tokens import LinkFacts
from nurture.web.classify import AROUND, BURSTS
from nurture.web.hits import Hit

MOST = 20_000
"""How many pairs of mail and network are remembered."""

PATIENT_FOR = 50
"""So often one mail's hits from one network are judged anew at once, then each fiftieth time only, so that
whoever asks for one address all day does not slow down everybody's."""

_LONGEST = max(within for _, within in BURSTS)
_FEWEST = min(links for links, _ in BURSTS)


@dataclass(slots=True)
class _Lately:
    clicks: list[tuple[datetime, str]] = field(default_factory=list)
    guilty_until: datetime | None = None
    raised: int = 0


class Suspicions:
    """Told of every hit once it is stored."""

    def __init__(self) -> None:
        self._lately: OrderedDict[tuple[int, str], _Lately] = OrderedDict()

    def raised_by(self, hits: Iterable[Hit]) -> set[int]:
        """The contacts whose hits are to be judged anew after these."""
        return {hit.facts.contact_id for hit in hits if self._is_suspect(hit)}

    def _is_suspect(self, hit: Hit) -> bool:
        network = hit.origin.get("network")
        if network is None:
            return False
        key = (hit.facts.outbox_id, network)
        lately = self._lately.get(key)
        if lately is None:
            lately = self._lately[key] = _Lately()
            if len(self._lately) > MOST:
                self._lately.popitem(last=False)
        if isinstance(hit.facts, LinkFacts):
            recent = [(at, url) for at, url in lately.clicks[-20:] if hit.at - at <= _LONGEST]
            lately.clicks = [*recent, (hit.at, hit.facts.url)]
        if hit.trapped or _is_burst(lately.clicks, hit.at):
            lately.guilty_until = hit.at + AROUND
        if lately.guilty_until is None or hit.at > lately.guilty_until:
            return False
        lately.raised += 1
        return lately.raised <= PATIENT_FOR or lately.raised % PATIENT_FOR == 0


def _is_burst(clicks: list[tuple[datetime, str]], now: datetime) -> bool:
    if len(clicks) < _FEWEST:
        return False
    return any(_links(clicks, now, within) >= links for links, within in BURSTS)


def _links(clicks: list[tuple[datetime, str]], now: datetime, within: timedelta) -> int:
    return len({url for at, url in clicks if now - at <= within})
