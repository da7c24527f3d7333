"""The proposal as a whole, on both databases."""

from __future__ import annotations

import pytest

from nurture.core.facts import NO_RULES
from nurture.core.profile import Profile
from nurture.errors import NurtureError
from nurture.language.workspace import compile_source
from nurture.learn.session import Proposal, Request, propose
from nurture.store.engine import Store
from tests.learn.people import PROFILE, add_ended

REQUEST = Request(rules=8)


def proposal(store: Store, request: Request = REQUEST) -> Proposal:
    profile = compile_source(PROFILE, "profile")
    assert isinstance(profile, Profile)
    with store.read() as connection:
        return propose(connection, profile, PROFILE, NO_RULES, request)


@pytest.fixture
def ended(store: Store) -> Store:
    add_ended(store, 400)
    return store


def learned(store: Store, request: Request = REQUEST) -> Profile:
    found = compile_source(proposal(store, request).text, "proposal")
    assert isinstance(found, Profile)
    return found


def test_the_proposal_asks_for_what_matters(ended: Store) -> None:
    profile = learned(ended)
    assert any("answers.budget" in rule.when.source for rule in profile.fit_rules)
    assert {rule.id for rule in profile.signals} == {"looks-at-prices", "asks"}


def test_what_the_profile_says_beside_points_stays(ended: Store) -> None:
    before, after = compile_source(PROFILE, "profile"), learned(ended)
    assert isinstance(before, Profile)
    assert (after.name, after.require, after.half_life) == (before.name, before.require, before.half_life)
    assert after.disqualifiers == before.disqualifiers
    assert {(one.id, one.stage, one.buying) for one in after.signals} == {
        (one.id, one.stage, one.buying) for one in before.signals
    }


def test_a_field_that_is_too_good_is_left_out_and_named(ended: Store) -> None:
    found = proposal(ended)
    assert [one.subject for one in found.report.left_out] == ["answers.verdict"]
    assert "# Left out: answers.verdict: " in found.text


def test_a_field_that_is_too_good_is_kept_on_request(ended: Store) -> None:
    found = proposal(ended, Request(rules=8, keep=("answers.verdict",)))
    assert [one.subject for one in found.report.doubtful] == ["answers.verdict"]
    assert 'answers.verdict == "signed"' in found.text or 'answers.verdict == "no"' in found.text


def test_each_rule_says_of_how_many_leads_it_was_true(ended: Store) -> None:
    found = proposal(ended)
    learned = [line.rule for line in found.report.lines if line.rule.learned]
    assert len(learned) >= 3
    assert all(f"# {rule.leads:,} leads, {rule.won:,} of them won" in found.text for rule in learned)


def test_a_rule_that_too_few_followed_says_so(ended: Store) -> None:
    assert "# 0 leads: too few to learn from, its points are those of before" in proposal(ended).text


def test_too_few_outcomes_are_refused(store: Store) -> None:
    add_ended(store, 120)
    with pytest.raises(NurtureError, match="too few outcomes"):
        proposal(store)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (
            Request(leave_out=("answers.budgt",)),
            "--leave-out: no lead has 'answers.budgt'; did you mean answers.budget",
        ),
        (Request(keep=("answers.budget",)), "--keep: 'answers.budget' is not left out"),
        (Request(monotone=("answers.budget",)), "does not say in which direction"),
        (Request(monotone=("contact.country:up",)), "there is no number in 'NL'"),
        (Request(rules=1), "2 signal rules that lead to a stage"),
    ],
)
def test_a_request_that_makes_no_sense_is_told(ended: Store, request_: Request, told: str) -> None:
    with pytest.raises(NurtureError, match=told):
        proposal(ended, request_)
