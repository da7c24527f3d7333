"""Unsubscribes against the sends of the same mails, in the order in which the database commits them."""

from __future__ import annotations

import os

import pytest

from bench.unsubscribe_race import Outcome, race
from nurture.testing import servers

N = int(os.environ.get("NURTURE_RACE", "600"))
"""How many people; `python -m bench.unsubscribe_race` takes 10,000."""

CLOSE = 20
"""So many marks and unsubscribes of one person are to lie side by side: until then the race goes on."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def raced(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """One race on each database, of which every test here claims something."""
    folder = tmp_path_factory.mktemp("race")
    if request.param == "sqlite":
        return race(f"sqlite:///{folder / 'nurture.db'}", N, folder, close=CLOSE)
    with servers.database(request.getfixturevalue("postgresql_url")) as url:
        return race(url, N, folder, close=CLOSE)


def test_no_mail_is_marked_after_its_unsubscribe(raced: Outcome) -> None:
    assert raced.too_late == ()


def test_no_mail_goes_out_without_a_mark(raced: Outcome) -> None:
    assert raced.unmarked == ()


def test_nobody_gets_it_twice(raced: Outcome) -> None:
    assert raced.twice == ()


def test_each_mail_is_sent_or_withheld(raced: Outcome) -> None:
    assert raced.sent + raced.withheld == raced.people


def test_it_was_a_race_that_many_mails_won_and_many_lost(raced: Outcome) -> None:
    assert min(raced.sent, raced.withheld) > raced.people // 10


def test_it_was_a_race_by_a_hair(raced: Outcome) -> None:
    assert raced.close >= CLOSE
