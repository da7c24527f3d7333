"""At each moment only what was known then counts, and only those are replayed for whom rules had a say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nurture.backtest.pasts import DISQUALIFIED, ENDED_BEFORE, LATER, WITH_SALES
from nurture.backtest.result import Change, End
from nurture.core.model import DecisionRecord, Result
from nurture.core.stage import TOLD
from nurture.store import records
from tests.backtest.world import PRICES, Firm
from tests.world import MONDAY

EAGER = (("prospect_at: 60", "prospect_at: 50"), ("engagement >= 25", "engagement >= 10"))


def look_at_prices(firm: Firm, who: int, times: int) -> None:
    for _ in range(times):
        firm.happen(who, "visited", url=PRICES)


def test_an_answer_counts_from_when_it_was_given(firm: Firm) -> None:
    firm.come(1, budget="<2k")
    look_at_prices(firm, 1, 3)
    firm.wait(5)
    told_at = firm.app.clock.now()
    firm.come(1, budget="10k+")
    line = firm.lines(*EAGER)[1]
    assert line.new is not None
    assert line.new.at == told_at
    assert line.new.fit == 65


def test_signals_imported_later_count_at_the_time_at_which_they_happened(firm: Firm) -> None:
    firm.come(1)
    firm.wait(20)
    for day in (3, 4, 5):
        firm.past(1, "visited", MONDAY + timedelta(days=day), url=PRICES)
    line = firm.lines(*EAGER)[1]
    assert line.new is not None
    assert line.new.at == MONDAY + timedelta(days=4)


def test_who_was_imported_with_a_history_was_known_from_its_first_day(firm: Firm) -> None:
    firm.come(1)
    before = MONDAY - timedelta(days=30)
    for day in range(3):
        firm.past(1, "visited", before + timedelta(days=day), url=PRICES)
    line = firm.lines(*EAGER, since=before)[1]
    assert line.new is not None
    assert line.new.at == before + timedelta(days=1)


def test_who_had_what_it_takes_goes_on_the_first_day(firm: Firm) -> None:
    firm.come(1)
    look_at_prices(firm, 1, 2)
    firm.wait(2)
    since = firm.app.clock.now()
    firm.wait(1)
    found = firm.replay(*EAGER, since=since)
    assert found.new.at_once == 1
    assert found.lines[0].new is not None
    assert found.lines[0].new.at == since


def test_nobody_is_promoted_by_what_came_after_the_end(firm: Firm) -> None:
    firm.come(1)
    firm.wait(2)
    until = firm.app.clock.now() - timedelta(hours=1)
    look_at_prices(firm, 1, 5)
    assert firm.replay(*EAGER, until=until).new.promoted == 0


def test_nobody_is_promoted_after_they_were_won(firm: Firm) -> None:
    firm.come(1)
    firm.wait(1)
    firm.win(1)
    firm.wait(1)
    look_at_prices(firm, 1, 5)
    line = firm.lines(*EAGER)[1]
    assert (line.change, line.became.end) == (Change.NEITHER, End.WON)


def test_of_several_outcomes_the_last_one_holds(firm: Firm) -> None:
    firm.come(1, form="quote")
    firm.wait(1)
    firm.win(1, result=Result.LOST)
    firm.wait(1)
    firm.win(1, "1200.50")
    became = firm.lines()[1].became
    assert became.words() == "won on 2026-03-04, 1,200.50 EUR"


def test_the_answer_of_sales_tells_what_became_of_those_without_an_outcome(firm: Firm) -> None:
    firm.come(1, form="quote")
    firm.wait(1)
    firm.app.desk.answer(1, "rejected", "no_budget")
    assert firm.lines()[1].became.words() == "rejected by sales on 2026-03-03: no_budget"


def test_who_goes_to_sales_by_a_campaigns_step_goes_under_any_rules(firm: Firm) -> None:
    firm.come(1)
    firm.wait(3)
    firm.by_hand(1, step="straight-to-sales")
    firm.wait(3)
    look_at_prices(firm, 1, 9)
    found = firm.replay(*EAGER)
    (line,) = found.lines
    assert line.old is not None
    assert (line.old.rule, line.change) == ("straight-to-sales", Change.SAME)
    assert (found.old.otherwise, found.new.otherwise) == (1, 1)


def test_rules_that_are_quicker_than_a_campaigns_step_come_first(firm: Firm) -> None:
    firm.come(1)
    look_at_prices(firm, 1, 2)
    firm.wait(3)
    firm.by_hand(1, step="straight-to-sales")
    found = firm.replay(*EAGER)
    assert found.lines[0].change is Change.EARLIER
    assert (found.old.otherwise, found.new.otherwise) == (1, 0)


def test_who_misses_data_that_only_the_new_rules_ask_for_is_no_contact_under_them(firm: Firm) -> None:
    firm.come(1, form="quote", phone="")
    strict = ("require: [name, any_of: [email, phone]]", "require: [name, phone]")
    line = firm.lines(strict)[1]
    assert line.change is Change.LOST
    assert line.why_not == "no contact yet: no phone"


def test_who_is_junk_under_the_old_rules_can_be_a_contact_under_the_new_ones(firm: Firm) -> None:
    firm.come(1, form="quote", name="")
    lenient = ("require: [name, any_of: [email, phone]]", "require: [email]")
    line = firm.lines(lenient)[1]
    assert line.change is Change.GAINED
    assert line.why_not == "no contact yet: no name"


def test_whom_a_rule_disqualifies_no_rule_promotes(firm: Firm) -> None:
    firm.come(1, form="quote")
    against = (
        "disqualify:",
        'disqualify:\n    - {id: dutch, when: contact.country == "NL", reason: too near}',
    )
    found = firm.replay(against)
    assert found.new.disqualified == 1
    assert found.lines[0].why_not == 'disqualified: too near: country is "NL"'


@pytest.mark.parametrize("won_before", [True, False])
def test_who_was_won_before_is_left_out(firm: Firm, won_before: bool) -> None:
    firm.come(1, form="quote")
    firm.wait(1)
    if won_before:
        firm.win(1)
    since = firm.app.clock.now()
    firm.wait(1)
    expected = ENDED_BEFORE if won_before else WITH_SALES
    assert firm.replay(since=since).left_out == {expected: 1}


def test_whom_sales_disqualified_before_is_left_out(firm: Firm) -> None:
    firm.come(1, form="quote")
    firm.wait(1)
    firm.app.desk.answer(1, "rejected", "no_fit")
    firm.wait(1)
    since = firm.app.clock.now()
    firm.wait(1)
    assert firm.replay(since=since).left_out == {DISQUALIFIED: 1}


def test_who_came_in_later_is_left_out(firm: Firm) -> None:
    firm.wait(3)
    firm.come(1)
    until = firm.app.clock.now() - timedelta(days=1)
    assert firm.replay(until=until).left_out == {LATER: 1}


def test_whom_sales_has_put_off_comes_back_at_the_date(firm: Firm) -> None:
    firm.come(1, form="quote")
    firm.wait(1)
    firm.app.desk.answer(1, "rejected", "not_now")
    firm.wait(1)
    since = firm.app.clock.now()
    firm.wait(100)
    look_at_prices(firm, 1, 6)
    line = firm.lines(*EAGER, since=since)[1]
    assert line.new is not None
    assert line.new.at == firm.app.clock.now()


def test_several_processes_find_what_one_finds(firm: Firm) -> None:
    for number in range(1, 6):
        firm.come(number, form="quote" if number % 2 else "brochure")
        firm.wait(1)
    assert firm.replay(*EAGER, processes=2) == firm.replay(*EAGER)


def test_a_replay_takes_as_many_queries_for_many_people_as_for_one(firm: Firm) -> None:
    counts = []
    for number in range(1, 4):
        firm.come(number, form="quote")
        with queries() as asked:
            firm.replay()
        counts.append(len(asked))
    assert counts[0] == counts[2]


@contextmanager
def queries() -> Iterator[list[str]]:
    """What any database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


SHARED = (
    "signals:\n",
    'signals:\n  - {id: team, on: visited, where: url.path.startswith("/prices"), people: 2, within: 7d, '
    "stage: comparison, points: 30}\n",
)


def test_what_colleagues_did_counts_from_when_they_did_it(firm: Firm) -> None:
    firm.come(1, email="kees@visser-bouw.example.com", company="Visser Bouw")
    firm.come(2, email="eva@visser-bouw.example.com", company="Visser Bouw")
    firm.wait(1)
    firm.happen(1, "visited", url=PRICES)
    firm.wait(1)
    together = firm.app.clock.now()
    firm.happen(2, "visited", url=PRICES)
    firm.wait(1)
    lines = firm.lines(SHARED)
    assert {who: line.new and line.new.at for who, line in lines.items()} == {1: together, 2: together}


def test_a_stage_that_was_told_by_hand_holds_in_a_replay_too(firm: Firm) -> None:
    firm.come(1)
    firm.wait(1)
    told_at = firm.app.clock.now()
    with firm.app.store.write() as connection:
        evidence = {"from": "orientation", "to": "decision", "until": None}
        record = DecisionRecord("stage_changed", "told by hand", rule=TOLD, evidence=evidence)
        records.add_records(connection, [(1, record)], told_at)
    firm.wait(1)
    early = ("promote: fit >= 60 and engagement >= 25", "promote: fit >= 60 and engagement >= 5")
    line = firm.lines(early)[1]
    assert line.new is not None
    assert (line.new.at, line.new.stage) == (told_at, "decision")
