"""The figures are those that one counts by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from nurture.backtest.figures import Rules, summarise
from nurture.backtest.replaying import Tally
from nurture.backtest.result import Backtest, Became, Change, Days, End, Line
from nurture.core.proportion import found
from nurture.core.replay import Promoted

SINCE = datetime(2026, 3, 4, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=28)


def promoted(day: float) -> Promoted:
    return Promoted(SINCE + timedelta(days=day), "promote", "fit is 60", 60, 30.0, "comparison")


def won(day: float, value: str | None = None, currency: str = "EUR") -> Became:
    return Became(
        End.WON,
        SINCE + timedelta(days=day),
        None if value is None else Decimal(value),
        currency if value else None,
        answer=End.ACCEPTED,
    )


LOST = Became(End.LOST, SINCE + timedelta(days=20), answer=End.REJECTED)
ACCEPTED = Became(End.ACCEPTED, SINCE + timedelta(days=9), answer=End.ACCEPTED)

LINES = [
    Line(5, "e", Change.NEITHER, None, None, won(9)),
    Line(1, "a", Change.GAINED, None, promoted(0), won(10, "100.10")),
    Line(2, "b", Change.LOST, promoted(1), None, LOST),
    Line(3, "c", Change.EARLIER, promoted(12), promoted(8), won(20, "200.20"), days=4.0),
    Line(4, "d", Change.LATER, promoted(8), promoted(9), Became(), days=-1.0),
    Line(6, "f", Change.SAME, promoted(10), promoted(10), won(13, "7.00", "USD"), days=0.0),
    Line(7, "g", Change.GAINED, None, promoted(9), ACCEPTED),
]


@pytest.fixture
def result() -> Backtest:
    tally = Tally(leads=20, signals=99, otherwise=[0, 1], disqualified=[2, 3], lines=list(LINES))
    tally.left_out.update({"won or lost before": 2})
    return summarise(tally, Rules("firm", "a", "in force"), Rules("firm", "b", "new.yaml"), SINCE, UNTIL)


def test_precision_and_recall_ask_who_was_won(result: Backtest) -> None:
    assert result.won == 4
    assert result.old.found == found(rightly=2, chosen=4, right=4)
    assert result.new.found == found(rightly=3, chosen=5, right=4)


def test_acceptance_is_over_those_whom_sales_has_answered_on(result: Backtest) -> None:
    assert (result.old.accepted.hits, result.old.accepted.of) == (2, 3)
    assert (result.new.accepted.hits, result.new.accepted.of) == (4, 4)


def test_what_was_won_is_added_up_exactly_by_currency(result: Backtest) -> None:
    assert result.old.worth == {"EUR": Decimal("200.20"), "USD": Decimal("7.00")}
    assert result.new.worth == {"EUR": Decimal("300.30"), "USD": Decimal("7.00")}


def test_the_load_is_counted_by_weeks_from_monday_empty_ones_too(result: Backtest) -> None:
    mondays = [date(2026, 3, 2) + timedelta(weeks=week) for week in range(5)]
    assert [(week.monday, week.old, week.new) for week in result.weeks] == [
        (mondays[0], 1, 1),
        (mondays[1], 2, 4),
        (mondays[2], 1, 0),
        (mondays[3], 0, 0),
        (mondays[4], 0, 0),
    ]
    assert (result.old.a_week, result.new.a_week) == (1.0, 1.25)
    assert (result.old.peak, result.new.peak) == (2, 4)


def test_the_lead_time_is_the_median_over_those_whom_both_promote(result: Backtest) -> None:
    assert result.gained == Days(0.0, 3)
    assert result.gained_won == Days(2.0, 2)


def test_the_time_to_the_win_counts_from_each_sides_own_promotion(result: Backtest) -> None:
    assert result.old.to_win == Days(5.5, 2)
    assert result.new.to_win == Days(10.0, 3)


def test_who_went_when_the_time_began_is_told_apart(result: Backtest) -> None:
    assert (result.old.at_once, result.new.at_once) == (0, 1)


def test_each_change_is_counted_by_what_became_of_them(result: Backtest) -> None:
    assert result.changes[Change.GAINED][End.WON] == 1
    assert result.changes[Change.GAINED][End.ACCEPTED] == 1
    assert result.changes[Change.NEITHER][End.WON] == 1
    assert sum(sum(counts.values()) for counts in result.changes.values()) == len(LINES)


def test_the_lines_come_in_the_order_of_the_contacts(result: Backtest) -> None:
    assert [line.contact_id for line in result.lines] == [1, 2, 3, 4, 5, 6, 7]


def test_of_nobody_there_are_no_shares() -> None:
    nobody = summarise(Tally(), Rules("a", "b", "c"), Rules("a", "b", "c"), SINCE, UNTIL)
    assert nobody.new.found.precision.value is None
    assert nobody.gained == Days(None, 0)
