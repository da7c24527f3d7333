"""Cards learned from leads whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.errors import NurtureError
from nurture.learn.atoms import size_of
from nurture.learn.card import Card
from nurture.learn.fitting import FEWEST, Learned, Wishes, learn
from nurture.learn.quality import auc
from nurture.learn.search import Condition, Doing
from nurture.learn.table import Filling, Table
from tests.learn.made_up import BUDGETS, MadeUp, make_leads

RULES = 10


@pytest.fixture(scope="module")
def made() -> MadeUp:
    return make_leads(2_000)


@pytest.fixture(scope="module")
def learned(made: MadeUp) -> Learned:
    return learn(made.table, Wishes(rules=RULES))


def subjects_of(card: Card) -> set[str]:
    return {
        atom.subject for rule in card.rules if isinstance(rule.term, Condition) for atom in rule.term.atoms
    }


def test_the_card_tells_won_from_lost_nearly_as_well_as_the_truth_does(learned: Learned) -> None:
    unseen = make_leads(4_000, seed=2)
    best = auc(unseen.truth, unseen.table.won)
    assert auc(learned.card.points(unseen.table), unseen.table.won) > best - 0.02


def test_the_card_asks_for_all_that_matters(learned: Learned) -> None:
    assert subjects_of(learned.card) >= {"answers.budget", "account.employees", "account.sector"}


def test_what_people_did_gives_points(learned: Learned) -> None:
    (rule,) = learned.card.signal_rules
    assert (rule.term, rule.points > 0) == (Doing("looks-at-prices"), True)


def test_the_card_has_no_more_rules_than_asked_for(learned: Learned) -> None:
    assert len(learned.card.rules) <= RULES


def test_a_rule_gives_points_only_where_more_were_won_than_on_average(made: MadeUp, learned: Learned) -> None:
    average = made.table.won.mean()
    assert all((rule.won / rule.leads - average) * rule.points > 0 for rule in learned.card.fit_rules)


def test_the_same_leads_give_the_same_card(made: MadeUp, learned: Learned) -> None:
    assert learn(made.table, Wishes(rules=RULES)).card == learned.card


def test_cards_are_tried_on_later_leads_only(made: MadeUp, learned: Learned) -> None:
    begun = [trial.table.at.min() for trial in learned.trials if trial.table.at is not None]
    assert begun == sorted(begun)
    assert begun[0] >= np.quantile(made.table.at, 0.2)  # type: ignore[arg-type]  # it has times


@pytest.mark.parametrize("won", [0, FEWEST - 1])
def test_too_few_won_is_refused_with_how_many_there_are(made: MadeUp, won: int) -> None:
    rows = np.concatenate([np.flatnonzero(made.table.won)[:won], np.flatnonzero(~made.table.won)[:500]])
    with pytest.raises(NurtureError, match=f"{won} won and 500 lost; at least 100 of each are needed"):
        learn(made.table.of(rows), Wishes())


def test_where_all_were_lost_before_anybody_was_won_nothing_is_learned(made: MadeUp) -> None:
    rows = np.argsort(made.table.won, kind="stable")
    in_time = replace(made.table.of(rows), at=np.arange(len(rows), dtype=np.float64))
    with pytest.raises(NurtureError, match="nobody was won before") as raised:
        learn(in_time, Wishes(rules=3))
    assert raised.value.hint


def test_a_time_in_which_all_were_lost_is_not_tried_on(made: MadeUp) -> None:
    lost, others = np.flatnonzero(~made.table.won)[:450], np.arange(600)
    rows = np.concatenate([lost, others])
    in_time = replace(made.table.of(rows), at=np.arange(len(rows), dtype=np.float64))
    assert len(learn(in_time, Wishes(rules=3)).trials) == 2


def test_leads_of_whom_nothing_is_known_are_refused_in_words(made: MadeUp) -> None:
    with pytest.raises(NurtureError, match="nothing is known"):
        learn(Table((), made.table.won, made.table.at), Wishes())


def test_fields_that_tell_nothing_make_no_card(made: MadeUp) -> None:
    filling = Filling()
    for _ in range(len(made.table)):
        filling.add("NL")
    alike = Table((filling.column("contact.country"),), made.table.won, made.table.at)
    with pytest.raises(NurtureError, match="nothing tells"):
        learn(alike, Wishes())


def test_too_few_lost_is_refused(made: MadeUp) -> None:
    rows = np.concatenate([np.flatnonzero(made.table.won)[:500], np.flatnonzero(~made.table.won)[:99]])
    with pytest.raises(NurtureError, match="500 won and 99 lost"):
        learn(made.table.of(rows), Wishes())


def test_a_kept_signal_rule_that_nobody_followed_keeps_its_points(made: MadeUp) -> None:
    deeds = (*made.table.deeds, replace(made.table.deeds[0], rule="asks", amounts=np.zeros(len(made.table))))
    card = learn(replace(made.table, deeds=deeds), Wishes(rules=RULES, kept={"asks": 40})).card
    assert [rule.points for rule in card.signal_rules if rule.term == Doing("asks")] == [40]


def _with_one_more(table: Table, subject: str, values: list[str | int | None]) -> Table:
    """The first lead, again and again, with each of these values."""
    row = table.of(np.zeros(len(values), dtype=np.int64))
    filling = Filling()
    for value in values:
        filling.add(value)
    changed = filling.column(subject)
    old = next(column for column in table.columns if column.subject == subject)
    changed = replace(changed, kind=old.kind)
    return replace(row, columns=tuple(changed if c.subject == subject else c for c in row.columns))


@settings(max_examples=4)
@given(seed=st.integers(1, 1_000), up=st.booleans())
def test_points_go_in_the_direction_asked_for_whatever_the_leads_say(seed: int, up: bool) -> None:
    table = make_leads(600, seed=seed).table
    direction = 1 if up else -1
    asked = {"answers.budget": direction, "account.employees": direction}
    card = learn(table, Wishes(rules=8, directions=asked)).card
    ordered = sorted(BUDGETS, key=lambda budget: size_of("answers.budget", budget))
    by_budget = card.points(_with_one_more(table, "answers.budget", list(ordered)))
    by_size = card.points(_with_one_more(table, "account.employees", list(range(1, 100))))
    assert (direction * np.diff(by_budget) >= 0).all()
    assert (direction * np.diff(by_size) >= 0).all()
