from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nurture.core.engagement import SignalRules, find_matches
from nurture.core.model import Signal, SignalClass, Stage
from nurture.core.stage import StageFinding, find_stage
from tests.core.make import DAY, MONDAY, PROFILE, QUOTE, signal_rule, visited

LONG_AGO = MONDAY - 100 * DAY
ONE, TWO = [visited("/prices")], [visited("/prices")] * 2


def stage(
    present: Stage,
    signals: list[Signal],
    now: datetime = MONDAY,
    since: datetime | None = LONG_AGO,
    profile: object = PROFILE,
) -> StageFinding:
    assert isinstance(profile, type(PROFILE))
    matches = find_matches(signals, SignalRules(profile.signals, {}), profile.half_life, now)
    return find_stage(present, since, matches, profile, now)


def test_little_evidence_moves_nobody() -> None:
    assert stage(Stage.ORIENTATION, ONE).stage is Stage.ORIENTATION


def test_enough_evidence_moves_forward() -> None:
    assert stage(Stage.ORIENTATION, TWO).stage is Stage.COMPARISON


def test_machines_and_probable_humans_move_nobody() -> None:
    unsure = [visited("/prices", classed=classed) for classed in (SignalClass.MACHINE, SignalClass.PROBABLE)]
    assert stage(Stage.ORIENTATION, unsure * 5).stage is Stage.ORIENTATION


def test_evidence_for_a_later_stage_counts_for_the_earlier_one_too() -> None:
    plan = signal_rule("plan", "visited", 'url.path == "/plan"', 5, Stage.DECISION)
    profile = replace(PROFILE, signals=(*PROFILE.signals, plan))
    assert stage(Stage.ORIENTATION, [*ONE, visited("/plan")], profile=profile).stage is Stage.COMPARISON


def test_between_the_two_thresholds_everybody_stays_where_they_are() -> None:
    assert [stage(present, ONE).stage for present in (Stage.ORIENTATION, Stage.COMPARISON)] == [
        Stage.ORIENTATION,
        Stage.COMPARISON,
    ]


def test_faded_evidence_lets_fall_back() -> None:
    assert stage(Stage.COMPARISON, ONE, MONDAY + 30 * DAY).stage is Stage.ORIENTATION


def test_from_decision_one_falls_to_what_is_still_held_up() -> None:
    assert stage(Stage.DECISION, ONE).stage is Stage.COMPARISON


def test_nobody_falls_back_who_has_only_just_come() -> None:
    finding = stage(Stage.COMPARISON, [], since=MONDAY - 6 * DAY)
    assert (finding.stage, finding.falls_at) == (Stage.COMPARISON, MONDAY + DAY)


def test_a_buying_signal_means_decision_at_once() -> None:
    assert stage(Stage.ORIENTATION, [QUOTE]).stage is Stage.DECISION


def test_a_buying_signal_of_few_points_means_decision_as_well() -> None:
    profile = replace(PROFILE, signals=(signal_rule("quote", "submitted", None, 0, None, buying=True),))
    assert stage(Stage.ORIENTATION, [QUOTE], MONDAY + DAY, profile=profile).stage is Stage.DECISION


def test_an_old_buying_signal_does_not_bring_back_who_has_fallen() -> None:
    assert stage(Stage.ORIENTATION, [QUOTE], MONDAY + 120 * DAY).stage is Stage.ORIENTATION


def test_only_a_change_gives_its_evidence() -> None:
    assert [len(stage(Stage.ORIENTATION, some).because) for some in (ONE, TWO)] == [0, 2]


@given(
    st.lists(st.tuples(st.sampled_from(["/prices", "/portfolio"]), st.integers(0, 60)), max_size=12),
    st.sampled_from([Stage.COMPARISON, Stage.DECISION]),
    st.integers(0, 40),
)
def test_the_time_of_the_fall_is_told_beforehand(
    visits: list[tuple[str, int]], present: Stage, days_there: int
) -> None:
    signals = [visited(page, MONDAY - days * DAY) for page, days in visits]
    since = MONDAY - days_there * DAY
    finding = stage(present, signals, since=since)
    if finding.stage is not present or finding.falls_at is None:
        return
    before = stage(present, signals, finding.falls_at - timedelta(seconds=5), since)
    after = stage(present, signals, finding.falls_at, since)
    assert finding.falls_at > MONDAY
    assert before.stage is present
    assert after.stage.rank < present.rank
