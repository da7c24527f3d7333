"""Why somebody is in no other stage, or no prospect: points, signals and conditions, with what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from nurture.core.assess import (
    asked_since,
    buying_signal,
    find_promotion,
    has_news,
    promote_facts,
    promote_finding,
)
from nurture.core.campaign import Campaign
from nurture.core.model import Stage
from nurture.core.obstacles import Case, Lift, Obstacle
from nurture.core.profile import SignalRule
from nurture.core.qualify import explain_fit
from nurture.core.seeking import signal_sought
from nurture.core.stage import weigh
from nurture.core.words import counted, length, number, signal_words

TOLD = 4
"""So many rules are told of as examples."""


def of_promotion(case: Case) -> Iterator[Obstacle]:
    """Why the contact becomes no prospect: each of the two ways there is, and what it lacks."""
    snapshot, profile = case.snapshot, case.plan.profile
    if snapshot.open_handover:
        yield Obstacle(
            "with_sales", "sales has the person already and has not answered", needs="sales' answer"
        )
    since = asked_since(snapshot)
    if find_promotion(case.found, profile, case.settled) is not None:
        return
    if any(rule.buying for rule in profile.signals):
        yield from _buying(case)
    finding = promote_finding(case.found, profile)
    condition = profile.promote
    if condition is None or not finding.matched:
        yield Obstacle(
            "promote",
            f"by the promote condition: {finding.reason}; only what people surely did counts",
            Lift.SOMETHING if condition else Lift.NOTHING,
            needs="" if condition is None else condition.lacking(promote_facts(case.found, profile)),
            version=profile.version,
            rule=None if condition is None else condition.source,
            either=True,
        )
    elif not has_news(case.settled, since):
        after = case.told(since) if since else ""
        yield Obstacle(
            "news",
            f"by the promote condition: it holds, but the person has done nothing since {after}, when sales "
            "gave them back",
            needs="something that the person does",
            version=profile.version,
            rule=condition.source,
            either=True,
        )


def _buying(case: Case) -> Iterator[Obstacle]:
    profile, found = case.plan.profile, case.found
    signal = buying_signal(found, asked_since(case.snapshot))
    lacks = found.fit < profile.prospect_at
    would = "; ".join(rule_words(rule) for rule in profile.signals if rule.buying)
    words, needs = [], []
    if signal is None:
        unsure = [match for match in found.matches if match.rule.buying and not match.human]
        doubt = f" (only {unsure[-1].signal.classed}: {signal_words(unsure[-1].signal)})" if unsure else ""
        words.append(f"there is none{doubt} (it would be: {would})")
        needs.append(f"a buying signal ({would})")
    else:
        words.append(f"there is one ({signal_words(signal.signal)})")
    if lacks:
        words.append(f"fit is {found.fit} of {profile.prospect_at} needed{_fit_gaps(case)}")
        needs.append(f"{counted(profile.prospect_at - found.fit, 'more point')} of fit")
    if words and (lacks or signal is None):
        yield Obstacle(
            "buying_signal",
            f"by a buying signal: {'; '.join(words)}",
            needs=" and ".join(needs),
            version=profile.version,
            rule=None if signal is None else signal.rule.id,
            either=True,
        )


def _fit_gaps(case: Case) -> str:
    """The fit rules that would give points: those about something unknown first, since they can be asked."""
    verdict = explain_fit(case.plan.profile, case.found.facts)
    points = {rule.id: rule.points for rule in case.plan.profile.fit_rules}
    gaps = [
        f"{one.rule}, {points[one.rule]:+d}: {one.finding.reason}"
        for one in (*verdict.unknowns, *verdict.misses)
        if points[one.rule] > 0
    ]
    return f" (more can come from {'; '.join(gaps[:TOLD])})" if gaps else ""


def of_hand_over(case: Case) -> Iterator[Obstacle]:
    """Whether any campaign hands over at all, once somebody is a prospect."""
    entered = {one.version_id for one in case.snapshot.enrolments}
    campaigns: list[Campaign] = [*case.plan.live_campaigns]
    campaigns += [one for id, one in case.plan.campaigns.items() if id in entered]
    if all(campaign.handover is None for campaign in campaigns):
        yield Obstacle(
            "no_handover",
            "no campaign has a handover, so sales is not told",
            needs="a campaign with a handover",
        )


def of_stage(case: Case, stage: Stage) -> Iterator[Obstacle]:
    """What keeps the contact from a stage: evidence that lacks, or that holds them where they are."""
    profile, present = case.plan.profile, case.found.stage
    if stage is present.stage:
        return
    hold = present.hold
    weights = weigh(case.found.matches, profile, hold.since if hold else None)
    if stage.rank < present.stage.rank:
        if hold is not None:
            date = case.told(hold.until) if hold.until else "what they do leads further"
            told = f"the stage was told by hand on {case.told(hold.since)}, and holds until {date}"
            lift = Lift.TIME if hold.until else Lift.NOTHING
            yield Obstacle("stage_holds", told, lift, hold.until, version=profile.version)
            return
        falls = f"; it fades by {case.told(present.falls_at)}" if present.falls_at else ""
        holds = (
            f"the evidence for {present.stage.value} is {number(weights[present.stage])} points, and holds "
            f"the person there until it is below {number(profile.back_below)}{falls}"
        )
        yield Obstacle("stage_holds", holds, Lift.TIME, present.falls_at, version=profile.version)
        return
    rules = [rule for rule in profile.signals if _rank(rule) >= stage.rank]
    would = "; ".join(f"{rule_words(rule)}, {counted(rule.points, 'point')}" for rule in rules[:TOLD])
    missing = profile.forward_at - weights[stage]
    since = f", of what happened since that was told by hand on {case.told(hold.since)}," if hold else ""
    words = (
        f"they are in {present.stage.value}, and the evidence for {stage.value}{since} is "
        f"{number(weights[stage])} points of {number(profile.forward_at)} needed"
    )
    yield Obstacle(
        "stage",
        f"{words} (it would be: {would})" if would else f"{words}, and no signal speaks for it",
        Lift.SOMETHING if would else Lift.NOTHING,
        needs=f"{counted(missing, 'more point')} of evidence for {stage.value}" if would else "",
        version=profile.version,
    )


def rule_words(rule: SignalRule) -> str:
    """What a signal rule counts: `submitted quote form, by 3 people of the firm within 7 days`."""
    did = signal_sought(rule.on, rule.where)
    if rule.people is None or rule.within is None:
        return did
    return f"{did}, by {rule.people} people of the firm within {length(rule.within)}"


def _rank(rule: SignalRule) -> int:
    if rule.buying:
        return Stage.DECISION.rank
    return -1 if rule.stage is None else rule.stage.rank
