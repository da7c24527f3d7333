"""Unsubscribes against the sends of the same mails, in the order in which the database commits them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.unsubscribe_race import Outcome, race

N = int(os.environ.get("NURTURE_RACE", "600"))
"""How many people; `python -m bench.unsubscribe_race` takes 10,000."""


@pytest.fixture
def raced(database_url: str, tmp_path: Path) -> Outcome:
    return race(database_url, N, tmp_path / "templates")


def test_no_mail_is_marked_after_its_unsubscribe(raced: Outcome) -> None:
    assert (raced.too_late, raced.unmarked, raced.twice) == ((), (), ())
    # It was a race: many got theirs first, many did not, and some of both by a hair.
    assert raced.sent + raced.withheld == N
    assert min(raced.sent, raced.withheld) > N // 10
    assert raced.close
