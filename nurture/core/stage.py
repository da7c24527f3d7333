"""Which stage the evidence speaks for, and when it would fall back.

A stage's evidence is the decayed points of human signals whose rule names it. A contact goes forward to the
latest stage for which the evidence, together with that of later stages, reaches the profile's `forward_at`;
and back only when the evidence for the present stage and later ones has fallen below `back_below` and the
contact has been there for `stage_rest`. Between the two nothing moves, so that a contact on a threshold does
not go to and fro.

A buying signal means decision at once. It weighs at least `forward_at` when it is fresh, however few points
its rule gives, and holds the contact there until that weight has faded below `back_below`.

A stage that was told by hand holds: nothing fades out of it before its date, and only what happens after it
was told leads further.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, log2

from nurture.core.engagement import Match
from nurture.core.model import Contact, SignalClass, Stage
from nurture.core.profile import Profile, SignalRule

STAGES = tuple(Stage)
TOLD = "told"
"""The rule that a change of stage by hand is recorded under."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A stage told by hand at `since`, which holds until `until`; None: until evidence leads further."""

    since: datetime
    until: datetime | None


def hold_of(contact: Contact, now: datetime) -> Hold | None:
    """The hold on a contact's stage at `now`; None where nobody told it, they moved on, or its time is up."""
    told_at, until = contact.stage_told_at, contact.stage_told_until
    if told_at is None or told_at != contact.stage_since or (until is not None and until <= now):
        return None
    return Hold(told_at, until)


def hold_that_ran_out(contact: Contact, now: datetime) -> Hold | None:
    """The hold on a contact's stage whose time is up at `now`, where they have not moved on since."""
    told_at, until = contact.stage_told_at, contact.stage_told_until
    if told_at is None or told_at != contact.stage_since or until is None or until > now:
        return None
    return Hold(told_at, until)


@dataclass(frozen=True, slots=True)
class StageFinding:
    """The stage the evidence speaks for.

    `weight` is the evidence for that stage and later ones; `because` the matches that it consists of, which
    are only given where the stage is another one than before. `falls_at` is when the contact would fall back
    if nothing more happens, None where it cannot. `hold` is what holds the stage, where it was told by hand;
    `weight` is then that of what happened since.
    """

    stage: Stage
    weight: float
    falls_at: datetime | None = None
    because: tuple[Match, ...] = ()
    hold: Hold | None = None


def find_stage(
    present: Stage,
    since: datetime | None,
    matches: Iterable[Match],
    profile: Profile,
    now: datetime,
    hold: Hold | None = None,
) -> StageFinding:
    """The stage by the evidence in `matches`; `since` is when the contact came into the `present` one."""
    telling = _telling(matches)
    if hold is not None:
        return _held(present, hold, telling, profile, now)
    weights, bought = _weigh(telling, profile)
    since = now if since is None else since
    stage = _forward(present, weights, bought, profile)
    if stage is present and now >= since + profile.stage_rest:
        stage = _back(present, weights, profile)
    weight = weights[stage.rank]
    if stage is present:
        return StageFinding(stage, weight, _falls_at(stage, weight, since, profile, now))
    because = tuple(match for rank, match in telling if rank >= stage.rank)
    return StageFinding(stage, weight, _falls_at(stage, weight, now, profile, now), because)


def _held(
    present: Stage, hold: Hold, telling: list[tuple[int, Match]], profile: Profile, now: datetime
) -> StageFinding:
    news = [(rank, match) for rank, match in telling if match.signal.at > hold.since]
    weights, bought = _weigh(news, profile)
    stage = _forward(present, weights, bought, profile)
    if stage is present:
        return StageFinding(stage, weights[stage.rank], hold.until, hold=hold)
    because = tuple(match for rank, match in news if rank >= stage.rank)
    every = _weigh(telling, profile)[0][stage.rank]
    return StageFinding(stage, weights[stage.rank], _falls_at(stage, every, now, profile, now), because)


def weigh(matches: Iterable[Match], profile: Profile, after: datetime | None = None) -> dict[Stage, float]:
    """For each stage the evidence for it and all later ones, as points; with `after`, of what came later."""
    if after is not None:
        matches = [match for match in matches if match.signal.at > after]
    return dict(zip(STAGES, _weigh(_telling(matches), profile)[0], strict=True))


def _telling(matches: Iterable[Match]) -> list[tuple[int, Match]]:
    """The matches that speak for a stage, with its rank: only what humans did."""
    return [
        (rank, match)
        for match in matches
        if (rank := rank_of_rule(match.rule)) >= 0 and match.signal.classed is SignalClass.HUMAN
    ]


def rank_of(match: Match) -> int:
    """The rank of the stage that a match speaks for; -1 for none."""
    return rank_of_rule(match.rule)


def rank_of_rule(rule: SignalRule) -> int:
    """The rank of the stage that a rule's signals speak for; -1 for none."""
    if rule.buying:
        return Stage.DECISION.rank
    return -1 if rule.stage is None else rule.stage.rank


def _weigh(telling: Iterable[tuple[int, Match]], profile: Profile) -> tuple[list[float], bool]:
    """Per stage, the evidence for it and all later ones; and whether a buying signal still holds."""
    weights = [0.0] * len(STAGES)
    bought = False
    for rank, match in telling:
        weight = match.points
        if match.rule.buying:
            weight = max(weight, profile.forward_at * match.share)
            bought = bought or weight >= profile.back_below
        for passed in range(rank + 1):
            weights[passed] += weight
    return weights, bought


def _forward(present: Stage, weights: list[float], bought: bool, profile: Profile) -> Stage:
    if bought:
        return Stage.DECISION
    reached = [stage for stage in STAGES[present.rank + 1 :] if weights[stage.rank] >= profile.forward_at]
    return reached[-1] if reached else present


def _back(present: Stage, weights: list[float], profile: Profile) -> Stage:
    held = [stage for stage in STAGES[: present.rank + 1] if weights[stage.rank] >= profile.back_below]
    return held[-1] if held else Stage.ORIENTATION


def _falls_at(
    stage: Stage, weight: float, since: datetime, profile: Profile, now: datetime
) -> datetime | None:
    """When the evidence will have fallen below `back_below`: all of it fades alike, so it can be solved for.

    A second is added, so that it surely has fallen by then, whatever floating point makes of it.
    """
    if stage is Stage.ORIENTATION or profile.back_below <= 0:
        return None
    rested = since + profile.stage_rest
    if weight < profile.back_below:
        return rested
    seconds = profile.half_life.total_seconds() * log2(weight / profile.back_below)
    return max(rested, now + timedelta(seconds=ceil(seconds) + 1))
