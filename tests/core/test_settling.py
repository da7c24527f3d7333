from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nurture.core.assess import measure
from nurture.core.decide import decide
from nurture.core.model import Lifecycle, SignalClass
from nurture.core.plan import Plan
from nurture.core.settling import settled, settles_at, unsettled
from tests.core.make import (
    DAY,
    FITTING,
    MONDAY,
    PROFILE,
    QUOTE,
    campaign,
    contact,
    send,
    sends,
    signal,
    signal_rule,
    snapshot,
    visited,
    wait_for,
)

SETTLE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)
WAITING = replace(PROFILE, settle=SETTLE)
CLICK = signal("clicked", step="welcome", campaign="new-website")


@pytest.mark.parametrize("kind", ["opened", "clicked", "visited"])
def test_what_a_scanner_could_have_done_does_not_count_until_it_has_settled(kind: str) -> None:
    happened = signal(kind)
    assert unsettled([happened], SETTLE, MONDAY + SETTLE - SECOND) == (happened,)
    assert unsettled([happened], SETTLE, MONDAY + SETTLE) == ()


@pytest.mark.parametrize("kind", ["submitted", "replied", "unsubscribed", "bounced"])
def test_what_people_send_of_their_own_accord_counts_at_once(kind: str) -> None:
    assert unsettled([signal(kind)], SETTLE, MONDAY) == ()


def test_the_picture_keeps_everything_else() -> None:
    old, new = visited("/prices", MONDAY - DAY), visited("/quote")
    assert settled(snapshot([old, QUOTE, new]), SETTLE, MONDAY).signals == (old, QUOTE)


def test_without_a_settle_time_all_counts_at_once() -> None:
    of = snapshot([CLICK])
    assert settled(of, timedelta(), MONDAY) is of


def test_the_next_look_is_when_the_first_of_them_has_settled() -> None:
    signals = [signal("clicked", MONDAY - 90 * SECOND), signal("clicked", MONDAY)]
    assert settles_at(signals, SETTLE, MONDAY) == MONDAY + 30 * SECOND


def test_nobody_waits_for_what_a_machine_made() -> None:
    assert settles_at([signal("clicked", classed=SignalClass.MACHINE)], SETTLE, MONDAY) is None


def test_what_has_not_settled_gives_no_points() -> None:
    plan = Plan(WAITING, {})
    of = snapshot([visited("/prices")])
    early = measure(of, WAITING, plan.signal_rules, {}, MONDAY)
    assert (early.engagement, early.matches) == (0, [])
    assert measure(of, WAITING, plan.signal_rules, {}, MONDAY + SETTLE).engagement == pytest.approx(6, 0.01)


def test_a_condition_does_not_see_what_has_not_settled() -> None:
    plan = Plan(WAITING, {1: campaign([wait_for("read", 'clicked("x")', 9 * DAY), send("x")])}, (1,))
    of = snapshot([signal("clicked", step="x", campaign="new-website")])
    first = decide(of, plan, MONDAY)
    assert sends(first) == []
    assert first.next_at == MONDAY + SETTLE


def test_a_buying_click_promotes_only_when_it_has_settled() -> None:
    rules = (signal_rule("call-me", "clicked", None, 40, buying=True),)
    plan = Plan(replace(WAITING, signals=rules), {})
    of = snapshot([CLICK], contact=contact(answers={"budget": "10k+"}), account=FITTING)
    assert decide(of, plan, MONDAY).lifecycle is Lifecycle.CONTACT
    assert decide(of, plan, MONDAY + SETTLE).lifecycle is Lifecycle.PROSPECT


def test_a_form_promotes_at_once() -> None:
    of = snapshot([QUOTE], contact=contact(answers={"budget": "10k+"}), account=FITTING)
    assert decide(of, Plan(WAITING, {}), MONDAY).lifecycle is Lifecycle.PROSPECT


def test_somebody_put_off_by_sales_is_looked_at_again_when_their_click_has_settled() -> None:
    away = contact(lifecycle=Lifecycle.RECYCLED, recycle_at=MONDAY + 30 * DAY)
    of = snapshot([CLICK], contact=away, rejected_at=MONDAY - DAY)
    assert decide(of, Plan(WAITING, {}), MONDAY).next_at == MONDAY + SETTLE
