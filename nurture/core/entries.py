"""Ways into a campaign beside its audience: something that the contact does, or a date in a field."""

from __future__ import annotations

from datetime import datetime, time

from nurture.core.campaign import Campaign, DateEntry, SignalEntry
from nurture.core.facts import SignalFacts, SnapshotFacts
from nurture.core.model import Signal, SignalClass, Snapshot
from nurture.core.moments import as_date, moved_date
from nurture.core.schedule import find_zone
from nurture.core.words import signal_words


def entered_by(
    campaign: Campaign, snapshot: Snapshot, facts: SnapshotFacts, since: datetime | None, now: datetime
) -> str | None:
    """By which of its entries the contact comes into a campaign at `now`, in words; None: by none.

    What happened until `since`, when they last entered, does not count again.
    """
    for entry in campaign.entries:
        if isinstance(entry, SignalEntry):
            signal = _signal(entry, snapshot, facts, since, now)
            if signal is not None:
                return signal_words(signal)
            continue
        moment = _moment(entry, campaign, snapshot, facts)
        if moment is not None and moment <= now < moment + entry.within and (since is None or since < moment):
            return f"{'.'.join(entry.path)} is {facts.lookup(entry.path)}"
    return None


def next_entry(
    campaign: Campaign, snapshot: Snapshot, facts: SnapshotFacts, now: datetime
) -> datetime | None:
    """The next moment at which a date lets the contact in; None where there is none to come."""
    moments = [
        _moment(entry, campaign, snapshot, facts)
        for entry in campaign.entries
        if isinstance(entry, DateEntry)
    ]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _signal(
    entry: SignalEntry, snapshot: Snapshot, facts: SnapshotFacts, since: datetime | None, now: datetime
) -> Signal | None:
    for signal in reversed(snapshot.signals):
        fresh = signal.at > now - entry.within and (since is None or signal.at > since)
        if signal.kind != entry.on or signal.classed is SignalClass.MACHINE or not fresh:
            continue
        if entry.where is None or entry.where.test(SignalFacts(signal, facts.rules)):
            return signal
    return None


def _moment(
    entry: DateEntry, campaign: Campaign, snapshot: Snapshot, facts: SnapshotFacts
) -> datetime | None:
    day = as_date(facts.lookup(entry.path))
    zone = find_zone(snapshot.contact.timezone, campaign.timezone)
    return None if day is None else moved_date(day, entry.offset, time(0), zone)
