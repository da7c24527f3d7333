"""What is learned from was known when sales got the lead, and nothing later."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from nurture.core.facts import NO_RULES
from nurture.core.profile import Profile
from nurture.language.workspace import compile_source
from nurture.learn import gather as gathering
from nurture.learn.gather import Gathered, Wanted, gather
from nurture.learn.table import Column
from nurture.store import schema
from nurture.store.engine import Store
from tests.learn.people import PROFILE, add_ended, add_merges, decided_at, hand_over
from tests.store.people import StatementCounter

PEOPLE = 40


@pytest.fixture
def store(store: Store) -> Store:
    add_ended(store, PEOPLE)
    return store


def gathered(store: Store, **changes: object) -> Gathered:
    profile = compile_source(PROFILE, "profile")
    assert isinstance(profile, Profile)
    wanted = Wanted(profile.signals, ["asks"], profile.half_life, NO_RULES, **changes)  # type: ignore[arg-type]
    with store.read() as connection:
        return gather(connection, wanted)


def column(found: Gathered, subject: str) -> Column:
    return next(one for one in found.table.columns if one.subject == subject)


def test_everybody_with_an_outcome_is_a_row(store: Store) -> None:
    assert len(gathered(store).table) == PEOPLE


def test_what_happened_after_the_outcome_does_not_count(store: Store) -> None:
    hand_over(store, 1, decided_at(1) - timedelta(days=300))
    amounts = {deed.rule: deed.amounts for deed in gathered(store).table.deeds}
    # The newest look before the end is a day old, at a half-life of 14 days; the three after it are none.
    assert amounts["looks-at-prices"].max() < 0.5 ** (1 / 14) * 6
    assert amounts["looks-at-prices"][0] == 0


def test_fields_are_as_they_were_when_sales_got_the_lead(store: Store) -> None:
    add_merges(store, PEOPLE, "answers.verdict", "signed")
    assert all(one.subject != "answers.verdict" for one in gathered(store).table.columns)


def test_a_field_that_was_filled_later_is_told(store: Store) -> None:
    add_merges(store, PEOPLE // 2, "answers.verdict", "signed")
    assert gathered(store).provenance.late["answers.verdict"] == 0.5


def test_interests_are_a_column_each(store: Store) -> None:
    assert column(gathered(store), '"website" in contact.interests').values == (True, False)


def test_the_moment_is_that_of_the_first_hand_over(store: Store) -> None:
    early = decided_at(1) - timedelta(days=5)
    hand_over(store, 1, early)
    at = gathered(store).table.at
    assert at is not None
    assert at[0] == early.timestamp()


def test_only_those_since_a_date_are_learned_from(store: Store) -> None:
    assert len(gathered(store, since=decided_at(31)).table) == 10


def test_sales_answers_count_only_where_they_are_asked_for(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM outcome WHERE contact_id <= 2")
    hand_over(store, 1, decided_at(1), "accepted")
    hand_over(store, 2, decided_at(2), "rejected")
    assert len(gathered(store).table) == PEOPLE - 2
    both = gathered(store, answers=True).table
    assert (len(both), both.won[:2].tolist()) == (PEOPLE, [True, False])


def test_who_was_accepted_and_handed_back_later_was_not_won(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM outcome WHERE contact_id = 1")
    hand_over(store, 1, decided_at(1), "accepted")
    with store.write() as connection:
        connection.execute(
            schema.handover.update().values(returned_at=decided_at(2), returned_reason="no_fit")
        )
    assert gathered(store, answers=True).table.won[0].item() is False


def test_the_number_of_queries_does_not_grow_with_the_people(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "BATCH", PEOPLE // 2)
    counter = StatementCounter(store)
    gathered(store)
    two_batches = counter.n
    monkeypatch.setattr(gathering, "BATCH", PEOPLE)
    gathered(store)
    assert two_batches - (counter.n - two_batches) <= 5


def test_amounts_are_what_engagement_makes_of_them(store: Store) -> None:
    amounts = {deed.rule: deed.amounts for deed in gathered(store).table.deeds}["looks-at-prices"]
    once = 0.5 ** (1 / 14)
    assert np.isclose(amounts[amounts > 0].min(), once)
