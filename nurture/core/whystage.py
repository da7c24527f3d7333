"""Why somebody stands where they stand: stage, fit, engagement and promotion, and what would change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from nurture.core.advancing import of_promotion, of_stage
from nurture.core.assess import promote_finding, stage_words
from nurture.core.campaign import Campaign, ChooseStep, GoalStep, WaitForStep
from nurture.core.engagement import Match, cap_words, evidence, falls_below, sums_by_kind
from nurture.core.expression import UNKNOWN, Comparison, Literal, Name, Term, walk
from nurture.core.model import Evidence, Finding, Lifecycle, RuleFinding, Signal, SignalClass, Stage
from nurture.core.obstacles import Case, Obstacle
from nurture.core.predicate import Condition
from nurture.core.qualify import explain_fit
from nurture.core.settling import waiting_words
from nurture.core.stage import find_stage, rank_of, weigh
from nurture.core.telling import Kept
from nurture.core.words import signal_words

TOLD = 12
"""So many signals are told of, the strongest."""


@dataclass(frozen=True, slots=True)
class StageEvidence:
    """The points that speak for one stage or a later one, and the signals that speak for it alone."""

    stage: Stage
    points: float
    signals: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A fit rule that gives nothing: a miss, or unknown for lack of the fields in `lacks`.

    `about` is the term of sales that it is about, `ask` the form field that would answer it.
    """

    rule: str
    points: float
    reason: str
    lacks: tuple[str, ...]
    about: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """When engagement will have fallen below `below`, if nothing happens; `asked_by` is what asks for it."""

    below: float
    at: datetime
    asked_by: str


@dataclass(frozen=True, slots=True)
class WhyStage:
    """Why the stage is what it is, and the rest of how somebody stands.

    `because` are the records of how they came into it. `evidence` is told for every stage; `forward_at` and
    `back_below` are the points at which one goes forward and back, the latter not before `rests_until`.
    `uncounted` are signals that do not count, or not yet, and why; `capped` kinds of signals of which
    only a part counts. `next` is what the next stage lacks; `falls_at` is when they fall back, to
    `falls_to`, if nothing happens, or until when a stage told by hand holds. `crossings` are what fading
    engagement undoes next. `half_life` is in seconds where it stands in JSON. `promote` is the answer of
    the promote condition; `lacks` what promotion lacks.
    """

    stage: Stage
    since: datetime | None
    summary: str
    because: tuple[Kept, ...]
    evidence: tuple[StageEvidence, ...]
    uncounted: tuple[str, ...]
    forward_at: float
    back_below: float
    rests_until: datetime | None
    next: Obstacle | None
    falls_at: datetime | None
    falls_to: Stage | None
    fit: int
    prospect_at: int
    hits: tuple[RuleFinding, ...]
    misses: tuple[Missed, ...]
    unknowns: tuple[Missed, ...]
    disqualified: RuleFinding | None
    engagement: float
    half_life: timedelta
    signals: tuple[Evidence, ...]
    capped: tuple[str, ...]
    crossings: tuple[Crossing, ...]
    promote: Finding
    lacks: tuple[Obstacle, ...]
    profile_version: str


def why_stage(case: Case) -> WhyStage:
    """Why the contact of a case stands as they do at its moment."""
    found, profile, contact = case.found, case.plan.profile, case.snapshot.contact
    present, verdict = found.stage.stage, explain_fit(profile, found.facts)
    moved = present is not contact.stage
    since = case.now if moved else contact.stage_since
    at = found.stage.falls_at
    later = [stage for stage in Stage if stage.rank == present.rank + 1]
    return WhyStage(
        stage=present,
        since=since,
        summary=_summary(case, present, since),
        because=() if moved else tuple(_came(case, present)),
        evidence=tuple(_evidence(case)),
        uncounted=tuple(_uncounted(case)),
        forward_at=profile.forward_at,
        back_below=profile.back_below,
        rests_until=None if since is None or present is Stage.ORIENTATION else since + profile.stage_rest,
        next=next((one for stage in later for one in of_stage(case, stage)), None),
        falls_at=at,
        falls_to=None if at is None else _falls_to(case, present, since, at),
        fit=found.fit,
        prospect_at=profile.prospect_at,
        hits=verdict.hits,
        misses=tuple(_missed(one, ()) for one in verdict.misses),
        unknowns=tuple(_missed(one, _lacks(case, one.rule)) for one in verdict.unknowns),
        disqualified=verdict.disqualified,
        engagement=found.engagement,
        half_life=profile.half_life,
        signals=evidence(found.matches, case.now)[:TOLD],
        capped=cap_words(found.matches, profile.caps),
        crossings=tuple(sorted(_crossings(case), key=lambda one: one.at)),
        promote=promote_finding(found, profile),
        lacks=tuple(of_promotion(case)) if contact.lifecycle is Lifecycle.CONTACT else (),
        profile_version=profile.version,
    )


# --- the stage --------------------------------------------------------------------------------------


def _summary(case: Case, present: Stage, since: datetime | None) -> str:
    """The stage in one sentence: how they came into it, or why they are there from the beginning."""
    came = next(_came(case, present), None)
    finding, profile = case.found.stage, case.plan.profile
    if present is not case.snapshot.contact.stage:
        words = stage_words(case.snapshot.contact, finding, profile, case.now)
        return f"the next look moves the person {words}"
    if came is not None:
        return f"in {present.value} since {case.told(came.at)}: {came.record.reason}"
    begun = f" since {case.told(since)}" if since else ""
    if present is Stage.ORIENTATION:
        return f"in orientation{begun}, where everybody begins: nothing has led further"
    return f"in {present.value}{begun}; how they came into it is not kept"


def _came(case: Case, present: Stage) -> Iterator[Kept]:
    """The change that led into the present stage, if it is the last one that is kept."""
    last = next(case.records({"stage_changed"}), None)
    if last is not None and last.record.evidence.get("to") == present.value:
        yield last


def _evidence(case: Case) -> Iterator[StageEvidence]:
    weights = weigh(case.found.matches, case.plan.profile)
    for stage in Stage:
        mine = [match for match in case.found.matches if match.human and rank_of(match) == stage.rank]
        yield StageEvidence(stage, weights[stage], evidence(mine, case.now)[:TOLD])


def _uncounted(case: Case) -> Iterator[str]:
    """Signals that would speak for a stage if a person had surely made them; the newest first.

    Before them what has only just happened, and may still turn out a scanner's.
    """
    yield from waiting_words(case.snapshot.signals, case.plan.profile.settle, case.now)
    unsure: dict[int, Match] = {}
    for match in case.found.matches:
        if not match.human and rank_of(match) >= 0:
            unsure[match.signal.id] = match
    doubted = [match.signal for match in unsure.values()]
    doubted += [one for one in case.snapshot.signals if _is_machines(case, one)]
    for signal in sorted(doubted, key=lambda one: one.at, reverse=True)[:TOLD]:
        why = "a machine made it" if signal.classed is SignalClass.MACHINE else "only probably a person's"
        yield f"{signal_words(signal)} on {case.told(signal.at)}: {why}"


def _is_machines(case: Case, signal: Signal) -> bool:
    if signal.classed is not SignalClass.MACHINE:
        return False
    return any(rule.stage is not None or rule.buying for rule in case.plan.signal_rules.matching(signal))


def _falls_to(case: Case, present: Stage, since: datetime | None, at: datetime) -> Stage:
    """Where the evidence holds them when it has faded so far."""
    profile = case.plan.profile
    share = 0.5 ** ((at - case.now) / profile.half_life)
    faded = [one._replace(share=one.share * share, points=one.points * share) for one in case.found.matches]
    return find_stage(present, since, faded, profile, at).stage


# --- fit and engagement -----------------------------------------------------------------------------


def _missed(found: RuleFinding, lacks: tuple[str, ...]) -> Missed:
    return Missed(found.rule, found.worth, found.finding.reason, lacks, found.about, found.ask)


def _lacks(case: Case, rule: str) -> tuple[str, ...]:
    """The fields that a fit rule asks for and that are unknown."""
    condition = next(one.when for one in case.plan.profile.fit_rules if one.id == rule)
    facts = case.found.facts
    unknown = [path for path in condition.names().paths if facts.lookup(path) is UNKNOWN]
    return tuple(dict.fromkeys(".".join(path) for path in unknown))


def _crossings(case: Case) -> Iterator[Crossing]:
    """The thresholds of engagement that it is still above, with when it will have fallen below them."""
    profile, found = case.plan.profile, case.found
    asked: list[tuple[float, bool, str]] = []
    if profile.promote is not None:
        asked += [(limit, True, "the promote condition") for limit in _limits(profile.promote)]
    for campaign in case.plan.live_campaigns:
        for condition, where in _conditions(campaign):
            asked += [(limit, False, where) for limit in _limits(condition)]
    for limit, human_only, where in dict.fromkeys(asked):
        sums = sums_by_kind(found.matches, human_only=human_only)
        half_lives = falls_below(limit, sums, profile.caps)
        if half_lives is not None:
            seconds = profile.half_life.total_seconds() * half_lives
            # A second more, so that it surely has fallen by then, whatever floating point makes of it.
            yield Crossing(limit, case.now + timedelta(seconds=ceil(seconds) + 1), where)


def _conditions(campaign: Campaign) -> Iterator[tuple[Condition, str]]:
    yield campaign.audience, f"the audience of {campaign.name}"
    if campaign.exit_when is not None:
        yield campaign.exit_when, f"the exit of {campaign.name}"
    for step in campaign.steps.values():
        if isinstance(step, WaitForStep | GoalStep):
            yield step.condition, f"{campaign.name}/{step.id}"
        elif isinstance(step, ChooseStep):
            whens = [branch.when for branch in step.branches if branch.when is not None]
            yield from ((when, f"{campaign.name}/{step.id}") for when in whens)


def _limits(condition: Condition) -> Iterator[float]:
    """The numbers that engagement is compared with."""
    for node in walk(condition.root):
        if not isinstance(node, Comparison):
            continue
        for left, _, right in node.pairs():
            yield from (limit for limit in (_limit(left, right), _limit(right, left)) if limit is not None)


def _limit(term: Term, other: Term) -> float | None:
    asked = isinstance(term, Name) and term.path[-1] == "engagement"
    if not asked or not isinstance(other, Literal) or isinstance(other.value, bool):
        return None
    return float(other.value) if isinstance(other.value, int | float) else None
