"""What they did, as points that fade: after each `half_life` a signal is worth half.

Every signal rule that matches a signal counts it. Human and probable signals count for engagement, machine
signals never; for a stage and for promotion only human ones do. What mail servers and mailbox providers tell
(bounced, complained) is nobody's deed, but certain: it counts for engagement wherever that is asked for.

Of one kind of signal all points together, as they have faded, count at most as much as its cap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf, log2
from typing import NamedTuple

from nurture.core.facts import Rules, SignalFacts
from nurture.core.model import Evidence, Signal, SignalClass, SignalKind, Value
from nurture.core.profile import NO_CAPS, SignalRule
from nurture.core.words import ago, counted, number, signal_words

CERTAIN = frozenset({SignalKind.BOUNCED.value, SignalKind.COMPLAINED.value})
"""What is told by servers and providers: a fact about the person, though no deed of theirs."""

_REMEMBERED = 20_000
_TEXTS = frozenset({"url", "form", "step", "campaign"})


class Match(NamedTuple):
    """A signal that a rule counts; `share` is what decay has left of its points."""

    signal: Signal
    rule: SignalRule
    share: float
    points: float

    @property
    def human(self) -> bool:
        return self.signal.classed is SignalClass.HUMAN

    @property
    def sure(self) -> bool:
        """Whether it counts where only what is sure does."""
        return self.human or self.signal.kind in CERTAIN


class SignalRules:
    """The signal rules, made ready to be asked for many signals.

    They are kept by the kind of signal that they are about. What they answer depends on the signal's data
    alone, and most signals are like ones seen before (a visit to the same page); so answers are remembered
    by the texts that the rules ask for.

    Rules about several people of a firm match no single signal; they stand apart, in `shared` (None: none).
    """

    __slots__ = ("_asked", "_by_kind", "_known", "_plugin_rules", "shared")

    def __init__(self, rules: Iterable[SignalRule], plugin_rules: Rules, *, of_firms: bool = False) -> None:
        rules = tuple(rules)
        several = any(rule.people is not None for rule in rules) and not of_firms
        self.shared = SignalRules(rules, plugin_rules, of_firms=True) if several else None
        self._by_kind: dict[str, tuple[SignalRule, ...]] = {}
        for rule in rules:
            if (rule.people is not None) is not of_firms:
                continue
            self._by_kind[rule.on] = (*self._by_kind.get(rule.on, ()), rule)
        self._asked = {kind: _texts_asked(rules) for kind, rules in self._by_kind.items()}
        self._known: dict[tuple[Value, ...], tuple[SignalRule, ...]] = {}
        self._plugin_rules = plugin_rules

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of signals that the rules are about."""
        return frozenset(self._by_kind)

    def matching(self, signal: Signal) -> tuple[SignalRule, ...]:
        """The rules that match a signal."""
        rules = self._by_kind.get(signal.kind)
        if rules is None:
            return ()
        asked = self._asked[signal.kind]
        if asked is None:
            return self._ask(rules, signal)
        data = signal.data
        key = (signal.kind, *[data.get(name) for name in asked])
        try:
            return self._known[key]
        except KeyError:
            answer = self._ask(rules, signal)
        except TypeError:  # a list where a text should be
            return self._ask(rules, signal)
        if all(value is None or type(value) is str for value in key):
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[key] = answer
        return answer

    def _ask(self, rules: tuple[SignalRule, ...], signal: Signal) -> tuple[SignalRule, ...]:
        facts = SignalFacts(signal, self._plugin_rules)
        return tuple([rule for rule in rules if rule.where is None or rule.where.test(facts)])


def decayed(points: float, age: timedelta, half_life: timedelta) -> float:
    """`points` after `age`: points * 0.5 ** (age / half_life). What lies in the future counts whole."""
    if age <= timedelta(0):
        return float(points)
    return float(points * 0.5 ** (age / half_life))


def find_matches(
    signals: Sequence[Signal], signal_rules: SignalRules, half_life: timedelta, now: datetime
) -> list[Match]:
    """Which rules count which signals, and for how much by now; in the order of the signals."""
    matches: list[Match] = []
    for signal in signals:
        if signal.classed is SignalClass.MACHINE and signal.kind not in CERTAIN:
            continue
        rules = signal_rules.matching(signal)
        if rules:
            share = decayed(1, now - signal.at, half_life)
            matches += [Match(signal, rule, share, rule.points * share) for rule in rules]
    return matches


def score(matches: Iterable[Match], caps: Mapping[str, int] = NO_CAPS, *, human_only: bool = False) -> float:
    """The engagement: the sum of the points as they are now, of each kind its cap at most."""
    if not caps:
        # Lists, not generators: this is asked of everybody at every look.
        if human_only:
            return sum([match.points for match in matches if match.sure])
        return sum([match.points for match in matches])
    sums = sums_by_kind(matches, human_only=human_only)
    return sum(min(points, caps.get(kind, inf)) for kind, points in sums.items())


def sums_by_kind(matches: Iterable[Match], *, human_only: bool = False) -> Mapping[str, float]:
    """For each kind of signal its points together, before any cap."""
    sums: defaultdict[str, float] = defaultdict(float)
    for match in matches:
        if not human_only or match.sure:
            sums[match.signal.kind] += match.points
    return sums


def falls_below(limit: float, sums: Mapping[str, float], caps: Mapping[str, int]) -> float | None:
    """After how many half-lives engagement will have fallen to `limit`, if nothing happens.

    None where it never does, or is below already. `sums` are those of `sums_by_kind`. A kind above its cap
    counts the same until it has faded to it; between the moments at which caps let go, engagement is what
    they hold plus what halves, and so the end can be solved for.
    """
    lets_go = {
        kind: log2(points / caps[kind]) if caps[kind] else inf
        for kind, points in sums.items()
        if kind in caps and points > caps[kind]
    }
    for start, end in pairwise([0.0, *sorted({at for at in lets_go.values() if at < inf}), inf]):
        held = sum(caps[kind] for kind, at in lets_go.items() if at > start)
        fading = sum(points for kind, points in sums.items() if lets_go.get(kind, 0.0) <= start)
        if limit <= 0 or (start == 0.0 and held + fading < limit):
            return None
        if fading > 0 and held < limit:
            at = log2(fading / (limit - held))
            if at <= end:
                return max(at, start)
    return None


def evidence(matches: Iterable[Match], now: datetime) -> tuple[Evidence, ...]:
    """The matches in words, the strongest first: `visited /prices, 3 days ago: 5.1 of 6 points`."""
    strongest = sorted(matches, key=lambda match: (not match.rule.buying, -match.points, -match.signal.id))
    return tuple(
        Evidence(
            signal_id=match.signal.id,
            rule=match.rule.id,
            kind=match.signal.kind,
            at=match.signal.at,
            points=match.points,
            words=match_words(match, now),
            stage=match.rule.stage,
            buying=match.rule.buying,
            did=signal_words(match.signal),
        )
        for match in strongest
    )


def cap_words(matches: Iterable[Match], caps: Mapping[str, int]) -> tuple[str, ...]:
    """Of which kinds of signals only a part counts: `opened: 14 points, of which 10 count`."""
    return tuple(
        f"{kind}: {number(points)} points together, of which {caps[kind]} count"
        for kind, points in sums_by_kind(matches).items()
        if kind in caps and points > caps[kind]
    )


def match_words(match: Match, now: datetime) -> str:
    """One match in words."""
    what = f"{signal_words(match.signal)}, {ago(now - match.signal.at)}"
    return f"{what}: {number(match.points)} of {counted(match.rule.points, 'point')}"


def _texts_asked(rules: Iterable[SignalRule]) -> tuple[str, ...] | None:
    """Which texts of a signal's data decide what `rules` answer; None where more than these do."""
    conditions = [rule.where for rule in rules if rule.where is not None]
    asked = {path[0] for condition in conditions for path in condition.names().paths}
    return tuple(sorted(asked)) if asked <= _TEXTS else None
