"""From when on somebody is a prospect: about the best fifth, and never what nobody can reach."""

from __future__ import annotations

import numpy as np
import pytest

from nurture.core.profile import Profile
from nurture.language.conditions import parse
from nurture.language.workspace import compile_source
from nurture.learn.atoms import Atom
from nurture.learn.card import Card, Rule
from nurture.learn.proposal import lines_of, write_profile
from nurture.learn.search import Condition, Doing, Term
from nurture.learn.thresholds import find_thresholds
from tests.learn.made_up import make_leads

TABLE = make_leads(1_000).table
LOOKS = Doing("looks-at-prices")
RETAIL = Condition((Atom("account.sector", choices=("retail",)),))
SMALL = Condition((Atom("account.employees", high=20.0),))
SIGNALS = {"looks-at-prices": {"id": "looks-at-prices", "on": "visited"}}


class Standing:
    """Somebody with these points."""

    def __init__(self, fit: float, engagement: float) -> None:
        self.points = {("fit",): float(fit), ("engagement",): float(engagement)}

    def lookup(self, path: tuple[str, ...]) -> float:
        return self.points[path]

    def history(self, *_: object) -> int:
        return 0

    def rule(self, *_: object) -> bool:
        return False


def card(**points: int) -> Card:
    terms: dict[str, Term] = {"looks": LOOKS, "retail": RETAIL, "small": SMALL}
    return Card(tuple(Rule(terms[name], value, 1, 1) for name, value in points.items()), 0.0)


CARDS = [
    card(retail=10),
    card(retail=10, small=-20),
    card(looks=30),
    card(retail=5, looks=30),
    card(small=-8),
]


@pytest.mark.parametrize("one", CARDS, ids=str)
def test_about_the_best_fifth_is_promoted(one: Card) -> None:
    kept, found = find_thresholds(one, TABLE, most=25)
    promote = parse(found.promote)
    fit = Card(kept.fit_rules, 0.0).points(TABLE) + found.everyone
    did = Card(kept.signal_rules, 0.0).points(TABLE)
    promoted = np.array([promote.test(Standing(*each)) for each in zip(fit, did, strict=True)])
    total = kept.points(TABLE)
    enough = np.quantile(total, 0.8)
    assert (total[promoted] >= np.floor(enough)).all()
    assert promoted.any()


@pytest.mark.parametrize("one", CARDS, ids=str)
def test_the_profile_can_be_used(one: Card) -> None:
    kept, found = find_thresholds(one, TABLE, most=25)
    text = write_profile({"name": "firm"}, lines_of(kept, SIGNALS), SIGNALS, found, [])
    assert isinstance(compile_source(text, "proposal"), Profile)


def test_a_full_card_makes_room_for_what_everybody_gets() -> None:
    kept, found = find_thresholds(card(retail=1, small=-30), TABLE, most=2)
    assert (len(kept.rules), found.everyone > 0) == (1, True)
