"""A stage told by hand holds until its date, or until what happens since leads further."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from nurture.core.assess import assess
from nurture.core.decide import decide
from nurture.core.model import Decision, Signal, Stage
from nurture.core.plan import Plan
from nurture.core.telling import record_words
from tests.core.make import DAY, HOUR, MONDAY, PROFILE, contact, snapshot, visited

OLD = [visited("/prices", MONDAY - DAY)] * 3
NEWS = [visited("/prices", MONDAY + HOUR)] * 2


def told(stage: Stage, *signals: Signal, until: datetime | None = None, now: datetime = MONDAY) -> Decision:
    who = contact(stage=stage, stage_since=MONDAY, stage_told_at=MONDAY, stage_told_until=until)
    return decide(snapshot(signals, contact=who), Plan(PROFILE, {}), now)


def test_it_holds_though_nothing_speaks_for_it() -> None:
    assert told(Stage.DECISION, now=MONDAY + 100 * DAY).stage is Stage.DECISION


def test_it_holds_back_though_earlier_evidence_leads_further() -> None:
    assert told(Stage.ORIENTATION, *OLD).stage is Stage.ORIENTATION


def test_what_happens_since_leads_further() -> None:
    found = told(Stage.ORIENTATION, *OLD, *NEWS, now=MONDAY + HOUR)
    assert found.stage is Stage.COMPARISON


def test_who_has_moved_on_is_held_by_nothing() -> None:
    who = contact(stage=Stage.COMPARISON, stage_since=MONDAY + DAY, stage_told_at=MONDAY)
    after = decide(snapshot(contact=who), Plan(PROFILE, {}), MONDAY + 30 * DAY)
    assert after.stage is Stage.ORIENTATION


def test_its_date_wakes_the_contact_and_lets_go() -> None:
    until = MONDAY + 30 * DAY
    assert told(Stage.DECISION, until=until).next_at == until
    assert told(Stage.DECISION, until=until, now=until).stage is Stage.ORIENTATION


def test_why_it_stays_is_told() -> None:
    who = contact(
        stage=Stage.DECISION,
        stage_since=MONDAY,
        stage_told_at=MONDAY,
        stage_told_until=MONDAY + 30 * DAY,
    )
    assert assess(snapshot(contact=who), PROFILE, {}, MONDAY).why_stage == (
        "stays in decision, as told by hand until 2026-04-01 10:00 UTC: what happened since is 0 points"
    )


def test_back_from_a_stage_that_ran_out_is_told_as_such_and_not_as_faded() -> None:
    until = MONDAY + 30 * DAY
    (record,) = told(Stage.DECISION, until=until, now=until).records
    assert record_words(record) == (
        "goes back from decision to orientation: decision was told by hand on 2026-03-02 10:00 UTC and held "
        "until 2026-04-01 10:00 UTC; from then on the evidence decides, which is below 2.5 points"
    )


def test_on_from_a_stage_that_ran_out_is_told_as_such() -> None:
    until = MONDAY + DAY
    (record,) = told(Stage.ORIENTATION, *OLD, until=until, now=until).records
    assert record_words(record).startswith(
        "goes from orientation to comparison: orientation was told by hand on 2026-03-02 10:00 UTC and held "
        "until 2026-03-03 10:00 UTC; from then on the evidence decides, which is "
    )


def test_what_happens_after_it_ran_out_is_all_that_leads_on() -> None:
    until = MONDAY + DAY
    news = [visited("/prices", until + 40 * DAY)] * 2
    (record,) = told(Stage.ORIENTATION, *news, until=until, now=until + 40 * DAY).records
    assert "told by hand" not in record.reason


@given(st.lists(st.integers(-20, 20), max_size=5), st.sampled_from(Stage), st.integers(0, 60), st.booleans())
def test_it_is_never_left_backwards_before_its_date(
    days: list[int], stage: Stage, later: int, dated: bool
) -> None:
    signals = [visited("/prices", MONDAY + day * DAY) for day in sorted(days)]
    until = MONDAY + 61 * DAY if dated else None
    found = told(stage, *signals, until=until, now=MONDAY + later * DAY)
    assert found.stage.rank >= stage.rank
