"""Opens, clicks and visits wait a moment before they count: a scanner's burst shows after its first link.

Until they have settled they are not in the picture at all: no points, no evidence, no condition sees them.
What a person sends of their own accord (a form, a reply) counts at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nurture.core.model import Signal, SignalClass, SignalKind, Snapshot
from nurture.core.words import length, signal_words

UNSURE = frozenset({SignalKind.OPENED.value, SignalKind.CLICKED.value, SignalKind.VISITED.value})
"""What a scanner can do as well as a person; a visit, where it runs the scripts of the page it opened."""


def unsettled(signals: Sequence[Signal], settle: timedelta, now: datetime) -> tuple[Signal, ...]:
    """Those that do not count yet: of an unsure kind, and younger than `settle`.

    `signals` are oldest first.
    """
    if not settle or not signals:
        return ()
    found = []
    latest = now - settle
    for signal in reversed(signals):
        if signal.at <= latest:
            break
        if signal.kind in UNSURE:
            found.append(signal)
    return tuple(reversed(found))


def settled(snapshot: Snapshot, settle: timedelta, now: datetime) -> Snapshot:
    """The picture without what has not settled, of the contact and of their firm."""
    signals = settled_of(snapshot.signals, settle, now)
    firm = settled_of(snapshot.firm, settle, now)
    if signals is snapshot.signals and firm is snapshot.firm:
        return snapshot
    return replace(snapshot, signals=signals, firm=firm)


def settled_of(signals: tuple[Signal, ...], settle: timedelta, now: datetime) -> tuple[Signal, ...]:
    """The signals that have settled; the very same tuple where all have."""
    waiting = unsettled(signals, settle, now)
    if not waiting:
        return signals
    left_out = {id(signal) for signal in waiting}
    return tuple(one for one in signals if id(one) not in left_out)


def settles_at(signals: Sequence[Signal], settle: timedelta, now: datetime) -> datetime | None:
    """When the next of them counts; None where nothing waits. What a machine made never will."""
    moments = [
        signal.at + settle
        for signal in unsettled(signals, settle, now)
        if signal.classed is not SignalClass.MACHINE
    ]
    return min(moments, default=None)


def waiting_words(signals: Sequence[Signal], settle: timedelta, now: datetime) -> tuple[str, ...]:
    """What does not count yet, for people: `clicked in welcome: counts after 2 minutes, if …`."""
    return tuple(
        f"{signal_words(signal)}: counts {length(settle)} after it happened, unless it turns out a scanner's"
        for signal in unsettled(signals, settle, now)
        if signal.classed is not SignalClass.MACHINE
    )
