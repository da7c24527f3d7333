from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nurture.core.assess import Assessment, assess
from nurture.core.model import Signal, Stage
from tests.core.make import DAY, FITTING, MONDAY, PROFILE, QUOTE, contact, snapshot, visited


def assessed(*signals: Signal, now: datetime = MONDAY, **person: object) -> Assessment:
    of = snapshot(signals, contact=contact(**person), account=FITTING)
    return assess(of, PROFILE, {}, now)


def test_it_says_how_well_somebody_fits_and_what_is_still_unknown() -> None:
    verdict = assessed().verdict
    assert (verdict.points, [one.rule for one in verdict.unknowns]) == (50, ["budget"])


def test_engagement_is_the_sum_of_its_evidence() -> None:
    found = assessed(visited("/prices"), visited("/portfolio", MONDAY - 21 * DAY))
    assert found.engagement == sum(one.points for one in found.evidence) == 7


def test_a_stage_that_stays_says_why() -> None:
    assert assessed(visited("/prices")).why_stage == ("stays in orientation: the evidence for it is 6 points")


def test_a_stage_that_goes_on_says_why() -> None:
    assert assessed(visited("/prices"), visited("/prices")).why_stage == (
        "from orientation to comparison: 12 points of evidence, 10 needed (visited /prices, just now: "
        "6 of 6 points; visited /prices, just now: 6 of 6 points)"
    )


def test_a_stage_reached_by_a_buying_signal_says_so() -> None:
    assert assessed(QUOTE).why_stage == (
        "from orientation to decision: a buying signal (submitted quote form)"
    )


def test_a_stage_that_falls_back_says_why() -> None:
    found = assessed(stage=Stage.COMPARISON, stage_since=MONDAY - 30 * DAY)
    assert found.why_stage == (
        "back from comparison to orientation: the evidence for comparison has faded below 2.5 points"
    )


def test_the_promote_condition_is_answered_in_words() -> None:
    assert assessed().promote.matched is False
    assert "50" in assessed().promote.reason


def test_who_has_done_nothing_since_sales_gave_them_back_is_held_back() -> None:
    of = snapshot([visited("/prices", MONDAY - DAY)], rejected_at=MONDAY)
    assert assess(of, PROFILE, {}, MONDAY + DAY).held_back == (
        "they have done nothing since 2026-03-02 10:00 UTC, when sales gave them back"
    )


def test_who_is_with_sales_is_held_back() -> None:
    found = assess(snapshot(open_handover=True), PROFILE, {}, MONDAY)
    assert found.held_back == "sales has them already, and has not answered for good"


def test_a_profile_without_a_promote_condition_says_so() -> None:
    found = assess(snapshot(), replace(PROFILE, promote=None), {}, MONDAY)
    assert found.promote.reason == "the profile has no promote condition"


def test_the_buying_signal_is_the_newest_one() -> None:
    newer = replace(QUOTE, id=2, at=MONDAY + DAY)
    buying = assessed(QUOTE, newer, now=MONDAY + 2 * DAY).buying
    assert buying is not None
    assert buying.signal_id == 2
