"""Other systems are asked in their turn, from where they were on, and none disturbs another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from nurture.clock import VirtualClock
from nurture.core.model import Result
from nurture.core.outcomes import ToldOutcome
from nurture.errors import NurtureError, SourceError
from nurture.ingest.outcomes.asking import EVERY, MOST_PAGES, OutcomeAsker
from nurture.ingest.outcomes.book import OutcomeBook
from nurture.plug.contracts import OutcomePage, OutcomeSource
from nurture.store import schema
from nurture.store.engine import Store
from tests.handover.world import SIGNER
from tests.store.people import NOW, add_contacts, rows_of


@dataclass
class Ledger:
    """Tells of one contact a page, from the first one on."""

    name: str = "ledger"
    people: int = 3
    asked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def ask(self, position: str) -> OutcomePage:
        self.asked.append(position)
        if self.error is not None:
            raise self.error
        number = int(position or 0) + 1
        if number > self.people:
            return OutcomePage((), position)
        told = ToldOutcome(Result.WON, NOW, (("contact", str(number)),))
        return OutcomePage([told], str(number), more=True)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


Asking = Callable[..., OutcomeAsker]


@pytest.fixture
def asking(store: Store, clock: VirtualClock) -> Asking:
    def made(*sources: OutcomeSource) -> OutcomeAsker:
        nobody = {"observe_outcomes": lambda outcomes: None, "observe_decisions": lambda ids, records: None}
        book = OutcomeBook(store, clock, SIGNER, country="NL", **nobody)
        return OutcomeAsker(store, clock, {one.name: one for one in sources}, book)

    return made


def positions(store: Store) -> Sequence[tuple[str, str | None]]:
    return [(row.position, row.problem) for row in rows_of(store, schema.outcome_source)]


def test_all_pages_are_asked_for_and_applied(store: Store, asking: Asking) -> None:
    add_contacts(store, 3)
    assert asking(Ledger()).ask_due() == 1
    assert {row.lifecycle for row in rows_of(store, schema.journey)} == {"customer"}
    assert positions(store) == [("3", None)]


def test_the_next_turn_goes_on_from_there_and_not_before_its_time(
    store: Store, asking: Asking, clock: VirtualClock
) -> None:
    ledger = Ledger(people=1)
    asker = asking(ledger)
    assert [asker.ask_due(), asker.ask_due()] == [1, 0]
    clock.advance(EVERY)
    assert asker.ask_due() == 1
    assert ledger.asked == ["", "1", "1"]


def test_of_two_processes_one_asks(asking: Asking) -> None:
    ledger = Ledger(people=0)
    assert [asking(ledger).ask_due(), asking(ledger).ask_due()] == [1, 0]


def test_one_that_fails_is_noted_and_asked_again_from_the_same_place(
    store: Store, asking: Asking, clock: VirtualClock
) -> None:
    ledger = Ledger(error=RuntimeError("no route"))
    asker = asking(ledger)
    asker.ask_due()
    assert positions(store) == [("", "RuntimeError: no route")]
    ledger.error = None
    clock.advance(EVERY)
    asker.ask_due()
    assert positions(store) == [("3", None)]


def test_one_that_fails_disturbs_no_other(store: Store, asking: Asking) -> None:
    add_contacts(store, 3)
    asking(Ledger(name="a", error=SourceError("away")), Ledger(name="b")).ask_due()
    assert len(rows_of(store, schema.outcome)) == 3


def test_what_was_applied_before_a_failure_is_not_asked_for_again(
    store: Store, asking: Asking, clock: VirtualClock
) -> None:
    class Breaking(Ledger):
        def ask(self, position: str) -> OutcomePage:
            if position == "2" and self.error is None:
                self.error = SourceError("hung up")
            return super().ask(position)

    asking(Breaking()).ask_due()
    assert positions(store) == [("2", "hung up")]


def test_one_that_never_ends_gives_way(asking: Asking, store: Store) -> None:
    ledger = Ledger(people=10**9)
    asking(ledger).ask_due()
    assert len(ledger.asked) == MOST_PAGES


def test_asked_by_hand_it_does_not_wait_for_its_turn(asking: Asking) -> None:
    asker = asking(Ledger(people=0))
    asker.ask_due()
    assert asker.ask("ledger").outcomes == ()


def test_asked_by_hand_a_failure_is_told(asking: Asking) -> None:
    with pytest.raises(SourceError, match="away"):
        asking(Ledger(error=SourceError("away"))).ask("ledger")


def test_one_that_is_not_there_is_told_with_what_is(asking: Asking) -> None:
    with pytest.raises(NurtureError, match="there is no outcome source 'leger'; did you mean ledger"):
        asking(Ledger()).ask("leger")


def test_the_next_turn_is_long_past_for_one_that_was_never_asked(asking: Asking, clock: VirtualClock) -> None:
    asker = asking(Ledger(people=0))
    first = asker.next_turn()
    assert first is not None
    assert first < clock.now()
    asker.ask_due()
    assert asker.next_turn() == clock.now() + EVERY


def test_without_a_source_there_is_no_turn(asking: Asking) -> None:
    assert (asking().next_turn(), asking().ask_due()) == (None, 0)
