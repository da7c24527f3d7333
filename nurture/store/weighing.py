"""What people's signals weigh, as one aggregate over all of them: `core.engagement` and `core.stage` as SQL.

The numbers are those of the core but for the last bits of a float, so that whoever compares one with a
threshold leaves a margin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.engagement import CERTAIN
from nurture.core.model import SignalClass, Stage
from nurture.core.profile import Profile, SignalRule
from nurture.core.settling import UNSURE
from nurture.core.stage import rank_of_rule
from nurture.store import schema
from nurture.store.shapes import Answer, Expression, Speech
from nurture.store.signal_conditions import Addresses, compile_rule

signal = schema.signal

LATER = (Stage.COMPARISON, Stage.DECISION)
"""The stages that one can come to."""


def weigh(profile: Profile, speech: Speech, now: datetime, addresses: Addresses) -> sa.Subquery:
    """One row for each contact with signals.

    `engagement` are the points at `now`, `sure` those that promote; `comparison` and `decision` the evidence
    for that stage and later ones; `bought` the weight of the strongest buying signal, `bought_at` the time of
    the newest one; `unsettled_at` that of the newest signal which does not count yet; `signals` how many
    there are. `addresses` are those that the rules ask for: see `signal_conditions`.
    Raised when a rule cannot be asked of the database: NotCompiled.
    """
    each = _each_signal(profile, speech, now, addresses)
    one = each.c
    totals = [
        one.contact_id,
        sa.func.count().label("signals"),
        _engagement(profile, one, one.counts).label("engagement"),
        _engagement(profile, one, sa.and_(one.counts, one.sure)).label("sure"),
        *(_sum(one[stage.value] * one.share, one.human).label(stage.value) for stage in LATER),
        sa.func.max(sa.case((one.human, one.buying * one.share))).label("bought"),
        sa.func.max(sa.case((sa.and_(one.human, one.buying.is_not(None)), one.at))).label("bought_at"),
        sa.func.max(sa.case((sa.not_(one.settled), one.at))).label("unsettled_at"),
    ]
    return sa.select(*totals).group_by(one.contact_id).subquery("weights")


def _each_signal(profile: Profile, speech: Speech, now: datetime, addresses: Addresses) -> sa.Subquery:
    """Each signal with what is left of it, and what its rules give for it while it is fresh."""
    # What several people do together is none of one signal's: whoever weighs asks for those firms apart.
    alone = [rule for rule in profile.signals if rule.people is None]
    rules = [(compile_rule(rule, speech, addresses), rule) for rule in alone]
    certain, unsure = signal.c.kind.in_(sorted(CERTAIN)), signal.c.kind.in_(sorted(UNSURE))
    human = signal.c.classed == SignalClass.HUMAN.value
    settled = sa.or_(sa.not_(unsure), signal.c.at <= now - profile.settle) if profile.settle else sa.true()
    signals = sa.select(
        signal.c.contact_id,
        signal.c.kind,
        signal.c.at,
        settled.label("settled"),
        sa.and_(human, settled).label("human"),
        sa.or_(human, certain).label("sure"),
        sa.and_(settled, sa.or_(signal.c.classed != SignalClass.MACHINE.value, certain)).label("counts"),
        speech.share(signal.c.at, now, profile.half_life).label("share"),
        _points((rule, counts, rule.points) for counts, rule in rules).label("points"),
        *(_for_stage(rules, stage, profile).label(stage.value) for stage in LATER),
        _strongest(rules, profile).label("buying"),
    )
    return reckoned_once(signals, "each_signal")


def _engagement(profile: Profile, one: Any, who: Answer) -> Expression:
    """The points that are left: of each kind that has a cap no more than that."""
    points = one.points * one.share
    capped = sorted(profile.caps)
    total = _sum(points, sa.and_(who, one.kind.not_in(capped)))
    for kind in capped:
        of_kind = _sum(points, sa.and_(who, one.kind == kind))
        total = total + sa.case((of_kind > profile.caps[kind], float(profile.caps[kind])), else_=of_kind)
    return total


def _for_stage(rules: Iterable[tuple[Answer, SignalRule]], stage: Stage, profile: Profile) -> Expression:
    return _points(
        (rule, counts, _weight(rule, profile)) for counts, rule in rules if rank_of_rule(rule) >= stage.rank
    )


def _strongest(rules: Sequence[tuple[Answer, SignalRule]], profile: Profile) -> Expression:
    """The weight of the buying rule that counts the signal; null where none does."""
    buying = sorted(
        ((_weight(rule, profile), counts) for counts, rule in rules if rule.buying),
        key=lambda pair: -pair[0],
    )
    if not buying:
        return sa.cast(sa.null(), sa.Float)
    return sa.case(*((counts, weight) for weight, counts in buying))


def _weight(rule: SignalRule, profile: Profile) -> float:
    """What a fresh signal of this rule weighs as evidence for its stage."""
    return float(max(rule.points, profile.forward_at) if rule.buying else rule.points)


def _points(given: Iterable[tuple[SignalRule, Answer, float]]) -> Expression:
    """What the rules that count the signal give together; only those of its own kind are asked."""
    of_kind: dict[str, Expression] = {}
    for rule, counts, points in given:
        worth = sa.case((counts, float(points)), else_=0.0)
        of_kind[rule.on] = of_kind[rule.on] + worth if rule.on in of_kind else worth
    if not of_kind:
        return sa.literal(0.0, sa.Float)
    return sa.case(of_kind, value=signal.c.kind, else_=0.0)


def _sum(values: Expression, who: Answer) -> Expression:
    return sa.func.coalesce(sa.func.sum(sa.case((who, values))), 0.0, type_=sa.Float())


def reckoned_once(query: sa.Select[Any], name: str) -> sa.Subquery:
    """The query behind a fence: a database that merged it with the one around it would reckon each of its
    columns anew wherever that names them (for a million people that was most of the time)."""
    return query.offset(0).subquery(name)
