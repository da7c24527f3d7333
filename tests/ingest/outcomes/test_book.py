"""The book of outcomes: whose they are, what they change, and that the same changes nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.model import DecisionRecord, Lifecycle, Outcome, Result
from nurture.core.outcomes import ToldOutcome
from nurture.ingest.outcomes.book import ERASED, OutcomeBook
from nurture.store import consents, records, schema, unmatched
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.merging import merge_contacts
from nurture.store.merging_rounds import Merging
from tests.handover.world import SIGNER, desk_of, open_all, request
from tests.store.people import NOW, Held, StatementCounter, add_contacts, erase_contact, rows_of

DAY = timedelta(days=1)


class Observed:
    """What observers were told."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.records: list[tuple[int, DecisionRecord]] = []

    def take_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.extend(outcomes)

    def take_records(self, contact_ids: Sequence[int], records: Sequence[DecisionRecord]) -> None:
        self.records.extend(zip(contact_ids, records, strict=True))


@pytest.fixture
def observed() -> Observed:
    return Observed()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW + DAY)


@pytest.fixture
def book(store: Store, clock: VirtualClock, observed: Observed) -> OutcomeBook:
    return OutcomeBook(
        store,
        clock,
        SIGNER,
        country="NL",
        observe_outcomes=observed.take_outcomes,
        observe_decisions=observed.take_records,
    )


def told(*who: tuple[str, str], **changes: Any) -> ToldOutcome:
    return replace(ToldOutcome(Result.WON, NOW, who or (("contact", "1"),)), **changes)


def know(store: Store, kind: str, value: str, contact_id: int = 1) -> None:
    with store.write() as connection:
        insert_rows(connection, schema.identity, ["kind", "value", "contact_id"], [[kind, value, contact_id]])


def lifecycles(store: Store) -> list[str]:
    return [row.lifecycle for row in rows_of(store, schema.journey)]


def reasons(store: Store, contact_id: int = 1) -> list[tuple[str, str]]:
    with store.read() as connection:
        told = [one.record for one in records.told(connection, [contact_id])]
    return [(record.what, record.reason) for record in told]


def given(store: Store, clock: VirtualClock, n: int = 1) -> list[int]:
    """Prospects whom sales has been given and has not answered."""
    add_contacts(store, n, lifecycle="prospect")
    return open_all(desk_of(store, clock), store, [request(id_) for id_ in range(1, n + 1)])


# --- whose it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "known", "said"),
    [
        ("email", "an@example.com", "  An@Example.com "),
        ("phone", "+31201234567", "020 123 45 67"),
        ("external:crm", "4711", "4711"),
    ],
)
def test_a_contact_is_known_by_what_identifies_them(
    store: Store, book: OutcomeBook, kind: str, known: str, said: str
) -> None:
    add_contacts(store)
    know(store, kind, known)
    book.apply([told((kind, said))], "crm")
    assert lifecycles(store) == ["customer"]


def test_a_hand_over_names_its_contact_and_stays_with_the_outcome(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    (number,) = given(store, clock)
    book.apply([told(("handover", str(number)))], "crm")
    (row,) = rows_of(store, schema.outcome)
    assert (row.contact_id, row.handover_id) == (1, number)


def test_what_names_nobody_we_know_is_kept_with_the_reason(store: Store, book: OutcomeBook) -> None:
    applied = book.apply([told(("email", "an@example.com"), line=7)], "deals.csv")
    (kept,) = rows_of(store, schema.unmatched_outcome)
    assert [one.reason for one in applied.unmatched] == ["nobody is known by the address 'an@example.com'"]
    assert (kept.reason, kept.source, kept.line) == (applied.unmatched[0].reason, "deals.csv, line 7", 7)


def test_what_names_two_people_is_kept_and_given_to_neither(store: Store, book: OutcomeBook) -> None:
    add_contacts(store, 2)
    know(store, "email", "an@example.com", 1)
    know(store, "external:crm", "4711", 2)
    applied = book.apply([told(("email", "an@example.com"), ("external:crm", "4711"))], "crm")
    assert [one.reason for one in applied.unmatched] == ["it names several contacts: 1, 2"]
    assert lifecycles(store) == ["contact", "contact"]


def test_what_cannot_be_so_is_kept_with_the_reason(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    applied = book.apply([told(at=NOW + 9 * DAY)], "crm")
    assert [one.reason for one in applied.unmatched] == ["2026-03-11 is yet to come"]


def test_an_odd_number_names_nobody(store: Store, book: OutcomeBook) -> None:
    strange = [told(("contact", text)) for text in ("x", "9" * 40, str(2**63), "-1", "٣")]
    assert len(book.apply(strange, "crm").unmatched) == 5


def test_what_was_nobodys_finds_its_contact_later(store: Store, book: OutcomeBook) -> None:
    book.apply([told(("email", "an@example.com")), told(("email", "bo@example.com"))], "crm")
    add_contacts(store)
    know(store, "email", "an@example.com")
    tried = book.retry()
    assert (len(tried.outcomes), len(tried.unmatched)) == (1, 1)
    assert lifecycles(store) == ["customer"]
    assert len(rows_of(store, schema.unmatched_outcome)) == 1


def test_what_is_nobodys_is_tried_again_once_a_day(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    book.apply([told(("email", "an@example.com"))], "crm")
    assert [book.retry_a_little(), book.retry_a_little()] == [1, 0]
    add_contacts(store)
    know(store, "email", "an@example.com")
    clock.advance(DAY)
    assert book.retry_a_little() == 1
    assert (lifecycles(store), book.retry_a_little()) == (["customer"], 0)


def test_what_was_kept_aside_comes_back_as_it_was_told(store: Store, book: OutcomeBook) -> None:
    one = told(
        ("email", "an@example.com"),
        key="deal 7",
        value=Decimal("2400.50"),
        currency="EUR",
        reason="liked it",
        line=3,
    )
    book.apply([one], "deals.csv")
    with store.read() as connection:
        (kept,) = unmatched.newest(connection, 5)
    assert kept.told == one


def test_the_same_that_is_nobodys_is_kept_once(store: Store, book: OutcomeBook) -> None:
    for _ in range(2):
        book.apply([told(("email", "an@example.com"))], "crm")
    assert len(rows_of(store, schema.unmatched_outcome)) == 1


def test_of_an_erased_person_nothing_is_kept(store: Store, book: OutcomeBook) -> None:
    with store.write() as connection:
        gone = {SIGNER.address_hash("an@example.com"): "erased on request"}
        consents.suppress_all(connection, gone, NOW)
    applied = book.apply([told(("email", "an@example.com"))], "crm")
    assert [one.reason for one in applied.unmatched] == [ERASED]
    assert rows_of(store, schema.unmatched_outcome) == []


def test_an_outcome_of_a_contact_who_is_just_gone_is_nobodys(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    erase_contact(store, 1)
    assert len(book.apply([told()], "crm").unmatched) == 1


# --- what it changes --------------------------------------------------------------------------------


def test_the_contact_moves_and_the_record_says_why(store: Store, book: OutcomeBook) -> None:
    add_contacts(store, lifecycle="accepted")
    book.apply([told(value=Decimal("2400"), currency="EUR")], "Sanne")
    assert lifecycles(store) == ["customer"]
    assert reasons(store) == [("won", "2,400.00 EUR on 2026-03-02, told by Sanne: a customer from now on")]


def test_a_resting_contact_that_is_won_rests_no_more(store: Store, book: OutcomeBook) -> None:
    add_contacts(store, lifecycle="recycled")
    with store.write() as connection:
        connection.execute(sa.update(schema.journey).values(recycle_at=NOW + 30 * DAY))
    book.apply([told()], "crm")
    (row,) = rows_of(store, schema.journey)
    assert (row.lifecycle, row.recycle_at) == ("customer", None)


def test_a_worker_that_holds_the_contact_lets_go(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    with store.write() as connection:
        connection.execute(sa.update(schema.journey).values(token=7, lease_until=NOW + DAY))
    book.apply([told()], "crm")
    (row,) = rows_of(store, schema.journey)
    assert (row.token, row.lease_until) == (None, None)


def test_an_open_hand_over_counts_as_accepted(store: Store, book: OutcomeBook, clock: VirtualClock) -> None:
    given(store, clock)
    book.apply([told(at=NOW + timedelta(hours=1))], "Sanne")
    (row,) = rows_of(store, schema.handover)
    assert (row.answer, row.answered_by, row.answered_at) == ("accepted", "Sanne", NOW + DAY)


def test_an_old_outcome_leaves_the_present_hand_over_open(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    given(store, clock)
    book.apply([told(at=NOW - DAY)], "Sanne")
    (row,) = rows_of(store, schema.handover)
    assert (row.answer, lifecycles(store)) == (None, ["prospect"])


def test_a_later_outcome_corrects_an_earlier_one_and_both_stay(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    book.apply([told()], "crm")
    book.apply([told(result=Result.LOST, at=NOW + timedelta(hours=1))], "crm")
    assert (len(rows_of(store, schema.outcome)), lifecycles(store)) == (2, ["lost"])


def test_of_two_outcomes_in_one_batch_the_later_one_holds(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    book.apply([told(at=NOW + timedelta(hours=1), result=Result.LOST), told()], "crm")
    assert lifecycles(store) == ["lost"]
    assert sorted(what for what, _ in reasons(store)) == ["lost", "outcome_kept"]


def test_the_same_outcome_again_changes_nothing(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    book.apply([told(value=Decimal(5), currency="EUR")], "crm")
    again = book.apply([told(value=Decimal("5.00"), currency="EUR")], "another file")
    assert (again.outcomes, again.known) == ((), 1)
    assert (len(rows_of(store, schema.outcome)), len(reasons(store))) == (1, 1)


def test_the_same_outcome_twice_in_one_batch_is_one(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    applied = book.apply([told(), told()], "crm")
    assert (len(applied.outcomes), applied.known) == (1, 1)


def test_the_end_of_today_is_no_later_than_now(store: Store, book: OutcomeBook, clock: VirtualClock) -> None:
    add_contacts(store)
    book.apply([told(at=clock.now() + timedelta(hours=10))], "crm")
    assert rows_of(store, schema.outcome)[0].at == clock.now()


def test_observers_hear_of_what_is_new_and_why(store: Store, book: OutcomeBook, observed: Observed) -> None:
    add_contacts(store)
    for _ in range(2):
        book.apply([told()], "crm")
    assert [one.contact_id for one in observed.outcomes] == [1]
    assert [(id_, record.what) for id_, record in observed.records] == [(1, "won")]


def test_words_that_no_database_takes_are_made_readable(store: Store, book: OutcomeBook) -> None:
    add_contacts(store)
    book.apply([told(reason="too\x00 dear\ud800\n" + "x" * 900)], "crm")
    (row,) = rows_of(store, schema.outcome)
    assert (row.reason[:9], len(row.reason)) == ("too dear ", 500)


def test_the_number_of_statements_does_not_depend_on_the_number_of_people(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    given(store, clock, 300)
    counter = StatementCounter(store)
    counts = []
    # The first batch makes the ground that all their records refer to.
    for ids in (range(1, 3), range(3, 6), range(6, 301)):
        counter.n = 0
        book.apply([told(("contact", str(id_)), at=NOW + timedelta(hours=1)) for id_ in ids], "crm")
        counts.append(counter.n)
    assert counts[2] <= counts[1]
    assert set(lifecycles(store)) == {Lifecycle.CUSTOMER.value}


def test_a_contact_who_was_merged_since_is_found_by_the_old_number(store: Store, book: OutcomeBook) -> None:
    add_contacts(store, 2)
    with store.write() as connection:
        merge_contacts(connection, [Merging(2, 1, "by hand")], SIGNER.address_hash, NOW)
    book.apply([told(("contact", "2"))], "crm")
    assert lifecycles(store) == ["customer"]


def test_nobody_is_reminded_of_a_hand_over_that_an_outcome_answered(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    given(store, clock)
    with store.write() as connection:
        connection.execute(sa.update(schema.handover).values(next_look=NOW))
    book.apply([told(at=NOW + timedelta(hours=1))], "Sanne")
    assert rows_of(store, schema.handover)[0].next_look is None


def test_several_that_tell_the_same_people_at_once_neither_wait_for_ever_nor_tell_twice(
    store: Store, book: OutcomeBook, clock: VirtualClock
) -> None:
    given(store, clock, 60)
    people = [told(("contact", str(id_)), at=NOW + timedelta(hours=1)) for id_ in range(1, 61)]
    orders = [people, people[::-1], people[30:] + people[:30], people[::2] + people[1::2]]
    with ThreadPoolExecutor(len(orders)) as pool:
        applied = list(pool.map(lambda batch: book.apply(batch, "crm"), orders))
    assert sum(len(one.outcomes) for one in applied) == 60
    assert len(rows_of(store, schema.outcome)) == 60
    assert set(lifecycles(store)) == {"customer"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_hand_overs_are_held_before_people_as_whoever_erases_them_does(
    store: Store, book: OutcomeBook
) -> None:
    add_contacts(store, lifecycle="prospect")
    held = Held(store)
    book.apply([told()], "crm")
    assert held.tables.index("handover") < held.tables.index("contact") < held.tables.index("journey")
