"""Why somebody stands where they stand is told with its points, and what it says of the future comes true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nurture.core.assess import measure
from nurture.core.campaign import Campaign
from nurture.core.decide import decide
from nurture.core.model import DecisionRecord, SignalClass, Snapshot, Stage
from nurture.core.obstacles import Case
from nurture.core.plan import Plan
from nurture.core.telling import Kept
from nurture.core.whystage import WhyStage, why_stage
from nurture.language.conditions import parse
from tests.core.make import DAY, FITTING, MONDAY, PROFILE, QUOTE, campaign, contact, send, snapshot, visited

SECOND = timedelta(seconds=1)
COMPARING = contact(stage=Stage.COMPARISON, stage_since=MONDAY - 2 * DAY)


def plan_of(*campaigns: Campaign) -> Plan:
    return Plan(PROFILE, {1: campaigns[0]} if campaigns else {}, (1,) if campaigns else ())


def told(of: Snapshot, plan: Plan | None = None, now: datetime = MONDAY, **more: Any) -> WhyStage:
    return why_stage(Case(of, plan or plan_of(campaign([send("welcome")])), now, now, UTC, **more))


def test_the_change_of_stage_is_told_with_its_record() -> None:
    to = {"from": "orientation", "to": "comparison", "signals": ()}
    kept = Kept(
        MONDAY - 2 * DAY, DecisionRecord("stage_changed", "12 points", None, "profile-1", evidence=to)
    )
    why = told(snapshot([visited("/prices")], contact=COMPARING), kept=(kept,))
    assert why.summary == "in comparison since Sat 2026-02-28 10:00: 12 points"
    assert why.because == (kept,)


def test_who_never_moved_is_where_everybody_begins() -> None:
    assert "where everybody begins" in told(snapshot()).summary


def test_a_change_that_the_next_look_makes_is_told_as_such() -> None:
    why = told(snapshot([visited("/prices", id=1), visited("/prices", id=2)]))
    assert why.stage is Stage.COMPARISON
    assert why.summary.startswith("the next look moves the person from orientation to comparison: 12 points")


def test_each_stage_has_its_points_and_its_own_signals() -> None:
    why = told(snapshot([visited("/portfolio", id=1), visited("/prices", id=2)]))
    assert [(one.stage.value, one.points) for one in why.evidence] == [
        ("orientation", 8),
        ("comparison", 6),
        ("decision", 0),
    ]
    assert [len(one.signals) for one in why.evidence] == [1, 1, 0]


@pytest.mark.parametrize(
    ("classed", "why"),
    [(SignalClass.PROBABLE, "only probably a person's"), (SignalClass.MACHINE, "a machine made it")],
)
def test_what_does_not_count_is_named_with_the_reason(classed: SignalClass, why: str) -> None:
    (uncounted,) = told(snapshot([visited("/prices", classed=classed)])).uncounted
    assert uncounted == f"visited /prices on Mon 2026-03-02 10:00: {why}"


def test_what_the_next_stage_lacks() -> None:
    why = told(snapshot([visited("/prices")]))
    assert why.next is not None
    assert why.next.needs == "4 more points of evidence for comparison"


@pytest.mark.parametrize("signals", [[visited("/prices")], [visited("/prices"), replace(QUOTE, id=2)]])
def test_they_fall_back_when_it_is_said_and_not_before(signals: list[Any]) -> None:
    who = replace(COMPARING, stage=Stage.DECISION) if len(signals) > 1 else COMPARING
    of, plan = snapshot(signals, contact=who), plan_of(campaign([send("welcome")]))
    why = told(of, plan)
    assert why.falls_at is not None
    assert decide(of, plan, why.falls_at).stage is why.falls_to
    assert decide(of, plan, why.falls_at - 2 * SECOND).stage is who.stage


def test_fit_tells_hits_misses_and_what_is_unknown_for_lack_of_which_field() -> None:
    why = told(snapshot(account=replace(FITTING, country=None), contact=contact(answers={"budget": "1k"})))
    assert [one.rule for one in why.hits] == ["sme"]
    assert [(one.rule, one.points) for one in why.misses] == [("budget", 40)]
    assert [(one.rule, one.lacks) for one in why.unknowns] == [("region", ("account.country",))]


def test_fading_engagement_crosses_what_conditions_ask_for_when_it_is_said() -> None:
    asks = campaign([send("welcome")], audience=parse("engagement >= 20"))
    of = snapshot([replace(QUOTE, at=MONDAY)])
    plan = plan_of(asks)
    why = told(of, plan)
    assert [(one.below, one.asked_by) for one in why.crossings] == [
        (25, "the promote condition"),
        (20, "the audience of new-website"),
    ]
    for one in why.crossings:
        before, after = (
            measure(of, PROFILE, plan.signal_rules, {}, at).engagement for at in (one.at - 2 * SECOND, one.at)
        )
        assert after < one.below <= before


def test_what_promotion_lacks_is_what_why_not_tells() -> None:
    assert [one.code for one in told(snapshot()).lacks] == ["buying_signal", "promote"]
