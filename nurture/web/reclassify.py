"""Judges stored hits anew: by the rules of today, and by what is known by now of all hits of a mail."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.model import SignalClass, SignalKind
from nurture.store import hits, signals
from nurture.store.engine import Store
from nurture.store.hits import HIT_KINDS, StoredHit, Verdict
from nurture.web.classify import LOOKED, PREFETCH_HEADERS, TRAPPED, Seen, classify, together

KINDS = (*HIT_KINDS, str(SignalKind.VISITED), TRAPPED, LOOKED)
_MARKS = (TRAPPED, LOOKED)
"""What tells of others and is not judged itself."""
BATCH = 500
"""How many contacts are judged in one transaction."""


@dataclass(slots=True)
class Judged:
    """What a round came to: how many hits were judged, and (from, to, why) → how many changed."""

    judged: int = 0
    changed: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, judged: int, verdicts: Iterable[Verdict]) -> None:
        """Counts a batch."""
        self.judged += judged
        self.changed.update((one.hit.classed, one.classed, one.why) for one in verdicts)


def reclassify(store: Store, clock: Clock, *, dry_run: bool = False) -> Judged:
    """Judges every stored hit, a batch of contacts at a time; `dry_run` only says what would change."""
    result, last = Judged(), 0
    while True:
        with store.read() if dry_run else store.write() as connection:
            contacts = hits.contacts_hit(connection, KINDS, last, BATCH)
            if not contacts:
                return result
            found, verdicts = judge(connection, contacts)
            if not dry_run:
                hits.reclass(connection, verdicts, clock.now())
        result.add(found, verdicts)
        last = contacts[-1]


def rejudge(connection: sa.Connection, contact_ids: Collection[int], now: datetime) -> None:
    """Judges the hits of a few contacts, of whom something new is known."""
    hits.reclass(connection, judge(connection, contact_ids)[1], now)


def judge(connection: sa.Connection, contact_ids: Collection[int]) -> tuple[int, list[Verdict]]:
    """How many hits these contacts have, and the verdicts that differ from what is stored."""
    found = hits.hits_of(connection, KINDS, contact_ids)
    clicks = {message for hit in found if hit.kind == SignalKind.CLICKED and (message := message_of(hit))}
    delivered = signals.delivered_at(connection, clicks)
    of_mail: defaultdict[tuple[int, int], list[StoredHit]] = defaultdict(list)
    for hit in found:
        of_mail[hit.contact_id, message_of(hit)].append(hit)
    verdicts = [verdict for some in of_mail.values() for verdict in _verdicts(some, delivered)]
    return len(found), [
        one for one in verdicts if (one.classed, one.why) != (one.hit.classed, one.hit.why_classed)
    ]


def message_of(hit: StoredHit) -> int:
    """The mail that was hit; 0 where that is not told."""
    message = hit.data.get("message")
    return message if isinstance(message, int) else 0


def _verdicts(some: Sequence[StoredHit], delivered: Mapping[int, datetime]) -> Iterator[Verdict]:
    """The verdicts on all hits of one mail. One that says nothing of its request stays as it is."""
    sent_at = delivered.get(message_of(some[0])) if some else None
    scanners = together([_seen(hit) for hit in some], sent_at)
    for place, hit in enumerate(some):
        if hit.kind in _MARKS or not _tells_of_its_request(hit):
            continue
        classed, why = _alone(hit, sent_at)
        if classed is not SignalClass.MACHINE and place in scanners:
            classed, why = SignalClass.MACHINE, scanners[place]
        yield Verdict(hit, str(classed), why)


def _seen(hit: StoredHit) -> Seen:
    return Seen(hit.kind, hit.at, str(hit.data.get("network", "")), str(hit.data.get("url", "")))


def _tells_of_its_request(hit: StoredHit) -> bool:
    """A visit that the beacon told of has an agent, and the mail that the visitor came by."""
    if hit.kind == SignalKind.VISITED:
        return "agent" in hit.data and message_of(hit) != 0
    return "method" in hit.data


def _alone(hit: StoredHit, sent_at: datetime | None) -> tuple[SignalClass, str]:
    visited = hit.kind == SignalKind.VISITED
    return classify(
        is_click=visited or hit.kind == SignalKind.CLICKED,
        method="POST" if visited else str(hit.data.get("method", "")),
        user_agent=str(hit.data.get("agent", "")),
        headers={name: str(hit.data[name]) for name in PREFETCH_HEADERS if name in hit.data},
        since_sent=None if visited or sent_at is None else hit.at - sent_at,
    )
