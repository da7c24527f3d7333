"""What they did, as points that fade: after each `half_life` a signal is worth half.

Every signal rule that matches a signal counts it. Human and probable signals count for engagement, machine
signals never; for a stage and for promotion only human ones do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from nurture.core.facts import Rules, SignalFacts
from nurture.core.model import Evidence, Signal, SignalClass, Value
from nurture.core.profile import SignalRule
from nurture.core.words import ago, number, signal_words

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


class SignalRules:
    """The signal rules, made ready to be asked for many signals.

    They are kept by the kind of signal that they are about. What they answer depends on the signal's data
    alone, and most signals are like ones seen before (a visit to the same page); so answers are remembered
    by the texts that the rules ask for.
    """

    __slots__ = ("_asked", "_by_kind", "_known", "_plugin_rules")

    def __init__(self, rules: Iterable[SignalRule], plugin_rules: Rules) -> None:
        self._by_kind: dict[str, tuple[SignalRule, ...]] = {}
        for rule in rules:
            self._by_kind[rule.on] = (*self._by_kind.get(rule.on, ()), rule)
        self._asked = {kind: _texts_asked(rules) for kind, rules in self._by_kind.items()}
        self._known: dict[tuple[Value, ...], tuple[SignalRule, ...]] = {}
        self._plugin_rules = plugin_rules

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
        if signal.classed is SignalClass.MACHINE:
            continue
        rules = signal_rules.matching(signal)
        if rules:
            share = decayed(1, now - signal.at, half_life)
            matches += [Match(signal, rule, share, rule.points * share) for rule in rules]
    return matches


def score(matches: Iterable[Match], *, human_only: bool = False) -> float:
    """The engagement: the sum of the points as they are now."""
    return sum(match.points for match in matches if not human_only or match.human)


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


def match_words(match: Match, now: datetime) -> str:
    """One match in words."""
    what = f"{signal_words(match.signal)}, {ago(now - match.signal.at)}"
    return f"{what}: {number(match.points)} of {number(match.rule.points)} points"


def _texts_asked(rules: Iterable[SignalRule]) -> tuple[str, ...] | None:
    """Which texts of a signal's data decide what `rules` answer; None where more than these do."""
    conditions = [rule.where for rule in rules if rule.where is not None]
    asked = {path[0] for condition in conditions for path in condition.names().paths}
    return tuple(sorted(asked)) if asked <= _TEXTS else None
