"""Each thing that can stand between a contact and what was asked for, and what would take it away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from nurture.core.campaign import (
    Campaign,
    Cap,
    DateEntry,
    DoStep,
    ExitStep,
    GoalStep,
    OnDate,
    Policy,
    SendStep,
    SignalEntry,
    WaitUntilStep,
    Window,
)
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import (
    DecisionRecord,
    Enrolment,
    EnrolmentState,
    Lifecycle,
    Send,
    Sent,
    SignalClass,
    Snapshot,
    Stage,
    Wishes,
)
from nurture.core.obstacles import CODES, Case, Lift, Mail, Obstacle
from nurture.core.plan import Plan
from nurture.core.question import read_question
from nurture.core.telling import Kept
from nurture.core.whynot import Answer, why_not
from nurture.errors import NurtureError, QuestionError
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES
from tests.core.make import (
    DAY,
    FITTING,
    HOUR,
    MONDAY,
    PROFILE,
    QUOTE,
    Fork,
    campaign,
    contact,
    send,
    signal,
    snapshot,
    visited,
    wait,
    wait_for,
)

TRACK = [send("welcome"), wait("pause", 3 * DAY), send("cases")]
CHOICE = [send("welcome"), Fork("fork", [('clicked("welcome")', [send("yes")]), (None, [send("no")])])]


def plan_of(*campaigns: Campaign, **more: Any) -> Plan:
    return Plan(
        PROFILE,
        {one.version_id: one for one in campaigns},
        tuple(one.version_id for one in campaigns),
        **more,
    )


def standing(step: str | None, *done: str, since: datetime = MONDAY, **more: Any) -> Enrolment:
    known: dict[str, Any] = {"track": Stage.ORIENTATION, "occurrence": 1, "entered_at": MONDAY - 20 * DAY}
    known |= more
    return Enrolment(1, 1, "new-website", 1, step=step, since=since, done=done, **known)


def ask(asked: str, of: Snapshot, *campaigns: Campaign, now: datetime = MONDAY, **more: Any) -> Answer:
    """The answer where the contact is looked at `now`."""
    plan = more.pop("plan", None) or plan_of(*campaigns)
    case = Case(of, plan, now, more.pop("due", now), UTC, **more)
    return why_not(case, read_question(asked, campaigns))


def found(answer: Answer, code: str) -> Obstacle:
    assert code in codes(answer), answer
    assert set(codes(answer)) <= CODES.keys()
    return next(one for one in answer.obstacles if one.code == code)


def codes(answer: Answer) -> list[str]:
    return [one.code for one in answer.obstacles]


def at(*enrolments: Enrolment, signals: Any = (), **more: Any) -> Snapshot:
    return snapshot(signals, enrolments=enrolments, **more)


# --- it did happen, or is about to ------------------------------------------------------------------


def test_what_is_due_now_has_nothing_before_it() -> None:
    answer = ask("send:welcome", snapshot(), campaign(TRACK))
    assert (answer.obstacles, answer.next_at) == ((), MONDAY)
    assert "at the next look" in answer.summary


def test_a_mail_that_was_sent_is_told_with_its_time_and_version() -> None:
    mail = Mail("new-website", "welcome", 1, MONDAY - DAY, "sent", "campaign-1")
    answer = ask("send:welcome", at(standing("pause", "welcome")), campaign(TRACK), mails=(mail,))
    assert "welcome was sent on Sun 2026-03-01 10:00" in answer.summary
    assert answer.happened[0].version == "campaign-1"


def test_a_mail_that_was_sent_under_a_former_name_did_happen() -> None:
    mail = Mail("new-website", "hello", 1, MONDAY - DAY, "sent", "campaign-1")
    known = replace(campaign(TRACK), former={"welcome": frozenset({"hello"})})
    answer = ask("send:welcome", at(standing("pause", "hello", "welcome")), known, mails=(mail,))
    assert [(one.step, one.at) for one in answer.happened] == [("hello", MONDAY - DAY)]


def test_a_mail_that_never_left_says_why() -> None:
    mail = Mail("new-website", "welcome", 1, MONDAY, "withheld", "", "consent was withdrawn")
    answer = ask("send:welcome", at(standing("pause", "welcome")), campaign(TRACK), mails=(mail,))
    assert "never left on Mon 2026-03-02 10:00: consent was withdrawn" in answer.summary


def test_the_first_time_does_not_count_for_the_second() -> None:
    mails = (Mail("new-website", "cases", 1, MONDAY - 90 * DAY, "sent"),)
    first = standing(None, "welcome", "pause", "cases", entered_at=MONDAY - 95 * DAY)
    first = replace(first, state=EnrolmentState.FINISHED, ended_at=MONDAY - 30 * DAY)
    second = replace(standing("pause", "welcome"), id=2, occurrence=2)
    answer = ask("send:cases", at(first, second), campaign(TRACK), mails=mails)
    assert [(one.occurrence, one.counts) for one in answer.happened] == [(1, False)]
    assert codes(answer) == ["waiting"]
    assert answer.next_at == MONDAY + 3 * DAY


def test_a_step_that_is_no_mail_is_done_not_sent() -> None:
    record = DecisionRecord("done", "tag", "new-website", "campaign-1", "mark")
    plan = campaign([DoStep("mark", "tag", {}), wait("pause", DAY)])
    kept = (Kept(MONDAY - DAY, record),)
    answer = ask("do:mark", at(standing("pause", "mark")), plan, kept=kept)
    assert "comes by mark, where this is done: tag" in answer.summary
    assert "send" not in answer.summary


def test_a_wait_that_is_over_is_done_though_no_record_tells_when() -> None:
    answer = ask("wait:pause", at(standing("cases", "welcome", "pause")), campaign(TRACK))
    assert "It did happen: pause is done with" in answer.summary


# --- the person -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lifecycle", "lift"),
    [
        (Lifecycle.JUNK, Lift.SOMETHING),
        (Lifecycle.PROSPECT, Lift.SOMETHING),
        (Lifecycle.CUSTOMER, Lift.NOTHING),
        (Lifecycle.DISQUALIFIED, Lift.NOTHING),
    ],
)
def test_who_is_no_contact_is_sent_nothing(lifecycle: Lifecycle, lift: Lift) -> None:
    answer = ask("send:welcome", snapshot(contact=contact(lifecycle=lifecycle)), campaign(TRACK))
    assert (answer.obstacles[0].code, answer.obstacles[0].lift, answer.next_at) == ("lifecycle", lift, None)


def test_who_was_put_off_comes_back_on_the_date() -> None:
    resting = contact(lifecycle=Lifecycle.RECYCLED, recycle_at=MONDAY + 5 * DAY)
    answer = ask("send:welcome", snapshot(contact=resting), campaign(TRACK))
    assert found(answer, "lifecycle").lifts_at == answer.next_at == MONDAY + 5 * DAY


def test_who_the_next_look_disqualifies_gets_nothing() -> None:
    of = snapshot(contact=contact(answers={"role": "student"}))
    obstacle = found(ask("send:welcome", of, campaign(TRACK)), "disqualified")
    assert (obstacle.rule, obstacle.words) == (
        "student",
        'the next look disqualifies the person: no budget: role is "student"',
    )


def test_who_was_set_aside_waits_for_what_fails_to_be_put_right() -> None:
    answer = ask("send:welcome", snapshot(), campaign(TRACK), stuck="RuntimeError: boom")
    assert (codes(answer), answer.next_at) == (["stuck"], None)


# --- coming into the campaign -----------------------------------------------------------------------


def test_a_campaign_that_is_not_live() -> None:
    other = campaign([send("hello")], name="other", version_id=2)
    plan = Plan(PROFILE, {2: other}, (2,))
    answer = ask("new-website/send:welcome", snapshot(), campaign(TRACK), other, plan=plan)
    assert found(answer, "not_live").needs == "publishing new-website"


def test_the_audience_with_the_values_seen() -> None:
    of = snapshot(contact=contact(interests=("garden",)))
    obstacle = found(ask("enrol:new-website", of, campaign(TRACK)), "audience")
    assert obstacle.words.endswith('interests are "garden", without "website"')
    assert obstacle.needs == 'interests include "website"'


def test_what_is_missing_is_named_as_missing() -> None:
    plan = campaign(TRACK, audience=parse("account.employees >= 5"))
    obstacle = found(ask("enrol:new-website", snapshot(), plan), "audience")
    assert "number of employees is unknown; what is not known lets nobody in" in obstacle.words


def test_who_would_leave_at_once_is_not_let_in() -> None:
    plan = campaign(TRACK, exit_when=parse('visited("/jobs")'))
    answer = ask("enrol:new-website", snapshot([visited("/jobs")]), plan)
    assert found(answer, "exit").needs == 'never visited "/jobs"'


def test_a_way_in_that_nobody_came_by() -> None:
    entry = SignalEntry("submitted", parse('form == "brochure"', names=SIGNAL_NAMES), 30 * DAY)
    answer = ask("enrol:new-website", snapshot(), campaign(TRACK, entries=(entry,)))
    assert found(answer, "entry").needs == "a signal (submitted brochure form) of the last 30 days"


def test_a_date_lets_in_on_its_day() -> None:
    entry = DateEntry(("answers", "renewal"), -14 * DAY, 7 * DAY)
    of = snapshot(contact=contact(answers={"renewal": "2026-04-01"}))
    plan = campaign(TRACK, entries=(entry,))
    answer = ask("send:welcome", of, plan, due=decide(of, plan_of(plan), MONDAY).next_at)
    assert found(answer, "entry").lifts_at == answer.next_at == datetime(2026, 3, 17, 23, tzinfo=UTC)


def test_who_is_through_may_come_again_after_a_while() -> None:
    before = standing(None, "welcome", since=MONDAY - 10 * DAY)
    ended = replace(before, state=EnrolmentState.EXITED, ended_at=MONDAY - 10 * DAY)
    plan = campaign(TRACK, reenter=30 * DAY)
    answer = ask("enrol:new-website", at(ended), plan)
    assert found(answer, "reentry").lifts_at == answer.next_at == MONDAY + 20 * DAY
    assert "(time 2)" in answer.summary


def test_a_campaign_that_takes_nobody_twice() -> None:
    ended = replace(standing(None), state=EnrolmentState.EXITED, ended_at=MONDAY - 10 * DAY)
    answer = ask("send:cases", at(ended), campaign(TRACK))
    assert (found(answer, "reentry").lift, answer.next_at) == (Lift.NOTHING, None)


# --- along the steps --------------------------------------------------------------------------------


def test_being_at_a_wait_tells_until_when() -> None:
    answer = ask("send:cases", at(standing("pause", "welcome")), campaign(TRACK))
    assert found(answer, "waiting").lifts_at == answer.next_at == MONDAY + 3 * DAY


def test_waiting_until_a_date() -> None:
    until = datetime(2026, 3, 20, 9)
    plan = campaign([WaitUntilStep("until", OnDate(until)), send("cases")])
    answer = ask("send:cases", at(standing("until")), plan)
    assert found(answer, "waiting").lifts_at == answer.next_at == datetime(2026, 3, 20, 8, tzinfo=UTC)


def test_waiting_for_something_may_end_sooner() -> None:
    plan = campaign([wait_for("reading", 'clicked("welcome")', 4 * DAY), send("cases")])
    answer = ask("send:cases", at(standing("reading")), plan)
    assert found(answer, "waiting").lifts_at == answer.next_at == MONDAY + 4 * DAY
    assert 'sooner by this: clicked "welcome"' in answer.summary


def test_steps_in_between_are_named() -> None:
    answer = ask("send:cases", at(standing("welcome")), campaign(TRACK))
    assert found(answer, "before").words == "first come pause (waits 3 days)"


def test_a_choice_that_would_go_the_other_way_tells_what_it_takes() -> None:
    answer = ask("send:yes", at(standing("welcome")), campaign(CHOICE))
    obstacle = found(answer, "choose")
    assert obstacle.words == 'at fork they would now go another way: never clicked "welcome"'
    assert (obstacle.rule, obstacle.needs) == ('clicked("welcome")', 'clicked "welcome"')


def test_a_choice_that_went_the_other_way_tells_the_values_seen_then_and_now() -> None:
    record = DecisionRecord(
        "chosen", "none of the other conditions holds", "new-website", "campaign-1", "fork", "else"
    )
    click = signal("clicked", step="welcome", campaign="new-website")
    place = at(standing(None, "welcome", "fork", "no"), signals=[click])
    answer = ask("send:yes", place, campaign(CHOICE), kept=(Kept(MONDAY - DAY, record),))
    obstacle = found(answer, "choose")
    assert obstacle.lift is Lift.NOTHING
    assert (
        "went another way on Sun 2026-03-01 10:00: none of the other conditions holds; now: clicked"
        in obstacle.words
    )
    assert [kept.record for kept in obstacle.evidence] == [record]


def test_a_split_never_changes() -> None:
    plan = campaign([Fork("test", [(50, [send("a")]), (50, [send("b")])])])
    answers = [ask(f"send:{step}", at(standing("test")), plan) for step in "ab"]
    (mine,) = [one for one in answers if one.next_at is not None]
    (other,) = [one for one in answers if one.next_at is None]
    assert mine.obstacles == ()
    assert (codes(other), other.obstacles[0].lift) == (["split"], Lift.NOTHING)


def test_a_goal_that_was_reached_skips_what_is_before_it() -> None:
    goal = GoalStep("bought", parse('visited("/thanks")'), frozenset({"welcome", "pause", "cases"}))
    record = DecisionRecord("goal_reached", 'visited "/thanks" once', "new-website", "campaign-1", "bought")
    plan = campaign([*TRACK, goal, wait("after", DAY)])
    answer = ask("send:cases", at(standing("after", "welcome", "bought")), plan, kept=(Kept(MONDAY, record),))
    assert found(answer, "goal").words.startswith("the goal bought was reached on Mon 2026-03-02 10:00")


def test_a_goal_that_holds_now_will_skip_it() -> None:
    goal = GoalStep("bought", parse('visited("/thanks")'), frozenset({"welcome", "pause", "cases"}))
    plan = campaign([*TRACK, goal])
    answer = ask("send:cases", at(standing("pause", "welcome"), signals=[visited("/thanks")]), plan)
    assert (found(answer, "goal").lift, answer.next_at) == (Lift.NOTHING, None)


def test_an_exit_that_holds_now_ends_the_campaign() -> None:
    plan = campaign(TRACK, exit_when=parse('visited("/jobs")'))
    answer = ask("send:cases", at(standing("pause", "welcome"), signals=[visited("/jobs")]), plan)
    assert (found(answer, "exit").lift, answer.next_at) == (Lift.NOTHING, None)


def test_an_exit_step_that_comes_before_is_told() -> None:
    plan = campaign(
        [wait("pause", DAY), Fork("end", [("known(contact.name)", [ExitStep("out", "over")])]), send("x")]
    )
    answer = ask("send:x", at(standing("pause")), plan)
    assert found(answer, "choose").needs == "name is unknown"


def test_a_step_on_the_track_of_a_later_stage() -> None:
    answer = ask("send:costs", at(standing("pause", "welcome")), campaign(TRACK, [send("costs")]))
    obstacle = found(answer, "stage")
    assert (
        "costs is on the track of comparison; they are in orientation, and the evidence for" in obstacle.words
    )
    assert obstacle.needs == "10 more points of evidence for comparison"


def test_a_step_on_the_track_of_an_earlier_stage_waits_for_the_evidence_to_fade() -> None:
    who = contact(stage=Stage.COMPARISON, stage_since=MONDAY - 20 * DAY)
    of = at(standing("costs", track=Stage.COMPARISON), signals=[visited("/prices")], contact=who)
    plan = campaign(TRACK, [send("costs"), wait("long", 300 * DAY)])
    answer = ask("send:welcome", of, plan)
    assert found(answer, "stage").lifts_at == answer.next_at


def test_a_version_that_lacks_the_step() -> None:
    older = campaign([send("welcome"), wait("pause", DAY)], version="campaign-0")
    newer = campaign(TRACK, version_id=2)
    plan = Plan(PROFILE, {1: older, 2: newer}, (2,))
    answer = ask("send:cases", at(standing("pause", "welcome")), newer, older, plan=plan)
    assert found(answer, "version").words == (
        "the version that they run (campaign) has no step cases; version campaign has"
    )


# --- the message ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "needs"),
    [
        ({"consents": frozenset()}, "consent", "consent for marketing"),
        ({"suppressed": True}, "suppressed", ""),
        ({"contact": contact(email=None)}, "no_address", "an e-mail address"),
    ],
)
def test_no_permission(change: dict[str, Any], code: str, needs: str) -> None:
    record = DecisionRecord("not_sent", "told before", "new-website", "campaign-1", "welcome", code)
    answer = ask(
        "send:welcome", at(standing("welcome"), **change), campaign(TRACK), kept=(Kept(MONDAY, record),)
    )
    obstacle = found(answer, code)
    assert (obstacle.needs, answer.next_at, len(obstacle.evidence)) == (needs, None, 1)


def test_a_text_message_needs_a_telephone_number() -> None:
    of = at(standing("remind"), contact=contact(phone=None))
    answer = ask("send:remind", of, campaign([SendStep("remind", "mails/remind.sms")]))
    assert found(answer, "no_phone").needs == "a telephone number"


def test_the_window_opens_in_the_contacts_own_zone() -> None:
    office = Policy(Window(frozenset(range(1, 6)), time(9), time(17)))
    of = at(standing("welcome"), contact=contact(timezone="America/New_York"))
    answer = ask("send:welcome", of, campaign(TRACK, policy=office))
    assert found(answer, "window").lifts_at == answer.next_at == datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_the_cap_names_the_mails_that_count_and_when_there_is_room() -> None:
    plan = campaign(TRACK, policy=Policy(cap=Cap(1, 7 * DAY)))
    sent = (Sent("webshop", "hello", 1, MONDAY - DAY),)
    answer = ask("send:welcome", at(standing("welcome"), sent=sent), plan)
    obstacle = found(answer, "cap")
    assert "webshop/hello on Sun 2026-03-01 10:00" in obstacle.words
    assert obstacle.lifts_at == answer.next_at == MONDAY + 6 * DAY


def test_why_not_tells_of_a_pause_and_of_how_often_they_want_mail() -> None:
    sent = (Sent("webshop", "hello", 1, MONDAY - DAY),)
    wishes = Wishes(apart=7 * DAY, paused_until=MONDAY + DAY)
    answer = ask("send:welcome", at(standing("welcome"), sent=sent, wishes=wishes), campaign(TRACK))
    assert found(answer, "paused").lifts_at == MONDAY + DAY
    assert found(answer, "cap").words.startswith("they asked for no more than 1 message in 7 days")
    assert answer.next_at == MONDAY + 6 * DAY


def test_a_campaign_of_higher_priority_goes_first() -> None:
    cap = Cap(1, 7 * DAY)
    mine = campaign([send("mine")], policy=Policy(cap=cap))
    other = campaign([send("theirs")], name="other", version_id=2, policy=Policy(cap=cap, priority=9))
    places = [standing("mine"), replace(standing("theirs"), id=2, campaign="other", version_id=2)]
    answer = ask("send:mine", at(*places), mine, other)
    assert found(answer, "priority").words.startswith("other goes first (priority 9 before 0): theirs on Mon")
    assert answer.next_at == MONDAY + 7 * DAY


def test_a_message_on_the_way_that_is_held_back_holds_back_what_follows() -> None:
    answer = ask("send:cases", at(standing("welcome"), consents=frozenset()), campaign(TRACK))
    assert codes(answer) == ["consent", "before"]
    assert answer.obstacles[0].step == "welcome"


# --- stage, promotion, hand-over --------------------------------------------------------------------


def test_a_later_stage_tells_the_points_and_the_signals_that_would_count() -> None:
    obstacle = found(ask("stage:comparison", snapshot([visited("/prices")]), campaign(TRACK)), "stage")
    assert "6 points of 10 needed (it would be: visited /prices, 6 points" in obstacle.words


def test_an_earlier_stage_comes_when_the_evidence_has_faded() -> None:
    who = contact(stage=Stage.COMPARISON, stage_since=MONDAY - 20 * DAY)
    of = snapshot([visited("/prices")], contact=who)
    answer = ask("stage:orientation", of, campaign(TRACK))
    assert found(answer, "stage_holds").lifts_at == answer.next_at


def test_a_stage_told_by_hand_without_a_date_holds_until_they_do_something() -> None:
    who = contact(stage=Stage.COMPARISON, stage_since=MONDAY, stage_told_at=MONDAY)
    answer = ask("stage:orientation", snapshot(contact=who), campaign(TRACK))
    assert found(answer, "stage_holds").words == (
        "the stage was told by hand on Mon 2026-03-02 10:00, and holds until what they do leads further"
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("send:welcome", "Why was welcome of new-website not sent?"),
        ("wait:pause", "Why did they not come to pause of new-website?"),
        ("enrol:new-website", "Why did they not enter new-website?"),
        ("stage:decision", "Why are they not in decision?"),
        ("promote", "Why are they no prospect?"),
        ("hand_over", "Why were they not given to sales?"),
    ],
)
def test_what_is_asked_is_said_as_a_sentence(asked: str, sentence: str) -> None:
    assert ask(asked, snapshot(), campaign(TRACK)).question == sentence


def test_the_stage_they_are_in_is_told_as_such() -> None:
    assert (
        ask("stage:orientation", snapshot(), campaign(TRACK)).summary == "It did happen: is in orientation."
    )


def test_promotion_tells_both_ways_and_what_each_lacks() -> None:
    answer = ask("promote", snapshot(account=FITTING), campaign(TRACK))
    assert codes(answer) == ["buying_signal", "promote"]
    assert (
        "fit is 50 of 60 needed (more can come from budget, +40: budget is unknown)"
        in answer.obstacles[0].words
    )
    assert "a buying signal" in answer.summary


def test_ways_to_become_a_prospect_are_told_as_ways_of_which_one_is_enough() -> None:
    answer = ask("promote", snapshot(account=FITTING), campaign(TRACK))
    assert answer.summary == (
        "Nothing but this can bring it: either a buying signal (submitted quote form) and 10 more points "
        "of fit, or fit is at least 60 and engagement is at least 25 and stage is one of "
        '"comparison", "decision".'
    )


def test_only_the_part_of_a_condition_that_lacks_is_needed() -> None:
    who = contact(answers={"budget": "10k+"}, stage=Stage.COMPARISON, stage_since=MONDAY)
    answer = ask("promote", snapshot(contact=who, account=FITTING), campaign(TRACK))
    assert found(answer, "promote").needs == "engagement is at least 25"


def test_who_has_all_it_takes_needs_nothing_but_the_answer_of_sales() -> None:
    who = contact(answers={"budget": "10k+"}, stage=Stage.COMPARISON, stage_since=MONDAY)
    looks = [visited("/prices")] * 5
    of = snapshot(looks, contact=who, account=FITTING, open_handover=True)
    answer = ask("promote", of, campaign(TRACK))
    assert codes(answer) == ["with_sales"]
    assert answer.summary == "Nothing but this can bring it: sales' answer."


def test_junk_is_told_for_lack_of_what() -> None:
    nameless = contact(lifecycle=Lifecycle.JUNK, name=None, email=None, phone=None)
    answer = ask("promote", snapshot(contact=nameless), campaign(TRACK))
    assert found(answer, "lifecycle").words == "the person is junk: no name, no email or phone"


def test_a_stage_that_is_passed_over_on_the_way_back_is_told_with_the_day() -> None:
    who = contact(stage=Stage.DECISION, stage_since=MONDAY - 20 * DAY)
    answer = ask("stage:comparison", snapshot([QUOTE], contact=who), campaign(TRACK))
    assert "the person goes back from decision to orientation" in found(answer, "comes_between").words


def test_a_buying_signal_of_a_machine_is_told_as_what_it_is() -> None:
    probable = signal("submitted", classed=SignalClass.PROBABLE, form="quote")
    answer = ask("promote", snapshot([probable], account=FITTING), campaign(TRACK))
    assert "there is none (only probable: submitted quote form)" in found(answer, "buying_signal").words


def test_who_was_given_back_needs_to_do_something_new() -> None:
    who = contact(answers={"budget": "10k+"}, stage=Stage.DECISION, stage_since=MONDAY)
    of = snapshot([replace(QUOTE, at=MONDAY - HOUR)], contact=who, account=FITTING, rejected_at=MONDAY)
    assert "news" in codes(ask("promote", of, campaign(TRACK)))


def test_a_prospect_was_promoted() -> None:
    record = DecisionRecord("promoted", "a buying signal", None, "profile-1", rule="quote")
    of = snapshot(contact=contact(lifecycle=Lifecycle.PROSPECT))
    answer = ask("promote", of, campaign(TRACK), kept=(Kept(MONDAY, record),))
    assert "becomes a prospect: a buying signal" in answer.summary


def test_without_a_handover_sales_is_not_told() -> None:
    answer = ask("hand_over", snapshot(), campaign(TRACK, handover=None))
    assert "no_handover" in codes(answer)


def test_what_comes_between_is_foreseen() -> None:
    plan = campaign([wait("pause", DAY), Fork("late", [('sent("s", within=2d)', [send("x")])])])
    of = at(standing("pause"), sent=(Sent("new-website", "s", 1, MONDAY - 36 * HOUR),))
    answer = ask("send:x", of, plan)
    assert (codes(answer)[-1], answer.next_at) == ("comes_between", None)
    assert "goes on at late by what is known: none of its conditions holds" in answer.obstacles[-1].words


# --- the question -----------------------------------------------------------------------------------

SHOP = campaign([send("welcome"), wait("rest", DAY)], name="webshop", version_id=2)


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ("send:welcome", "welcome is a step of new-website and of webshop", "new-website/send:welcome or"),
        ("send:pause", "pause is a wait step of new-website, not a send step", "new-website/wait:pause"),
        ("send:casse", "no campaign has a send step 'casse'; did you mean cases?", ""),
        ("webshop/cases", "webshop has no step 'cases'; there are: rest, welcome", ""),
        ("webshpo/welcome", "there is no campaign 'webshpo'; did you mean webshop?", ""),
        ("enrol:webshpo", "there is no campaign 'webshpo'; did you mean webshop?", ""),
        ("stage:desicion", "there is no stage 'desicion'; did you mean decision?", ""),
    ],
)
def test_a_question_after_what_is_not_there(asked: str, message: str, hint: str) -> None:
    with pytest.raises(NurtureError) as told:
        read_question(asked, [campaign(TRACK), SHOP])
    assert told.value.message == message
    assert hint in told.value.hint


@pytest.mark.parametrize("asked", ["", ":", "send:", "sned:welcome", "promote:x", "a/enrol:b"])
def test_what_is_no_question(asked: str) -> None:
    with pytest.raises(QuestionError):
        read_question(asked, [campaign(TRACK)])


def test_a_step_of_two_campaigns_is_told_apart_by_its_kind() -> None:
    other = campaign([wait("cases", DAY)], name="webshop", version_id=2)
    assert read_question("wait:cases", [campaign(TRACK), other]).words == "webshop/wait:cases"


def test_a_new_occurrence_gets_an_id_of_its_own() -> None:
    old = replace(standing("x"), id=2, campaign="other", version_id=9)
    decision = decide(at(old), plan_of(campaign(TRACK)), MONDAY)
    assert sorted(one.id for one in apply(at(old), decision, MONDAY).enrolments) == [2, 3]
    assert [effect.step for effect in decision.effects if isinstance(effect, Send)] == ["welcome"]
