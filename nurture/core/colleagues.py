"""The account's own picture: several people of one firm did the same within a while.

A signal rule with `people: 3, within: 7d` is about the firm. It is complete at the first signal with which
three different people have done within a week what the rule asks for, and gives each of the account's
contacts its points once, fading from then. Only what humans did counts. When the picture had fallen apart and
comes together again, the newest time counts.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from nurture.core.engagement import Match, SignalRules, decayed
from nurture.core.model import Signal, SignalClass, Value
from nurture.core.profile import SignalRule
from nurture.core.words import COLLEAGUES, length, signal_words


class Picture(NamedTuple):
    """A rule about several people that is met: the signal that completed it, and who they were (contacts).

    Whoever did it first comes first, the one who completed it last.
    """

    rule: SignalRule
    signal: Signal
    people: tuple[int, ...]


def find_pictures(signals: Iterable[Signal], signal_rules: SignalRules) -> list[Picture]:
    """The rules about several people that are met. `signals` are all of one account's, in any order."""
    shared = signal_rules.shared
    if shared is None:
        return []
    met: dict[str, tuple[SignalRule, list[Signal]]] = {}
    for signal in sorted(signals, key=attrgetter("at", "id")):
        if signal.classed is SignalClass.HUMAN:
            for rule in shared.matching(signal):
                met.setdefault(rule.id, (rule, []))[1].append(signal)
    found = (_newest(rule, theirs) for rule, theirs in met.values())
    return [picture for picture in found if picture is not None]


def with_pictures(
    matches: list[Match],
    signals: Sequence[Signal],
    signal_rules: SignalRules,
    half_life: timedelta,
    now: datetime,
) -> list[Match]:
    """`matches` with one for each rule about several people that is met, in the order of time."""
    pictures = find_pictures(signals, signal_rules) if signals else []
    if not pictures:
        return matches
    more = [_match(picture, half_life, now) for picture in pictures]
    return sorted([*matches, *more], key=lambda match: (match.signal.at, match.signal.id))


def picture_signal(picture: Picture) -> Signal:
    """The picture as a signal, so that it counts, and reads, as any other. It names nobody.

    What is decided and kept about one person must not tell what another one did.
    """
    within = picture.rule.within
    data: dict[str, Value] = {
        "people": len(picture.people),
        "did": signal_words(picture.signal),
        "within": "" if within is None else length(within),
    }
    one = picture.signal
    return Signal(one.id, one.contact_id, COLLEAGUES, one.at, data, SignalClass.HUMAN)


def _newest(rule: SignalRule, signals: Iterable[Signal]) -> Picture | None:
    """When the rule was completed last; `signals` are in the order of time."""
    if rule.people is None or rule.within is None:
        return None
    latest: OrderedDict[int, datetime] = OrderedDict()
    found = None
    for signal in signals:
        while latest and next(iter(latest.values())) < signal.at - rule.within:
            latest.popitem(last=False)
        before = len(latest)
        latest[signal.contact_id] = signal.at
        latest.move_to_end(signal.contact_id)
        if before < rule.people <= len(latest):
            found = Picture(rule, signal, tuple(latest))
    return found


def _match(picture: Picture, half_life: timedelta, now: datetime) -> Match:
    share = decayed(1, now - picture.signal.at, half_life)
    return Match(picture_signal(picture), picture.rule, share, picture.rule.points * share)
