"""Steps that wait for a moment, act, jump, end, or hand over; and ways in by a signal or a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from nurture.core.campaign import (
    Campaign,
    DateEntry,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    OnDate,
    OnField,
    OnWeekday,
    SendStep,
    SignalEntry,
    Step,
    Until,
    WaitStep,
    WaitUntilStep,
    Window,
)
from nurture.core.decide import Plan, decide
from nurture.core.fold import apply
from nurture.core.model import (
    AddTag,
    AddTo,
    Change,
    Decision,
    EnrolmentState,
    HandOver,
    Lifecycle,
    Order,
    RemoveFrom,
    Revise,
    SetField,
    Snapshot,
    Stage,
    Value,
)
from nurture.core.plan import ActionPart
from nurture.core.schedule import next_allowed
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES
from tests.core.make import DAY, HOUR, MONDAY, PROFILE, campaign, contact, sends, signal, snapshot, visited

Actions = Mapping[str, ActionPart]


def act(*changes: Change, runs: bool = False) -> ActionPart:
    return ActionPart(lambda parameters, contact: changes, runs)


def chain(*steps: Any) -> dict[str, Step]:
    """Steps that follow each other."""
    following = [step.id for step in steps[1:]] + [None]
    linked = [
        step if isinstance(step, ExitStep | GoToStep) else replace(step, next=after)
        for step, after in zip(steps, following, strict=True)
    ]
    return {step.id: step for step in linked}


def planned(*steps: Any, **fields: Any) -> Campaign:
    graph = chain(*steps)
    tracks = dict.fromkeys(Stage, steps[0].id)
    return replace(campaign(**fields), steps=graph, tracks=tracks)


def plan_of(*campaigns: Campaign, actions: Actions | None = None) -> Plan:
    known = {one.version_id: one for one in campaigns}
    return Plan(PROFILE, known, tuple(known), {}, actions or {})


def live(
    plan: Plan, start: Snapshot, days: float, at: datetime = MONDAY
) -> tuple[Snapshot, list[tuple[datetime, Decision]]]:
    """Decides and applies at every alarm until `days` have passed."""
    end, now, history = at + days * DAY, at, []
    picture = start
    while True:
        decision = decide(picture, plan, now)
        history.append((now, decision))
        picture = apply(picture, decision, now)
        if decision.next_at is None or decision.next_at > end:
            return picture, history
        now = decision.next_at


def sent_at(history: Sequence[tuple[datetime, Decision]], step: str) -> list[datetime]:
    return [now for now, decision in history if step in sends(decision)]


def until(moment: Until) -> Campaign:
    return planned(WaitUntilStep("hold", moment), SendStep("late", "mails/late"))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (OnDate(datetime(2026, 3, 10, 9)), datetime(2026, 3, 10, 8, tzinfo=UTC)),
        (OnDate(datetime(2026, 3, 1, 9)), MONDAY),
        (OnWeekday(frozenset({2}), time(9)), datetime(2026, 3, 3, 8, tzinfo=UTC)),
        (OnWeekday(frozenset({1}), time(9)), datetime(2026, 3, 9, 8, tzinfo=UTC)),
        (OnField(("answers", "renewal"), -14 * DAY, time(9)), datetime(2026, 3, 18, 8, tzinfo=UTC)),
    ],
)
def test_a_wait_ends_at_its_moment_on_the_readers_clock(moment: Until, expected: datetime) -> None:
    who = snapshot(contact=contact(answers={"renewal": "01-04-2026"}))
    _, history = live(plan_of(until(moment)), who, 60)
    assert sent_at(history, "late") == [expected]


def test_a_moment_in_the_hour_that_is_skipped_is_the_moment_of_the_change() -> None:
    _, history = live(plan_of(until(OnDate(datetime(2026, 3, 29, 2, 30)))), snapshot(), 60)
    assert sent_at(history, "late") == [datetime(2026, 3, 29, 1, tzinfo=UTC)]


def test_a_moment_in_the_hour_that_comes_twice_is_the_first() -> None:
    start = datetime(2026, 10, 1, 10, tzinfo=UTC)
    _, history = live(plan_of(until(OnDate(datetime(2026, 10, 25, 2, 30)))), snapshot(), 60, start)
    assert sent_at(history, "late") == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_field_that_holds_no_date_is_not_waited_for() -> None:
    who = snapshot(contact=contact(answers={"renewal": "soon"}))
    _, history = live(plan_of(until(OnField(("answers", "renewal")))), who, 1)
    assert sent_at(history, "late") == [MONDAY]


def test_what_follows_an_action_sees_what_it_changed() -> None:
    steps = (DoStep("mark", "tag", {"": "hot"}), GoalStep("g", parse('"hot" in contact.tags')))
    after, _ = live(plan_of(planned(*steps), actions={"tag": act(AddTag("hot"))}), snapshot(), 1)
    assert after.contact.tags == ("hot",)


def test_an_action_changes_the_data_in_one_effect() -> None:
    actions = {"both": act(AddTag("hot"), SetField(("answers", "segment"), "gold"))}
    decision = decide(snapshot(), plan_of(planned(DoStep("mark", "both", {})), actions=actions), MONDAY)
    (revise,) = [effect for effect in decision.effects if isinstance(effect, Revise)]
    assert (revise.tags, dict(revise.answers)) == (("hot",), {"segment": "gold"})


def test_an_action_that_runs_outside_is_ordered_once() -> None:
    plan = plan_of(planned(DoStep("tell", "webhook", {"url": "x"})), actions={"webhook": act(runs=True)})
    _, history = live(plan, snapshot(), 30)
    orders = [each for _, decision in history for each in decision.effects if isinstance(each, Order)]
    assert [order.step for order in orders] == ["tell"]


def test_an_action_that_no_plugin_has_is_passed_over_and_says_so() -> None:
    decision = decide(
        snapshot(), plan_of(planned(DoStep("tell", "gone", {}), SendStep("on", "mails/on"))), MONDAY
    )
    assert (decision.records[1].what, sends(decision)) == ("not_done", ["on"])


def test_a_step_can_add_the_contact_to_another_campaign() -> None:
    other = planned(SendStep("news", "mails/news"), name="news", audience=parse("fit > 1000"), version_id=2)
    plan = plan_of(planned(DoStep("add", "add_to", {})), other, actions={"add_to": act(AddTo("news"))})
    assert sends(decide(snapshot(), plan, MONDAY)) == ["news"]


def test_a_step_can_take_the_contact_out_of_another_campaign() -> None:
    other = planned(WaitStep("w", 9 * DAY), SendStep("news", "mails/news"), name="news", version_id=2)
    main = planned(DoStep("out", "remove_from", {}))
    plan = plan_of(main, other, actions={"remove_from": act(RemoveFrom("news"))})
    after, history = live(plan, snapshot(), 30)
    states = {each.campaign: each.state for each in after.enrolments}
    assert (states["news"], sent_at(history, "news")) == (EnrolmentState.EXITED, [])


def test_who_reaches_a_goal_jumps_to_it() -> None:
    steps = (
        SendStep("first", "mails/first"),
        WaitStep("w", 5 * DAY),
        SendStep("push", "mails/push"),
        GoalStep("asked", parse('visited("/quote")'), frozenset({"first", "w", "push"})),
        SendStep("thanks", "mails/thanks"),
    )
    picture, _ = live(plan_of(planned(*steps)), snapshot(), 1)
    seen = replace(picture, signals=(visited("/quote", MONDAY + DAY),))
    decision = decide(seen, plan_of(planned(*steps)), MONDAY + DAY)
    assert sends(decision) == ["thanks"]


def test_an_exit_step_ends_the_enrolment() -> None:
    after, _ = live(plan_of(planned(SendStep("a", "mails/a"), ExitStep("bye", "done"))), snapshot(), 1)
    assert after.enrolments[0].state is EnrolmentState.EXITED


def test_a_loop_does_its_steps_again_in_each_lap() -> None:
    steps = (
        SendStep("remind", "mails/remind"),
        WaitStep("week", 7 * DAY),
        GoToStep("again", "remind", frozenset({"remind", "week", "again"})),
    )
    _, history = live(plan_of(planned(*steps)), snapshot(), 22)
    assert sent_at(history, "remind") == [MONDAY + number * 7 * DAY for number in range(4)]


def test_a_loop_that_waits_for_a_weekday_goes_round_once_a_week() -> None:
    steps = (
        SendStep("remind", "mails/remind"),
        WaitUntilStep("tuesday", OnWeekday(frozenset({2}), time(9))),
        GoToStep("again", "remind", frozenset({"remind", "tuesday", "again"})),
    )
    _, history = live(plan_of(planned(*steps)), snapshot(), 16)
    tuesday = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert sent_at(history, "remind") == [MONDAY, *(tuesday + week * 7 * DAY for week in range(3))]


def test_a_goal_that_holds_for_ever_does_not_hurry_a_loop() -> None:
    steps = (
        SendStep("remind", "mails/remind"),
        WaitStep("week", 7 * DAY),
        GoalStep("asked", parse('visited("/quote")'), frozenset({"remind", "week"})),
        SendStep("thanks", "mails/thanks"),
        GoToStep("again", "remind", frozenset({"remind", "week", "asked", "thanks", "again"})),
    )
    plan, who = plan_of(planned(*steps)), snapshot([visited("/quote")])
    after, _ = live(plan, who, 1)
    assert sends(decide(after, plan, MONDAY + HOUR)) == []


def test_a_step_can_bring_back_who_rests_at_the_end_of_another_campaign() -> None:
    news = planned(SendStep("news", "mails/news"), name="news", version_id=2, reenter=DAY)
    news = replace(news, audience=parse("fit > 1000"))
    steps = (DoStep("add", "add_to", {}), WaitStep("w", 9 * DAY), DoStep("more", "add_to", {}))
    plan = plan_of(planned(*steps), news, actions={"add_to": act(AddTo("news"))})
    _, history = live(plan, snapshot(), 30)
    assert sent_at(history, "news") == [MONDAY, MONDAY + 9 * DAY]


def test_who_comes_into_an_audience_by_an_action_is_looked_at_at_once() -> None:
    other = planned(SendStep("vip", "mails/vip"), name="a", version_id=2)
    other = replace(other, audience=parse('"hot" in contact.tags'))
    plan = plan_of(planned(DoStep("mark", "tag", {})), other, actions={"tag": act(AddTag("hot"))})
    _, history = live(plan, snapshot(), 1)
    assert sent_at(history, "vip") == [MONDAY + timedelta(seconds=1)]


def test_a_step_can_hand_over_whatever_the_points() -> None:
    steps = (HandOverStep("now", "sales-be", "asked for it"), SendStep("after", "mails/after"))
    decision = decide(snapshot(), plan_of(planned(*steps)), MONDAY)
    (handover,) = [effect for effect in decision.effects if isinstance(effect, HandOver)]
    assert (decision.lifecycle, handover.team) == (Lifecycle.PROSPECT, "sales-be")


def test_who_comes_back_from_sales_goes_on_behind_the_hand_over() -> None:
    plan = plan_of(planned(HandOverStep("now", None, ""), SendStep("after", "mails/after")))
    picture, _ = live(plan, snapshot(), 1)
    back = replace(
        picture, open_handover=False, contact=replace(picture.contact, lifecycle=Lifecycle.CONTACT)
    )
    assert sends(decide(back, plan, MONDAY + DAY)) == ["after"]


ENTERS = SignalEntry("submitted", parse('form == "brochure"', names=SIGNAL_NAMES), 7 * DAY)


@pytest.mark.parametrize(
    ("form", "age", "expected"),
    [("brochure", HOUR, ["a"]), ("brochure", 8 * DAY, []), ("tasting", HOUR, [])],
)
def test_a_signal_lets_in_for_a_while(form: str, age: timedelta, expected: list[str]) -> None:
    plan = plan_of(planned(SendStep("a", "mails/a"), entries=(ENTERS,)))
    who = snapshot([signal("submitted", MONDAY - age, form=form)])
    assert sends(decide(who, plan, MONDAY)) == expected


def test_a_signal_lets_in_once() -> None:
    plan = plan_of(planned(SendStep("a", "mails/a"), entries=(ENTERS,), reenter=HOUR))
    after, _ = live(plan, snapshot([signal("submitted", MONDAY - HOUR, form="brochure")]), 5)
    assert len(after.enrolments) == 1


def test_a_date_lets_in_when_it_has_come() -> None:
    entry = DateEntry(("answers", "renewal"), -30 * DAY, 7 * DAY)
    plan = plan_of(planned(SendStep("a", "mails/a"), entries=(entry,)))
    who: dict[str, Value] = {"renewal": "2026-04-30"}
    _, history = live(plan, snapshot(contact=contact(answers=who)), 60)
    assert sent_at(history, "a") == [datetime(2026, 3, 30, 22, tzinfo=UTC)]


def test_nothing_goes_out_on_a_quiet_day() -> None:
    window = Window(quiet=((datetime(2026, 3, 2).date(), datetime(2026, 3, 4).date()),))

    assert next_allowed(MONDAY, window, ZoneInfo("UTC")) == datetime(2026, 3, 5, tzinfo=UTC)


def test_who_stands_on_a_step_that_is_gone_rests() -> None:
    plan = plan_of(planned(WaitStep("w", DAY), SendStep("a", "mails/a")))
    picture, _ = live(plan, snapshot(), 0)
    lost = replace(picture, enrolments=(replace(picture.enrolments[0], step="gone"),))
    assert decide(lost, plan, MONDAY + 9 * DAY).effects == ()


def test_a_loop_with_much_to_make_up_for_goes_on_where_it_stopped() -> None:
    steps = (
        WaitStep("hour", HOUR),
        DoStep("mark", "tag", {}),
        GoToStep("again", "hour", frozenset({"hour", "mark", "again"})),
    )
    plan = plan_of(planned(*steps), actions={"tag": act(AddTag("x"))})
    picture, _ = live(plan, snapshot(), 0)
    decision = decide(picture, plan, MONDAY + 60 * DAY)
    assert decision.next_at is not None
    assert decision.next_at <= MONDAY + 60 * DAY + timedelta(minutes=1)


def test_a_date_at_the_end_of_all_times_is_no_date_to_wait_for() -> None:
    far = contact(timezone="America/New_York")
    _, history = live(plan_of(until(OnDate(datetime(9999, 12, 31, 23)))), snapshot(contact=far), 1)
    assert sent_at(history, "late") == [MONDAY]
