"""Why something did not happen to a contact: what stands before it, and when it comes if nothing happens.

The obstacles are told in the order in which they would have to be taken. The next eligible time is no
estimate: the core is asked again and again, as a worker would ask it, until it does what was asked after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from nurture.core.advancing import of_hand_over, of_promotion, of_stage
from nurture.core.ahead import Ahead, Foreseen, look_ahead
from nurture.core.campaign import Campaign, SendStep
from nurture.core.entering import of_campaign, of_entry, of_exit
from nurture.core.happened import Happened, what_happened
from nurture.core.model import (
    DecisionRecord,
    Enrol,
    Enrolment,
    EnrolmentState,
    HandOver,
    Lifecycle,
    Send,
    Stage,
)
from nurture.core.obstacles import Case, Lift, Obstacle, of_lifecycle, within
from nurture.core.outbound import of_permission, of_priority, of_room
from nurture.core.passing import passage
from nurture.core.question import Question, Wanted
from nurture.core.telling import Kept, record_words
from nurture.core.ways import leading_to, tracks_of

_SHOWN = 12
"""So many decisions on the way are told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    `question` is what was asked as a sentence, and `summary` says the answer in one. `happened` is whether,
    and when, it did after all. `obstacles` stand before it now, in the order in which they would have to be
    taken; `ahead` is what would be decided until it happens, if nothing else does. `next_at` is when it comes
    then; None: time alone does not bring it.
    """

    asked: str
    question: str
    summary: str
    happened: tuple[Happened, ...]
    obstacles: tuple[Obstacle, ...]
    ahead: tuple[Kept, ...]
    next_at: datetime | None


def why_not(case: Case, question: Question) -> Answer:
    """Why what `question` asks after did not happen, and what would bring it."""
    happened = what_happened(case, question)
    ahead = look_ahead(case.snapshot, case.plan, _start(case), lambda look: _is_it(look, question))
    again = _other_time(case, question, ahead)
    obstacles: list[Obstacle] = []
    if not any(one.counts for one in happened):
        obstacles = [*_obstacles(case, question), *_on_the_way(case, question, ahead)]
        if ahead.reached is not None and again is None:
            obstacles = [_by_time(one) for one in obstacles]
        elif ahead.reached is None and all(one.lift is Lift.TIME for one in obstacles):
            obstacles += _comes_between(case, question, ahead)
    return Answer(
        asked=question.words,
        question=question.sentence,
        summary=_summary(case, happened, obstacles, ahead, again),
        happened=tuple(happened),
        obstacles=tuple(obstacles),
        ahead=tuple(_told(question, ahead)) if ahead.reached is not None else (),
        next_at=ahead.reached,
    )


def _by_time(obstacle: Obstacle) -> Obstacle:
    """One that looking ahead has shown to go away by itself: points fade, and so a choice turns."""
    return replace(obstacle, lift=Lift.TIME, needs="") if obstacle.lift is Lift.SOMETHING else obstacle


def _other_time(case: Case, question: Question, ahead: Ahead) -> int | None:
    """Which time in its campaign it comes in, where that is another one than the present."""
    if ahead.reached is None or question.campaign is None:
        return None
    name = question.campaign.name
    present, places = case.latest(name), ahead.looks[-1].after.enrolments
    then = max((one.occurrence for one in places if one.campaign == name), default=1)
    return then if present is not None and then > present.occurrence else None


def _start(case: Case) -> datetime | None:
    return None if case.due is None or case.stuck is not None else max(case.due, case.now)


def _is_it(look: Foreseen, question: Question) -> bool:
    campaign, step, decision = question.campaign, question.step, look.decision
    match question.wanted:
        case Wanted.STEP if campaign is not None and step is not None:
            if isinstance(step, SendStep):
                sends = [effect for effect in decision.effects if isinstance(effect, Send)]
                return any((one.campaign, one.step) == (campaign.name, step.id) for one in sends)
            return step.id in decision.passed.get(campaign.name, ())
        case Wanted.ENROL if campaign is not None:
            new = [effect.enrolment for effect in decision.effects if isinstance(effect, Enrol)]
            return any(one.campaign == campaign.name for one in new)
        case Wanted.PROMOTE:
            prospect = Lifecycle.PROSPECT
            return decision.lifecycle is prospect and look.before.contact.lifecycle is not prospect
        case Wanted.HAND_OVER:
            return any(isinstance(effect, HandOver) for effect in decision.effects)
        case _:
            return decision.stage is question.stage and look.before.contact.stage is not question.stage


# --- what stands before it ---------------------------------------------------------------------------


def _obstacles(case: Case, question: Question) -> Iterator[Obstacle]:
    yield from of_lifecycle(case)
    match question.wanted:
        case Wanted.STEP if question.campaign is not None:
            yield from _before_step(case, question, question.campaign)
        case Wanted.ENROL if question.campaign is not None:
            yield from of_campaign(case, question.campaign)
            yield from of_entry(case, question.campaign)
        case Wanted.PROMOTE:
            yield from of_promotion(case)
        case Wanted.HAND_OVER:
            yield from of_promotion(case)
            yield from of_hand_over(case)
        case _:
            if question.stage is not None:
                yield from of_stage(case, question.stage)


def _before_step(case: Case, question: Question, found_in: Campaign) -> Iterator[Obstacle]:
    step = question.step
    assert step is not None
    yield from of_campaign(case, found_in)
    place, campaign = _place(case, found_in)
    if place is None:
        yield from of_entry(case, campaign)
    else:
        yield from of_exit(case, campaign, place)
    if step.id not in campaign.steps:
        yield _lacking(campaign, found_in, step.id)
        return
    tracks = tracks_of(campaign, step.id)
    if case.found.stage.stage not in tracks:
        yield from _other_stage(case, campaign, step.id, tracks)
    found = passage(case, campaign, place, campaign.steps[step.id])
    sends = [one for one in [*found.before, step] if isinstance(one, SendStep)]
    first = sends[0] if sends else None
    held = [] if first is None else [*of_permission(case, campaign, first)]
    if first is not None and place is not None and place.step == first.id:
        held += of_room(case, campaign, first)
    # What holds back a message on the way is in the way before all that follows it.
    in_order = [*found.obstacles, *held] if first is step else [*held, *found.obstacles]
    yield from in_order


def _place(case: Case, found_in: Campaign) -> tuple[Enrolment | None, Campaign]:
    """The contact's place in a campaign, with the version it runs; who is not in it would get the live."""
    place = case.running(found_in.name)
    live = next((one for one in case.plan.live_campaigns if one.name == found_in.name), found_in)
    return place, live if place is None else case.plan.campaigns.get(place.version_id, found_in)


def _lacking(campaign: Campaign, found_in: Campaign, step: str) -> Obstacle:
    return Obstacle(
        "version",
        f"the version that they run ({campaign.version[:8]}) has no step {step}; version "
        f"{found_in.version[:8]} has",
        needs="publishing a version that has it",
        **within(campaign, step),
    )


def _other_stage(case: Case, campaign: Campaign, step: str, tracks: tuple[Stage, ...]) -> Iterator[Obstacle]:
    place = within(campaign, step)
    if not tracks:
        yield Obstacle("unreachable", f"no track of {campaign.name} leads to {step}", Lift.NOTHING, **place)
        return
    present = case.found.stage.stage
    wanted = next((one for one in tracks if one.rank > present.rank), tracks[-1])
    there = f"{step} is on the track of {wanted.value}"
    for one in of_stage(case, wanted):
        joined = ": " if one.lift is Lift.TIME else "; "
        yield Obstacle("stage", f"{there}{joined}{one.words}", one.lift, one.lifts_at, one.needs, **place)


# --- what is seen when looking ahead -----------------------------------------------------------------


def _on_the_way(case: Case, question: Question, ahead: Ahead) -> Iterator[Obstacle]:
    step, campaign = question.step, question.campaign
    if isinstance(step, SendStep) and campaign is not None:
        yield from of_priority(case, campaign, step, ahead.looks)


def _comes_between(case: Case, question: Question, ahead: Ahead) -> Iterator[Obstacle]:
    """Nothing stands before it now but time, and yet it does not come: what will come between?"""
    for look in ahead.looks:
        why = _lost_at(case, look, question)
        if why is None:
            continue
        words = f"before it comes, on {case.told(look.at)}, the person {record_words(why)}"
        yield Obstacle(
            "comes_between",
            words,
            Lift.NOTHING,
            campaign=why.campaign,
            version=why.version,
            step=why.step,
            rule=why.rule,
        )
        return
    if question.stage is not None and (past := _past_the_stage(case, ahead)) is not None:
        yield past
        return
    words = "not within the next three years" if ahead.given_up else "nothing that is planned leads to it"
    yield Obstacle("never", words, Lift.NOTHING)


def _past_the_stage(case: Case, ahead: Ahead) -> Obstacle | None:
    """They leave their stage, but for another one than was asked after."""
    for look in ahead.looks:
        for record in look.decision.records:
            if record.what == "stage_changed":
                words = f"on {case.told(look.at)} the person {record_words(record)}"
                return Obstacle(
                    "comes_between", words, Lift.NOTHING, version=record.version, rule=record.rule
                )
    return None


def _lost_at(case: Case, look: Foreseen, question: Question) -> DecisionRecord | None:
    """The decision of a look after which it can come no more: the person leaves, or is led another way."""
    records = look.decision.records
    if look.after.contact.lifecycle is not Lifecycle.CONTACT:
        return next((one for one in records if one.what in ("promoted", "disqualified")), None)
    campaign, step = question.campaign, question.step
    if campaign is None or step is None:
        return None
    for place in look.before.enrolments:
        if place.campaign != campaign.name or place.state is not EnrolmentState.ACTIVE:
            continue
        later = next(one for one in look.after.enrolments if one.id == place.id)
        mine = [one for one in records if one.campaign == campaign.name]
        if later.state is not EnrolmentState.ACTIVE:
            return next((one for one in mine if one.what == "exited"), None)
        version = case.plan.campaigns.get(later.version_id)
        goals = frozenset[str]() if version is None else leading_to(version, step.id)
        if place.step in goals and later.step not in goals:
            moved = [one for one in records if one.what == "stage_changed"]
            return next(
                iter(moved or [one for one in mine if one.step in goals or one.what == "goal_reached"]), None
            )
    return None


# --- in words ----------------------------------------------------------------------------------------


def _told(question: Question, ahead: Ahead) -> Iterator[Kept]:
    """The decisions on the way: those of the campaign that was asked after, and of how the person stands."""
    name = question.campaign.name if question.campaign is not None else None
    records = [
        Kept(look.at, record)
        for look in ahead.looks
        for record in look.decision.records
        if name is None or record.campaign in (name, None)
    ]
    yield from records[-_SHOWN:]


def _summary(
    case: Case, happened: list[Happened], obstacles: list[Obstacle], ahead: Ahead, again: int | None
) -> str:
    present = [one for one in happened if one.counts]
    comes = "" if ahead.reached is None else case.told(ahead.reached)
    comes += f" (time {again})" if again else ""
    if present:
        return f"It did happen: {present[-1].words}{f'; it comes again on {comes}' if comes else ''}."
    final = next((one for one in obstacles if one.lift is Lift.NOTHING and not one.either), None)
    if ahead.reached is not None:
        if ahead.reached <= case.now:
            return "Nothing stands before it any more: it comes at the next look."
        sooner = [one.needs for one in obstacles if one.lift is Lift.TIME and one.needs]
        or_sooner = f"; sooner by this: {' or '.join(sooner)}" if sooner else ""
        this_time = f"; this time it does not, because {final.words}" if final and again else ""
        return f"It comes on {comes}, if nothing happens before{or_sooner}{this_time}."
    if final is not None:
        return f"Nothing brings it: {final.words}."
    return f"Nothing but this can bring it: {_needs(obstacles)}."


def _needs(obstacles: Iterable[Obstacle]) -> str:
    """What else would bring it: all of these, and one of those that are ways beside each other."""
    needed = [one for one in obstacles if one.needs and one.lift is Lift.SOMETHING]
    every = list(dict.fromkeys(one.needs for one in needed if not one.either))
    ways = list(dict.fromkeys(one.needs for one in needed if one.either))
    if ways:
        every.append(ways[0] if len(ways) == 1 else f"either {', or '.join(ways)}")
    return "; ".join(every) or "something new"
