"""The rules that ran, replayed, promote whom they promoted: at that moment, by that rule, in those words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from nurture.core.model import SignalClass
from tests.backtest.world import Firm
from tests.world import MONDAY

PEOPLE = 14
PAGES = ("/prices", "/whats-included", "/portfolio/bakery", "/quote", "/how-it-works")
HALF = MONDAY + timedelta(days=21)


def live(firm: Firm, seed: int) -> None:
    """Six weeks in which people come, look around, ask, tell more of themselves, and sales answers."""
    chance = Random(seed)
    for number in range(1, PEOPLE + 1):
        firm.come(
            number, budget=chance.choice(["<2k", "2-5k", "10k+", ""]), role=chance.choice(["owner", ""])
        )
        firm.wait(chance.random())
    while firm.app.clock.now() < MONDAY + timedelta(days=42):
        firm.wait(chance.expovariate(4))
        who, what = chance.randrange(1, PEOPLE + 1), chance.random()
        if what < 0.7:
            classed = chance.choice([SignalClass.HUMAN, SignalClass.HUMAN, *SignalClass])
            firm.happen(who, "visited", classed, url=f"https://www.example.com{chance.choice(PAGES)}")
        elif what < 0.85:
            firm.happen(who, "clicked", campaign="new-website", step="welcome")
        elif what < 0.93:
            firm.come(who, budget=chance.choice(["<2k", "10k+"]), start=chance.choice(["now", ""]))
        elif what < 0.96:
            firm.come(who, form="quote")
        else:
            answer(firm, chance)


def answer(firm: Firm, chance: Random) -> None:
    waiting = firm.app.desk.list()
    if waiting and chance.random() < 0.7:
        firm.app.desk.answer(waiting[0].id, "rejected", "not_now", "sanne@example.com")
    elif waiting:
        firm.app.desk.answer(waiting[0].id, "accepted", by="sanne@example.com")


@pytest.mark.parametrize(("seed", "settle"), [(1, "0m"), (2, "2m")])
def test_the_rules_that_ran_promote_whom_they_promoted(
    tmp_path: Path, database_url: str, seed: int, settle: str
) -> None:
    firm = Firm(tmp_path / "w", database_url, settle)
    live(firm, seed)
    for since in (MONDAY, HALF):
        check_replay(firm, since)
    firm.app.close()


def check_replay(firm: Firm, since: datetime) -> None:
    happened = firm.promotions(since)
    replayed = {
        who: (line.old.at, line.old.rule, line.old.because)
        for who, line in firm.lines(since=since).items()
        if line.old is not None
    }
    assert replayed
    assert replayed == {who: told for who, told in happened.items() if who in replayed}
    with_sales = firm.replay(since=since).left_out
    # Whom sales had already, and gave back later: what became of them then is another time's affair.
    assert len(happened) - len(replayed) <= sum(with_sales.values())
