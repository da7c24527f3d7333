"""What a profile asks of somebody's past: what need be read of it, and at which moments it need be looked at.

Under a steady profile an open, a click or a visit need not be looked at before it has settled: until then it
is no part of the picture, and nothing else has moved. That is half of all looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nurture.core.engagement import SignalRules
from nurture.core.expression import (
    ACTIVITY_KINDS,
    And,
    Comparison,
    History,
    Literal,
    Name,
    Node,
    Or,
    walk,
)
from nurture.core.facts import DORMANT, Rules
from nurture.core.model import Signal, SignalClass
from nurture.core.profile import Profile
from nurture.core.settling import UNSURE

_ENGAGEMENT = (Name(("engagement",)), Name(("contact", "engagement")))
_DORMANT = Name(("contact", DORMANT))


def is_steady(profile: Profile) -> bool:
    """Whether only what happens, and the moments that decisions name themselves, change its answers.

    Points fade all the time, but whoever has not enough of them has not enough later either. A condition that
    asks for few points, or for what happened within some days, may come true by waiting alone.
    """
    *others, promote = _conditions(profile)
    if not all(_stays(root) for root in (*others, promote)) or any(_asks_points(root) for root in others):
        return False
    return not _asks_points(promote) or (_only_fades(profile) and _asks_enough(promote))


def asks_what_happened(profile: Profile) -> bool:
    """Whether its conditions ask for signals themselves, not only for the points that these give."""
    return any(isinstance(node, History) or node == _DORMANT for node in _nodes(profile))


def kinds_of_firms(profile: Profile, rules: Rules) -> frozenset[str]:
    """The kinds of signals that its rules about several people of a firm ask for."""
    shared = SignalRules(profile.signals, rules).shared
    return frozenset() if shared is None else frozenset(shared.kinds)


def asked_of(profile: Profile) -> tuple[bool, bool]:
    """Whether its conditions ask for messages sent, and for consents."""
    nodes = _nodes(profile)
    sent = any(isinstance(node, History) and node.kind == "sent" for node in nodes)
    return sent, any(isinstance(node, Name) and node.path[0] == "consent" for node in nodes)


def _nodes(profile: Profile) -> list[Node]:
    return [node for root in _conditions(profile) for node in walk(root)]


def _conditions(profile: Profile) -> list[Node]:
    """All of them, the promote condition last."""
    conditions = [rule.when.root for rule in profile.fit_rules]
    conditions += [rule.when.root for rule in profile.disqualifiers]
    return [*conditions, Literal(False) if profile.promote is None else profile.promote.root]


def counting_moments(signals: Sequence[Signal], profile: Profile) -> list[datetime]:
    """When each of these signals comes into the picture; of the unsure kinds, a machine's never does."""
    return [
        signal.at + profile.settle if signal.kind in UNSURE else signal.at
        for signal in signals
        if signal.kind not in UNSURE or signal.classed is not SignalClass.MACHINE
    ]


def _stays(root: Node) -> bool:
    """Whether no part of it turns by time, but those whose next turn is looked for (`core.turning`)."""
    return not any(isinstance(node, History) and (node.kind == "sent" or _ages(node)) for node in walk(root))


def _ages(node: History) -> bool:
    return node.within is not None and node.kind not in ACTIVITY_KINDS


def _asks_points(root: Node) -> bool:
    return any(node in _ENGAGEMENT for node in walk(root))


def _only_fades(profile: Profile) -> bool:
    """Whether the points of somebody can only come nearer to none: a cap may hold up what others outweigh."""
    return not profile.caps or all(rule.points >= 0 for rule in profile.signals)


def _asks_enough(root: Node) -> bool:
    """Whether all it asks of the points is that they be at least so many, none or more."""
    if not _asks_points(root):
        return True
    match root:
        case And(operands) | Or(operands):
            return all(_asks_enough(operand) for operand in operands)
        case Comparison(first, ((">" | ">=", Literal(limit)),)):
            return first in _ENGAGEMENT and isinstance(limit, int | float) and limit >= 0
        case _:
            return False
