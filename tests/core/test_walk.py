from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from nurture.core.campaign import Campaign, Cap, ChooseStep, Policy, SplitStep, Window
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Enrolment, Lifecycle, Sent, Signal, Snapshot, Stage, Wishes
from nurture.core.outgoing import Ledger, Look
from nurture.core.walk import Walked, choose_arm, walk
from tests.core.make import (
    DAY,
    HOUR,
    MONDAY,
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

OFFICE = Policy(Window(frozenset(range(1, 6)), time(9), time(17, 30)))
TRACK = [send("welcome"), wait("pause", 3 * DAY), send("cases")]


def standing(step: str | None, since: datetime = MONDAY, *done: str, **more: Any) -> Enrolment:
    return Enrolment(1, 1, "new-website", 1, 1, Stage.ORIENTATION, step, since, MONDAY - DAY, done, **more)


def go(
    plan: Campaign,
    place: Enrolment,
    now: datetime = MONDAY,
    of: Snapshot | None = None,
    arrived: bool = True,
) -> Walked:
    of = snapshot() if of is None else of
    ledger = Ledger(of)
    facts = SnapshotFacts(of, 0, 0.0, Stage.ORIENTATION, now, sent=ledger.sent)
    return walk(Look(of, facts, ledger, Lifecycle.CONTACT, now), plan, place, arrived=arrived)


def steps_sent(walked: Walked) -> list[str]:
    return [one.step for one in walked.effects]


def click(at: datetime = MONDAY) -> Signal:
    return signal("clicked", at, step="welcome", campaign="new-website")


def test_a_walk_goes_on_until_it_must_wait() -> None:
    walked = go(campaign(TRACK), standing("welcome"))
    assert steps_sent(walked) == ["welcome"]
    assert (walked.enrolment.step, walked.enrolment.done) == ("pause", ("welcome",))
    assert walked.next_at == MONDAY + 3 * DAY


def test_what_was_done_says_when_it_goes_on() -> None:
    (record,) = go(campaign(TRACK), standing("welcome")).records
    assert (record.what, record.step, record.version, record.next_at) == (
        "sent",
        "welcome",
        "campaign-1",
        MONDAY + 3 * DAY,
    )


def test_a_walk_that_stands_changes_and_says_nothing() -> None:
    place = standing("pause", MONDAY, "welcome")
    walked = go(campaign(TRACK), place, MONDAY + DAY, arrived=False)
    assert walked == (place, [], [], MONDAY + 3 * DAY, [], None, ())


def test_at_the_end_of_its_track_it_rests() -> None:
    walked = go(campaign(TRACK), standing("cases"))
    assert (walked.enrolment.step, walked.next_at) == (None, None)
    assert [record.what for record in walked.records] == ["sent", "track_ended"]


def test_a_message_goes_out_in_the_contacts_language_or_the_campaigns() -> None:
    in_english = snapshot(contact=contact(locale="en"))
    sent = [go(campaign(TRACK), standing("welcome"), of=of).effects[0] for of in (in_english, snapshot())]
    assert [one.locale for one in sent] == ["en", "nl"]


# --- clocks -----------------------------------------------------------------------------------------


def test_the_clock_after_a_wait_starts_when_it_ended_not_when_somebody_looked() -> None:
    plan = campaign([wait("one", DAY), wait("two", DAY)])
    walked = go(plan, standing("one"), MONDAY + DAY + HOUR)
    assert walked.next_at == MONDAY + 2 * DAY


def test_a_message_goes_out_now_and_what_follows_counts_from_now() -> None:
    late = MONDAY + 30 * DAY
    walked = go(campaign([wait("one", DAY), *TRACK]), standing("one"), late)
    assert (steps_sent(walked), walked.next_at) == (["welcome"], late + 3 * DAY)


def test_the_rest_at_the_end_of_a_track_begins_when_it_is_seen() -> None:
    late = MONDAY + 30 * DAY
    assert go(campaign([wait("one", DAY)]), standing("one"), late).enrolment.since == late


# --- waiting for something --------------------------------------------------------------------------

WAITING = [wait_for("read-it", 'clicked("welcome")', 4 * DAY), send("cases")]


def test_a_wait_for_goes_on_as_soon_as_its_condition_holds() -> None:
    walked = go(campaign(WAITING), standing("read-it"), MONDAY + HOUR, snapshot([click()]))
    assert steps_sent(walked) == ["cases"]
    assert walked.records[0].what == "went_on"


def test_a_wait_for_waits_at_most_so_long() -> None:
    walked = go(campaign(WAITING), standing("read-it"), MONDAY + HOUR)
    assert (steps_sent(walked), walked.next_at) == ([], MONDAY + 4 * DAY)


def test_a_wait_for_in_vain_goes_on_and_says_so() -> None:
    walked = go(campaign(WAITING), standing("read-it"), MONDAY + 4 * DAY)
    assert steps_sent(walked) == ["cases"]
    assert walked.records[0].reason == "waited 4 days in vain"


def test_what_happened_before_the_enrolment_ends_no_wait() -> None:
    of = snapshot([click(MONDAY - 2 * DAY)])
    assert steps_sent(go(campaign(WAITING), standing("read-it"), of=of)) == []


# --- forks ------------------------------------------------------------------------------------------

CHOICE = [
    Fork(
        "fork",
        [
            ('visited("/prices")', [send("costs")]),
            ('visited("/portfolio")', [send("cases")]),
            (None, [send("how")]),
        ],
    ),
    send("after"),
]


@pytest.mark.parametrize(("page", "mail"), [("/prices", "costs"), ("/portfolio", "cases"), ("/jobs", "how")])
def test_a_choose_takes_the_first_branch_that_matches_and_goes_on_behind_it(page: str, mail: str) -> None:
    walked = go(campaign(CHOICE), standing("fork"), of=snapshot([visited(page)]))
    assert steps_sent(walked) == [mail, "after"]


def test_unknown_takes_no_branch() -> None:
    plan = campaign([Fork("fork", [("account.employees > 5", [send("big")])]), send("after")])
    assert steps_sent(go(plan, standing("fork"))) == ["after"]


def test_a_choose_taken_before_is_taken_the_same_way() -> None:
    again = standing("fork", MONDAY, "fork", "costs")
    walked = go(campaign(CHOICE), again, of=snapshot([visited("/portfolio")]))
    assert steps_sent(walked) == ["after"]


def test_a_choose_of_whose_branches_nothing_was_done_is_taken_anew() -> None:
    again = standing("fork", MONDAY, "fork")
    assert steps_sent(go(campaign(CHOICE), again)) == ["how", "after"]


SPLIT = campaign([Fork("proof", [(45, [send("a")]), (45, [send("b")]), (10, [])]), send("after")])


def test_a_split_is_the_same_for_ever() -> None:
    split = SPLIT.steps["proof"]
    assert isinstance(split, SplitStep)
    arms = [choose_arm(contact_id, "new-website", split) for contact_id in range(1, 7)]
    assert [arm.name for arm in arms if arm] == ["b", "a", "a", "a", "a", "b"]


def test_a_split_gives_each_arm_its_share() -> None:
    split = SPLIT.steps["proof"]
    assert isinstance(split, SplitStep)
    arms = Counter(arm.name for n in range(10_000) if (arm := choose_arm(n, "new-website", split)))
    assert arms["a"] == pytest.approx(4500, rel=0.05)
    assert arms["hold-out-proof"] == pytest.approx(1000, rel=0.1)


def test_the_arm_of_a_split_is_recorded() -> None:
    records = go(SPLIT, standing("proof")).records
    assert (records[0].what, records[0].evidence["arm"]) == ("split", "b")


def test_who_is_held_out_goes_on_behind_the_split() -> None:
    held_out = Enrolment(1, 8, "new-website", 1, 1, Stage.ORIENTATION, "proof", MONDAY, MONDAY)
    assert steps_sent(go(SPLIT, held_out)) == ["after"]


# --- what is done is done ---------------------------------------------------------------------------


def test_steps_already_done_are_passed_over_without_effect() -> None:
    walked = go(campaign(TRACK), standing("welcome", MONDAY, "welcome", "pause"))
    assert steps_sent(walked) == ["cases"]


def test_a_message_in_the_outbox_is_never_sent_again() -> None:
    of = snapshot(sent=(Sent("new-website", "welcome", 1, MONDAY - DAY, "failed"),))
    assert steps_sent(go(campaign(TRACK), standing("welcome"), of=of)) == []


def test_a_campaign_that_runs_in_a_circle_stops_for_a_while() -> None:
    circle = replace(campaign([]), steps={"one": ChooseStep("one", (), "one")})
    walked = go(circle, standing("one"))
    assert ([record.what for record in walked.records][-1], walked.next_at) == (
        "stopped",
        MONDAY + timedelta(minutes=1),
    )


# --- refusals ---------------------------------------------------------------------------------------


def test_without_consent_it_stands_and_says_so_once() -> None:
    of = snapshot(consents=frozenset())
    first = go(campaign(TRACK), standing("welcome"), of=of)
    then = go(campaign(TRACK), standing("welcome"), MONDAY + DAY, of, arrived=False)
    assert [(record.what, record.rule) for record in first.records] == [("not_sent", "consent")]
    assert (first.next_at, then.records) == (None, [])


def test_outside_the_window_it_stands_until_it_opens() -> None:
    saturday = MONDAY + 5 * DAY
    walked = go(campaign(TRACK, policy=OFFICE), standing("welcome"), saturday)
    assert (walked.records[0].rule, walked.next_at) == ("window", MONDAY + 7 * DAY - 2 * HOUR)
    assert walked.records[0].reason == (
        "mail goes out Mon, Tue, Wed, Thu, Fri 09:00-17:30 (Europe/Amsterdam)"
    )


def test_a_refusal_told_before_is_not_told_again() -> None:
    saturday = MONDAY + 5 * DAY
    place = standing("welcome", saturday)
    again = go(campaign(TRACK, policy=OFFICE), place, saturday + HOUR, arrived=False)
    assert (again.records, again.next_at) == ([], MONDAY + 7 * DAY - 2 * HOUR)


def test_the_window_is_in_the_contacts_own_zone() -> None:
    of = snapshot(contact=contact(timezone="Asia/Tokyo"))
    assert go(campaign(TRACK, policy=OFFICE), standing("welcome"), of=of).next_at == MONDAY + 14 * HOUR


def test_the_cap_counts_all_campaigns() -> None:
    of = snapshot(sent=(Sent("webshop", "hello", 1, MONDAY - DAY),))
    walked = go(campaign(TRACK, policy=Policy(cap=Cap(1, 7 * DAY))), standing("welcome"), of=of)
    assert (walked.records[0].rule, walked.next_at) == ("cap", MONDAY + 6 * DAY)


def test_the_cap_counts_what_this_very_walk_sends() -> None:
    plan = campaign([send("one"), send("two")], policy=Policy(cap=Cap(1, 7 * DAY)))
    walked = go(plan, standing("one"))
    assert (steps_sent(walked), walked.next_at) == (["one"], MONDAY + 7 * DAY)


def test_a_message_that_never_left_does_not_count_for_the_cap() -> None:
    of = snapshot(sent=(Sent("webshop", "hello", 1, MONDAY - DAY, "withheld"),))
    plan = campaign([send("one")], policy=Policy(cap=Cap(1, 7 * DAY)))
    assert steps_sent(go(plan, standing("one"), of=of)) == ["one"]


def test_when_the_cap_frees_at_night_it_is_the_next_morning() -> None:
    at_night = MONDAY + timedelta(hours=12)
    of = snapshot(sent=(Sent("webshop", "hello", 1, at_night - 7 * DAY + 3 * HOUR),))
    plan = campaign(TRACK, policy=Policy(OFFICE.window, Cap(1, 7 * DAY)))
    assert go(plan, standing("welcome"), of=of).next_at == MONDAY + DAY - 2 * HOUR


def test_a_cap_of_no_messages_waits_for_no_time() -> None:
    walked = go(campaign(TRACK, policy=Policy(cap=Cap(0, DAY))), standing("welcome"))
    assert (walked.records[0].rule, walked.next_at) == ("cap", None)


# --- what they wish themselves -----------------------------------------------------------------------


def test_nobody_gets_more_mail_than_they_asked_for() -> None:
    of = snapshot(sent=(Sent("webshop", "hello", 1, MONDAY - DAY),), wishes=Wishes(apart=7 * DAY))
    walked = go(campaign(TRACK), standing("welcome"), of=of)
    assert (walked.records[0].rule, walked.next_at) == ("cap", MONDAY + 6 * DAY)
    assert walked.records[0].reason == "they asked for no more than 1 message in 7 days"


@pytest.mark.parametrize(("cap", "frees"), [(Cap(1, 30 * DAY), 29), (Cap(5, DAY), 6)])
def test_their_own_limit_and_the_cap_hold_both(cap: Cap, frees: int) -> None:
    of = snapshot(sent=(Sent("webshop", "hello", 1, MONDAY - DAY),), wishes=Wishes(apart=7 * DAY))
    assert go(campaign(TRACK, policy=Policy(cap=cap)), standing("welcome"), of=of).next_at == (
        MONDAY + frees * DAY
    )


def test_a_pause_lasts_until_it_ends_and_then_the_window_counts() -> None:
    of = snapshot(wishes=Wishes(paused_until=MONDAY + 5 * DAY))
    walked = go(campaign(TRACK, policy=OFFICE), standing("welcome"), of=of)
    assert (walked.records[0].rule, walked.next_at) == ("paused", MONDAY + 7 * DAY - 2 * HOUR)


def test_a_pause_that_is_over_holds_nothing_up() -> None:
    of = snapshot(wishes=Wishes(paused_until=MONDAY - HOUR))
    assert steps_sent(go(campaign(TRACK), standing("welcome"), of=of)) == ["welcome"]


def test_a_purpose_for_which_nobody_has_to_agree_needs_no_consent() -> None:
    of = snapshot(consents=frozenset(), assumed=frozenset({"marketing"}))
    assert steps_sent(go(campaign(TRACK), standing("welcome"), of=of)) == ["welcome"]
