"""Where somebody stood is found again from what was recorded: the same place as the engine had them at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import Enrolment, EnrolmentState, Lifecycle, Snapshot, Stage
from nurture.core.plan import Plan
from nurture.core.retrace import Retraced, retrace
from nurture.core.telling import Kept
from tests.core.make import DAY, MONDAY, PROFILE, campaign, snapshot, wait, wait_for
from tests.core.test_decide_properties import EVENTS, PEOPLE, PLANS, STARTS, live


def entered(place: Enrolment, plan: Plan, stage: Stage) -> Enrolment:
    campaign = plan.campaigns[place.version_id]
    return Enrolment(
        place.id,
        place.contact_id,
        place.campaign,
        place.version_id,
        place.occurrence,
        stage,
        campaign.tracks.get(stage),
        place.entered_at,
        place.entered_at,
    )


@settings(max_examples=150)
@given(PLANS, PEOPLE, st.sampled_from(STARTS), EVENTS)
def test_every_place_is_found_again(
    plan: Plan, who: Snapshot, start: datetime, events: Sequence[Any]
) -> None:
    life = live(plan, who, start, events)
    kept: list[Kept] = []
    for before, decision, now in life.looks:
        kept += [Kept(now, record) for record in decision.records]
        after = apply(before, decision, now)
        for place in after.enrolments:
            if place.state is EnrolmentState.ACTIVE and after.contact.lifecycle is Lifecycle.CONTACT:
                found = found_again(place, plan, kept, after, now)
                assert found.exact
                assert (found.place.step, found.place.track) == (place.step, place.track)
                assert (set(found.place.done), found.place.since) == (set(place.done), place.since)


def found_again(place: Enrolment, plan: Plan, kept: Sequence[Kept], of: Snapshot, now: datetime) -> Retraced:
    """The place, from the records of its campaign since it was entered, and the changes of stage."""
    entries = [
        number
        for number, (_, record) in enumerate(kept)
        if (record.what, record.campaign) == ("enrolled", place.campaign)
    ]
    begun = entries[place.occurrence - 1]
    before = [record for _, record in kept[:begun] if record.what == "stage_changed"]
    stage = Stage(str(before[-1].evidence["to"])) if before else Stage.ORIENTATION
    happenings = [one for one in kept[begun:] if one.record.campaign in (place.campaign, None)]
    campaign = plan.campaigns[place.version_id]
    return retrace(entered(place, plan, stage), campaign, happenings, of, now)


def test_a_step_that_was_looked_at_late_ended_when_it_was_due() -> None:
    step = wait_for("reading", 'clicked("welcome")', DAY)
    plan = Plan(PROFILE, {1: campaign([step, wait("pause", 5 * DAY)])}, (1,))
    of, kept = snapshot(), list[Kept]()
    for now in (MONDAY, MONDAY + 3 * DAY):
        decision = decide(of, plan, now)
        of, kept = apply(of, decision, now), [*kept, *(Kept(now, record) for record in decision.records)]
    (place,) = of.enrolments
    found = found_again(place, plan, kept, of, MONDAY + 3 * DAY)
    assert (found.place.step, found.place.since) == ("pause", MONDAY + DAY)
