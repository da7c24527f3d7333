"""How a contact stands now: fit, engagement, stage, and what would promote them.

`measure` finds the numbers and is what `decide` uses for every contact; `assess` says the same in words, for
dossiers and `explain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nurture.core.colleagues import with_pictures
from nurture.core.engagement import (
    Match,
    SignalRules,
    cap_words,
    evidence,
    find_matches,
    match_words,
    score,
)
from nurture.core.facts import Rules, SnapshotFacts
from nurture.core.model import Contact, Evidence, Finding, Sent, SignalClass, Snapshot, Stage
from nurture.core.profile import Disqualifier, Profile
from nurture.core.qualify import (
    OpenQuestion,
    TermFinding,
    Verdict,
    by_term,
    explain_fit,
    measure_fit,
    open_questions,
)
from nurture.core.settling import settled, waiting_words
from nurture.core.stage import StageFinding, find_stage, hold_of, hold_that_ran_out
from nurture.core.words import length, minute, number, signal_words

_TOLD = 3


@dataclass(slots=True)
class Measure:
    """The numbers. `facts` are those that the campaigns' conditions may ask."""

    facts: SnapshotFacts
    fit: int
    disqualifier: Disqualifier | None
    engagement: float
    matches: list[Match]
    stage: StageFinding


@dataclass(frozen=True, slots=True)
class Promotion:
    """Why a contact becomes a prospect: the rule that decided, in words."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The same in words.

    `promote` is the answer of the profile's promote condition, and `held_back` why it makes no prospect
    though it holds, else empty; `buying` the human buying signal that would promote at once where the fit
    suffices. `evidence` is what engagement consists of, the strongest first.
    `terms` is the verdict in the terms of sales, `ask` what forms should ask next. `waiting` are signals that
    do not count yet; `capped` kinds of signals of which a cap lets only a part count. `prospect_at` is the
    fit that a buying signal needs, `halves_after` how long a signal's points take to halve; `dormant_since`
    is None for who is not dormant.
    """

    verdict: Verdict
    terms: tuple[TermFinding, ...]
    ask: tuple[OpenQuestion, ...]
    engagement: float
    evidence: tuple[Evidence, ...]
    capped: tuple[str, ...]
    waiting: tuple[str, ...]
    stage: Stage
    why_stage: str
    promote: Finding
    held_back: str
    buying: Evidence | None
    prospect_at: int
    halves_after: str
    dormant_since: datetime | None


def measure(
    snapshot: Snapshot,
    profile: Profile,
    signal_rules: SignalRules,
    rules: Rules,
    now: datetime,
    sent: Sequence[Sent] | None = None,
) -> Measure:
    """One contact's numbers. `signal_rules` are the profile's; `sent` replaces the snapshot's.

    What has not settled yet is left out: the `snapshot` of the facts lacks it.
    """
    snapshot = settled(snapshot, profile.settle, now)
    contact = snapshot.contact
    matches = find_matches(snapshot.signals, signal_rules, profile.half_life, now)
    matches = with_pictures(matches, snapshot.firm, signal_rules, profile.half_life, now)
    engagement = score(matches, profile.caps)
    hold = hold_of(contact, now)
    stage = find_stage(contact.stage, contact.stage_since, matches, profile, now, hold)
    facts = SnapshotFacts(
        snapshot,
        None,
        engagement,
        stage.stage,
        now,
        rules=rules,
        sent=sent,
        dormant_after=profile.dormant_after,
    )
    facts.fit, disqualifier = measure_fit(profile, facts)
    return Measure(facts, facts.fit, disqualifier, engagement, matches, stage)


def assess(snapshot: Snapshot, profile: Profile, rules: Rules, now: datetime) -> Assessment:
    """How a contact stands at `now`, in words."""
    found = measure(snapshot, profile, SignalRules(profile.signals, rules), rules, now)
    contact, buying = snapshot.contact, buying_signal(found, asked_since(snapshot))
    verdict = explain_fit(profile, found.facts)
    return Assessment(
        verdict=verdict,
        terms=by_term(verdict.every),
        ask=open_questions(profile, found.facts),
        engagement=found.engagement,
        evidence=evidence(found.matches, now),
        capped=cap_words(found.matches, profile.caps),
        waiting=waiting_words(snapshot.signals, profile.settle, now),
        stage=found.stage.stage,
        why_stage=stage_words(contact, found.stage, profile, now),
        promote=promote_finding(found, profile),
        held_back=_held_back(found.facts.snapshot),
        buying=None if buying is None else evidence([buying], now)[0],
        prospect_at=profile.prospect_at,
        halves_after=length(profile.half_life),
        dormant_since=dormant_from if (dormant_from := found.facts.dormant_from()) <= now else None,
    )


def _held_back(snapshot: Snapshot) -> str:
    since = asked_since(snapshot)
    if snapshot.open_handover:
        return "sales has them already, and has not answered for good"
    if has_news(snapshot, since):
        return ""
    return f"they have done nothing since {minute(since)}, when sales gave them back" if since else ""


def find_promotion(found: Measure, profile: Profile, snapshot: Snapshot) -> Promotion | None:
    """Why the contact becomes a prospect now; None if not.

    A human buying signal of somebody who fits promotes at once; else the promote condition does, which only
    sees what humans did. Where sales has said no before, something human must have happened since.
    """
    since = asked_since(snapshot)
    buying = buying_signal(found, since)
    if buying is not None and found.fit >= profile.prospect_at:
        fits = f"fit {found.fit} of {profile.prospect_at} needed"
        return Promotion(buying.rule.id, f"a buying signal ({signal_words(buying.signal)}) and {fits}")
    condition = profile.promote
    if condition is None or not has_news(found.facts.snapshot, since):
        return None
    facts = promote_facts(found, profile)
    if condition.test(facts):
        return Promotion("promote", condition.evaluate(facts).reason)
    return None


def asked_since(snapshot: Snapshot) -> datetime | None:
    """From when on signals promote: since sales said no, or since the date the contact was put off to."""
    return snapshot.rejected_at or snapshot.contact.recycle_at


def buying_signal(found: Measure, since: datetime | None) -> Match | None:
    """The newest buying signal made by a human after `since`."""
    for match in reversed(found.matches):
        if match.rule.buying and match.human and (since is None or match.signal.at > since):
            return match
    return None


def stage_words(contact: Contact, finding: StageFinding, profile: Profile, now: datetime) -> str:
    """Why the stage is what it is."""
    before, stage, weight = contact.stage, finding.stage, number(finding.weight)
    ran_out = _ran_out(contact, finding, now)
    if stage is before and finding.hold is not None:
        until = finding.hold.until
        date = f" until {minute(until)}" if until else ""
        return f"stays in {stage.value}, as told by hand{date}: what happened since is {weight} points"
    if stage is before:
        return f"stays in {stage.value}: {ran_out or 'the evidence for it is'} {weight} points"
    if stage.rank < before.rank:
        least = number(profile.back_below)
        faded = f"the evidence for {before.value} has faded below {least} points"
        if ran_out:
            faded = f"{ran_out} below {least} points"
        return f"back from {before.value} to {stage.value}: {faded}"
    way = f"from {before.value} to {stage.value}"
    bought = [match for match in finding.because if match.rule.buying]
    if stage is Stage.DECISION and bought:
        because = f"a buying signal ({signal_words(bought[-1].signal)})"
        return f"{way}: {ran_out} {because}" if ran_out else f"{way}: {because}"
    strongest = sorted(finding.because, key=lambda match: -match.points)[:_TOLD]
    told = "; ".join(match_words(match, now) for match in strongest)
    points = f"{weight} points of evidence, {number(profile.forward_at)} needed ({told})"
    return f"{way}: {ran_out} {points}" if ran_out else f"{way}: {points}"


def _ran_out(contact: Contact, finding: StageFinding, now: datetime) -> str:
    """That a stage told by hand held until its date, and what has decided from then on is …

    Empty where none did, or where only what happened after that date leads on.
    """
    hold = hold_that_ran_out(contact, now)
    if hold is None or hold.until is None:
        return ""
    if finding.because and max(match.signal.at for match in finding.because) > hold.until:
        return ""
    told = (
        f"{contact.stage.value} was told by hand on {minute(hold.since)} and held until {minute(hold.until)}"
    )
    return f"{told}; from then on the evidence decides, which is"


def promote_finding(found: Measure, profile: Profile) -> Finding:
    """The answer of the promote condition, which only sees what humans did."""
    if profile.promote is None:
        return Finding(False, "the profile has no promote condition")
    return profile.promote.evaluate(promote_facts(found, profile))


def promote_facts(found: Measure, profile: Profile) -> SnapshotFacts:
    """What the promote condition sees: the engagement that humans made."""
    return found.facts.of_humans(score(found.matches, profile.caps, human_only=True))


def has_news(snapshot: Snapshot, since: datetime | None) -> bool:
    """Whether a human did anything after `since`."""
    return since is None or any(
        signal.at > since and signal.classed is SignalClass.HUMAN for signal in snapshot.signals
    )
