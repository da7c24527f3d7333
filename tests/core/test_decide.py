from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from nurture.core.campaign import Campaign, Cap, Policy, SendStep, Window
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import (
    Decision,
    Enrol,
    Enrolment,
    EnrolmentState,
    HandOver,
    Lifecycle,
    Move,
    Sent,
    SignalClass,
    Snapshot,
    Stage,
)
from nurture.core.plan import Plan
from nurture.language.conditions import parse
from tests.core.make import (
    DAY,
    FITTING,
    HOUR,
    MONDAY,
    PROFILE,
    QUOTE,
    campaign,
    contact,
    moves,
    reason,
    send,
    sends,
    signal,
    snapshot,
    visited,
    wait,
    whats,
)

REMIND = SendStep("remind", "mails/remind.sms")

WEBSITE = campaign(
    [send("welcome"), wait("pause", 3 * DAY), send("cases")],
    [send("costs"), wait("think", DAY), send("included")],
    [send("plan")],
)
READY = snapshot(contact=contact(answers={"budget": "10k+"}), account=FITTING)
"""Somebody with a fit of 90, of 60 needed."""


def plan(*campaigns: Campaign, **fields: object) -> Plan:
    profile = replace(PROFILE, **fields)  # type: ignore[arg-type]  # fields of Profile
    chosen = campaigns or (WEBSITE,)
    return Plan(profile, {one.version_id: one for one in chosen}, tuple(one.version_id for one in chosen))


def after(
    of: Snapshot, now: datetime = MONDAY, by: Plan | None = None, **change: object
) -> tuple[Snapshot, Decision]:
    of = replace(of, **change)  # type: ignore[arg-type]  # fields of Snapshot
    decision = decide(of, by or plan(), now)
    return apply(of, decision, now), decision


def lifecycle(of: Snapshot, state: Lifecycle, **more: object) -> Snapshot:
    return replace(of, contact=replace(of.contact, lifecycle=state, **more))  # type: ignore[arg-type]


# --- who is decided on ------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(set(Lifecycle) - {Lifecycle.CONTACT, Lifecycle.RECYCLED}))
def test_all_but_contacts_rest(state: Lifecycle) -> None:
    decision = decide(lifecycle(READY, state), plan(), MONDAY)
    assert (decision.lifecycle, decision.effects, decision.records, decision.next_at) == (state, (), (), None)


def test_a_recycled_contact_rests_until_the_date() -> None:
    recycled = lifecycle(READY, Lifecycle.RECYCLED, recycle_at=MONDAY + DAY)
    decision = decide(recycled, plan(), MONDAY)
    assert (decision.lifecycle, decision.next_at) == (Lifecycle.RECYCLED, MONDAY + DAY)


@pytest.mark.parametrize("date", [MONDAY, None])
def test_a_recycled_contact_comes_back_when_the_date_has_come(date: datetime | None) -> None:
    decision = decide(lifecycle(READY, Lifecycle.RECYCLED, recycle_at=date), plan(), MONDAY)
    assert (decision.lifecycle, whats(decision)[0]) == (Lifecycle.CONTACT, "returned")


def test_a_new_buying_signal_brings_a_recycled_contact_back_at_once() -> None:
    recycled = lifecycle(READY, Lifecycle.RECYCLED, recycle_at=MONDAY + 30 * DAY)
    _, decision = after(recycled, rejected_at=MONDAY - DAY, signals=(QUOTE,))
    assert whats(decision)[0] == "returned"
    assert decision.lifecycle is Lifecycle.PROSPECT


def test_the_buying_signal_that_sales_said_no_to_brings_nobody_back() -> None:
    recycled = lifecycle(READY, Lifecycle.RECYCLED, recycle_at=MONDAY + 30 * DAY)
    _, decision = after(recycled, rejected_at=MONDAY + HOUR, signals=(QUOTE,), now=MONDAY + DAY)
    assert decision.lifecycle is Lifecycle.RECYCLED


# --- disqualified -----------------------------------------------------------------------------------

STUDENT = {"budget": "10k+", "role": "student"}


def test_a_disqualifier_is_absolute() -> None:
    _, decision = after(READY, contact=contact(answers=STUDENT), signals=(QUOTE,))
    assert (decision.lifecycle, sends(decision)) == (Lifecycle.DISQUALIFIED, [])
    assert reason(decision, "disqualified").startswith("no budget: ")


def test_who_is_disqualified_leaves_all_campaigns() -> None:
    inside, _ = after(READY)
    out, decision = after(inside, contact=replace(inside.contact, answers=STUDENT))
    assert [one.state for one in out.enrolments] == [EnrolmentState.EXITED]
    assert decision.next_at is None


# --- enrolling --------------------------------------------------------------------------------------


def test_who_is_in_the_audience_is_enrolled_and_begins_at_once() -> None:
    _, decision = after(READY)
    (enrol,) = [effect for effect in decision.effects if isinstance(effect, Enrol)]
    assert (enrol.enrolment.occurrence, enrol.enrolment.step) == (1, "pause")
    assert sends(decision) == ["welcome"]


def test_who_is_not_in_the_audience_is_not() -> None:
    _, decision = after(READY, contact=contact(interests=("webshop",)))
    assert decision.effects == ()


def test_a_campaign_that_is_not_live_enrols_nobody_and_goes_on_with_those_it_has() -> None:
    inside, _ = after(READY)
    ending = Plan(PROFILE, {1: WEBSITE}, ())
    assert decide(READY, ending, MONDAY).effects == ()
    assert sends(decide(inside, ending, MONDAY + 3 * DAY)) == ["cases"]


def test_who_stands_on_an_older_version_stays_on_it() -> None:
    inside, _ = after(READY)
    newer = replace(WEBSITE, version_id=2, version="campaign-2")
    both = Plan(PROFILE, {1: WEBSITE, 2: newer}, (2,))
    (move,) = moves(decide(inside, both, MONDAY + 3 * DAY))
    assert move.enrolment.version_id == 1


def test_an_enrolment_in_a_paused_campaign_rests() -> None:
    inside, _ = after(READY)
    decision = decide(inside, Plan(PROFILE, {}), MONDAY + 30 * DAY)
    assert (decision.effects, decision.next_at) == ((), None)


def test_leaving_the_audience_is_not_leaving_the_campaign() -> None:
    inside, _ = after(READY)
    elsewhere = replace(inside, contact=replace(inside.contact, interests=()))
    assert sends(decide(elsewhere, plan(), MONDAY + 3 * DAY)) == ["cases"]


EXITING = replace(WEBSITE, exit_when=parse('visited("/jobs")'))


def test_a_campaign_lets_go_when_it_says_so() -> None:
    inside, _ = after(READY, by=plan(EXITING))
    out, decision = after(inside, MONDAY + DAY, plan(EXITING), signals=(visited("/jobs"),))
    assert [one.state for one in out.enrolments] == [EnrolmentState.EXITED]
    assert (whats(decision), decision.next_at) == (["exited"], None)


def test_nobody_enters_a_campaign_that_would_let_go_of_them() -> None:
    assert after(READY, by=plan(EXITING), signals=(visited("/jobs"),))[1].effects == ()


REENTERING = replace(WEBSITE, reenter=10 * DAY)


def resting(by: Plan) -> Snapshot:
    """At the end of the track since three days after Monday."""
    return after(after(READY, by=by)[0], MONDAY + 3 * DAY, by)[0]


def test_without_reenter_nobody_comes_twice() -> None:
    assert decide(resting(plan()), plan(), MONDAY + 500 * DAY).effects == ()


def test_who_has_rested_long_enough_comes_again() -> None:
    by = plan(REENTERING)
    out, decision = after(resting(by), MONDAY + 13 * DAY, by)
    assert [(one.occurrence, one.state) for one in out.enrolments] == [
        (1, EnrolmentState.FINISHED),
        (2, EnrolmentState.ACTIVE),
    ]
    assert sends(decision) == ["welcome"]


def test_the_time_of_reentry_is_known_beforehand() -> None:
    by = plan(REENTERING)
    coming_to_rest = decide(after(READY, by=by)[0], by, MONDAY + 3 * DAY)
    at_rest = decide(resting(by), by, MONDAY + 4 * DAY)
    assert coming_to_rest.next_at == at_rest.next_at == MONDAY + 13 * DAY


def test_who_is_still_on_the_way_does_not_enter_again() -> None:
    by = plan(replace(REENTERING, reenter=DAY))
    inside, _ = after(READY, by=by)
    assert decide(inside, by, MONDAY + 2 * DAY).effects == ()


# --- stages -----------------------------------------------------------------------------------------

PRICES = (visited("/prices", MONDAY, id=1), visited("/prices", MONDAY + HOUR, id=2))
UNFIT = snapshot()


def test_a_change_of_stage_is_recorded_with_its_evidence() -> None:
    out, decision = after(UNFIT, MONDAY + DAY, signals=PRICES)
    (record,) = [one for one in decision.records if one.what == "stage_changed"]
    assert (out.contact.stage, out.contact.stage_since) == (Stage.COMPARISON, MONDAY + DAY)
    assert record.rule == "prices"
    assert record.reason.startswith("from orientation to comparison: 11.6 points of evidence, 10 needed (")
    assert len(record.evidence["signals"]) == 2  # type: ignore[arg-type]  # a tuple of words


def test_on_a_change_of_stage_the_contact_moves_to_its_track() -> None:
    inside, _ = after(UNFIT)
    out, decision = after(inside, MONDAY + DAY, signals=PRICES)
    (enrolment,) = out.enrolments
    assert (enrolment.track, enrolment.step) == (Stage.COMPARISON, "think")
    assert sends(decision) == ["costs"]


def test_back_on_an_earlier_track_what_was_done_is_not_repeated() -> None:
    first, _ = after(UNFIT)
    second, _ = after(first, MONDAY + DAY, signals=PRICES)
    third, decision = after(second, MONDAY + 90 * DAY)
    assert third.contact.stage is Stage.ORIENTATION
    assert sends(decision) == []
    assert third.enrolments[0].step == "pause"


def test_it_is_looked_at_again_when_the_stage_would_fall_back() -> None:
    by = plan(campaign())
    inside, _ = after(UNFIT, MONDAY + DAY, by, signals=PRICES)
    falls = decide(inside, by, MONDAY + 2 * DAY).next_at
    assert falls is not None
    assert decide(inside, by, falls - 5 * timedelta(seconds=1)).stage is Stage.COMPARISON
    assert decide(inside, by, falls).stage is Stage.ORIENTATION


def test_a_stage_changed_elsewhere_moves_the_track_too() -> None:
    inside, _ = after(UNFIT)
    told = replace(inside, contact=replace(inside.contact, stage=Stage.DECISION))
    assert sends(decide(told, plan(), MONDAY + HOUR)) == ["plan"]


# --- promotion --------------------------------------------------------------------------------------


def handed_over(decision: Decision) -> list[HandOver]:
    return [effect for effect in decision.effects if isinstance(effect, HandOver)]


def test_a_buying_signal_of_somebody_who_fits_promotes_at_once() -> None:
    out, decision = after(READY, signals=(QUOTE,))
    (hand_over,) = handed_over(decision)
    assert (out.contact.lifecycle, hand_over.team) == (Lifecycle.PROSPECT, "sales-nl")
    assert hand_over.because == "a buying signal (submitted quote form) and fit 90 of 60 needed"
    assert [one.rule for one in hand_over.evidence] == ["quote"]


def test_a_promotion_says_which_rule_of_which_profile_decided_on_what() -> None:
    _, decision = after(READY, signals=(QUOTE,))
    (record,) = [one for one in decision.records if one.what == "promoted"]
    assert (record.rule, record.version, record.evidence["fit"]) == ("quote", "profile-1", 90)


def test_a_buying_signal_of_somebody_who_does_not_fit_promotes_nobody() -> None:
    _, decision = after(UNFIT, signals=(QUOTE,))
    assert (decision.lifecycle, decision.stage) == (Lifecycle.CONTACT, Stage.DECISION)


@pytest.mark.parametrize("classed", [SignalClass.PROBABLE, SignalClass.MACHINE])
def test_only_a_human_buying_signal_promotes(classed: SignalClass) -> None:
    scanner = replace(QUOTE, classed=classed)
    assert after(READY, signals=(scanner,))[1].lifecycle is Lifecycle.CONTACT


def test_the_promote_condition_promotes_without_a_buying_signal() -> None:
    keen = tuple(visited("/prices", id=n) for n in range(5))
    _, decision = after(READY, signals=keen)
    assert [one.rule for one in decision.records if one.what == "promoted"] == ["promote"]


def test_the_promote_condition_sees_only_what_humans_did() -> None:
    human = tuple(visited("/prices", id=n) for n in range(2))
    probable = tuple(visited("/prices", classed=SignalClass.PROBABLE, id=n) for n in range(2, 9))
    _, decision = after(READY, signals=(*human, *probable))
    assert decision.engagement > 25
    assert (decision.stage, decision.lifecycle) == (Stage.COMPARISON, Lifecycle.CONTACT)


def test_while_sales_has_not_answered_nobody_is_handed_over_again() -> None:
    assert handed_over(after(READY, signals=(QUOTE,), open_handover=True)[1]) == []


def test_a_prospect_is_sent_nothing_and_keeps_their_places() -> None:
    out, decision = after(READY, signals=(QUOTE,))
    assert (sends(decision), decision.next_at) == ([], None)
    assert [(one.step, one.done) for one in out.enrolments] == [("plan", ())]


def test_after_a_no_from_sales_only_something_new_promotes() -> None:
    keen = (QUOTE, *(visited("/prices", id=n) for n in range(2, 9)))
    refused = replace(READY, signals=keen, rejected_at=MONDAY + HOUR)
    assert decide(refused, plan(), MONDAY + DAY).lifecycle is Lifecycle.CONTACT
    anew = replace(refused, signals=(*keen, visited("/prices", MONDAY + 2 * HOUR, id=9)))
    assert decide(anew, plan(), MONDAY + DAY).lifecycle is Lifecycle.PROSPECT


def test_without_a_no_on_record_the_date_of_return_is_what_counts() -> None:
    back = lifecycle(READY, Lifecycle.CONTACT, recycle_at=MONDAY + HOUR)
    old, new = QUOTE, replace(QUOTE, at=MONDAY + 2 * HOUR)
    found = [decide(replace(back, signals=(one,)), plan(), MONDAY + DAY).lifecycle for one in (old, new)]
    assert found == [Lifecycle.CONTACT, Lifecycle.PROSPECT]


def test_the_campaign_of_the_highest_priority_that_they_are_in_hands_over() -> None:
    low = replace(WEBSITE, name="a", version_id=2, policy=Policy(priority=1))
    high = replace(WEBSITE, name="b", version_id=3, policy=Policy(priority=9))
    highest = replace(high, name="c", version_id=4, policy=Policy(priority=99), audience=parse("fit > 99"))
    (hand_over,) = handed_over(after(READY, by=plan(low, high, highest), signals=(QUOTE,))[1])
    assert hand_over.campaign == "b"


def test_somebody_in_no_campaign_is_handed_over_by_a_live_one() -> None:
    nobody_in = replace(WEBSITE, audience=parse("fit > 99"))
    (hand_over,) = handed_over(after(READY, by=plan(nobody_in), signals=(QUOTE,))[1])
    assert hand_over.campaign == "new-website"


def test_where_no_campaign_hands_over_the_record_says_so() -> None:
    _, decision = after(READY, by=plan(replace(WEBSITE, handover=None)), signals=(QUOTE,))
    assert whats(decision)[-1] == "not_handed_over"


# --- several campaigns ------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "waits"), [("ready", True), ("transmitting", True), ("sent", False)])
def test_a_message_that_has_not_left_yet_takes_room_under_the_cap_as_if_it_left_now(
    state: str, waits: bool
) -> None:
    """Else those that wait for a mail server that is away would all leave together."""
    capped = replace(WEBSITE, policy=Policy(cap=Cap(1, 2 * DAY)))
    old = Sent("another", "hello", 1, MONDAY - 5 * DAY, state)
    _, decision = after(READY, by=plan(capped), sent=(old,))
    assert (sends(decision) == []) is waits
    assert (decision.next_at == MONDAY + 2 * DAY) is waits


def test_the_campaign_of_the_highest_priority_takes_the_room_under_the_cap() -> None:
    cap = Cap(1, 7 * DAY)
    low = replace(WEBSITE, name="a", version_id=2, policy=Policy(cap=cap, priority=1))
    high = replace(WEBSITE, name="b", version_id=3, policy=Policy(cap=cap, priority=2))
    out, decision = after(UNFIT, by=plan(low, high))
    assert [one.campaign for one in out.sent] == ["b"]
    assert [one.next_at for one in decision.records if one.what == "not_sent"] == [MONDAY + 7 * DAY]


def test_a_campaign_entered_later_goes_before_one_of_lower_priority() -> None:
    cap = Cap(2, 7 * DAY)
    low = replace(WEBSITE, policy=Policy(cap=cap, priority=1))
    high = replace(WEBSITE, name="b", version_id=2, policy=Policy(cap=cap, priority=2))
    inside, _ = after(UNFIT, by=plan(low))
    out, _ = after(inside, MONDAY + 3 * DAY, plan(low, high))
    assert [one.campaign for one in out.sent] == ["new-website", "b"]


def test_it_is_looked_at_again_when_the_first_of_all_campaigns_has_something_to_do() -> None:
    quick = replace(campaign([wait("short", HOUR)]), name="quick", version_id=2)
    assert after(UNFIT, by=plan(WEBSITE, quick))[1].next_at == MONDAY + HOUR


def test_without_consent_only_something_new_can_change_anything() -> None:
    _, decision = after(UNFIT, consents=frozenset())
    assert (sends(decision), whats(decision), decision.next_at) == ([], ["enrolled", "not_sent"], None)


# --- odd pictures -----------------------------------------------------------------------------------


def test_a_signal_dated_into_the_future_does_no_harm() -> None:
    ahead = tuple(visited("/prices", MONDAY + 400 * DAY, id=n) for n in range(2))
    decision = decide(replace(UNFIT, signals=ahead), plan(), MONDAY)
    assert decision.stage is Stage.COMPARISON
    assert decision.next_at == MONDAY + DAY


def test_a_track_that_a_campaign_does_not_have_is_a_rest() -> None:
    short = replace(WEBSITE, tracks={Stage.ORIENTATION: "welcome"})
    inside, _ = after(UNFIT, by=plan(short))
    out, decision = after(inside, MONDAY + DAY, plan(short), signals=PRICES)
    assert out.enrolments[0].step is None
    assert whats(decision) == ["stage_changed", "track_ended"]


def test_the_same_picture_gives_the_same_decision() -> None:
    of = replace(READY, signals=(*PRICES, signal("clicked", step="welcome")))
    assert decide(of, plan(), MONDAY + DAY) == decide(of, plan(), MONDAY + DAY)


def test_a_window_opening_is_when_it_is_looked_at_again() -> None:
    office = replace(WEBSITE, policy=Policy(Window(frozenset({3}), time(9), time(10))))
    _, decision = after(UNFIT, by=plan(office))
    assert decision.next_at == MONDAY + 2 * DAY - 2 * HOUR


def test_an_enrolment_that_has_not_changed_is_not_written_again() -> None:
    inside, _ = after(UNFIT)
    assert not [effect for effect in decide(inside, plan(), MONDAY + DAY).effects if isinstance(effect, Move)]


def test_what_was_sent_long_ago_in_another_occurrence_does_not_keep_it_from_being_sent() -> None:
    by = plan(REENTERING)
    left = Enrolment(
        1, 1, "new-website", 1, 1, Stage.ORIENTATION, None, MONDAY, MONDAY, state=EnrolmentState.EXITED
    )
    before = replace(UNFIT, enrolments=(left,), sent=(Sent("new-website", "welcome", 1, MONDAY),))
    assert sends(decide(before, by, MONDAY + 20 * DAY)) == ["welcome"]


# --- text messages -----------------------------------------------------------------------------------


def test_a_text_message_goes_to_whoever_has_a_telephone() -> None:
    of = snapshot(contact=contact(email=None, phone="+31612345678"))
    assert sends(decide(of, plan(campaign([REMIND])), MONDAY)) == ["remind"]


def test_a_text_message_waits_for_a_telephone_number() -> None:
    decision = decide(snapshot(contact=contact(phone=None)), plan(campaign([REMIND])), MONDAY)
    assert sends(decision) == []
    assert reason(decision, "not_sent") == "there is no telephone number"
