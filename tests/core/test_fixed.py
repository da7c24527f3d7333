"""Who is called hopeless can never be promoted; for all others the shortened profile measures the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.assess import find_promotion, measure
from nurture.core.engagement import SignalRules
from nurture.core.fixed import FixedPlans, is_fixed
from nurture.core.model import Lifecycle, Snapshot
from nurture.core.profile import Profile
from nurture.language.conditions import parse
from tests.core.test_replay import PROFILES, RULES, START, Past, compiled, pasts, person

NOW = START + timedelta(days=26)
BUDGET = 'promote: fit >= 20 and answers.budget == "large" and stage in ["comparison", "decision"]'


@settings(max_examples=400)
@given(past=pasts(), profile=st.sampled_from(PROFILES))
def test_a_shortened_profile_measures_as_the_whole_one(past: Past, profile: Profile) -> None:
    known = past.known[-1]
    picture = Snapshot(known.contact, known.account, past.signals)
    fixed = FixedPlans(profile, RULES).of(picture, NOW)
    whole = measure(picture, profile, SignalRules(profile.signals, RULES), RULES, NOW)
    short = measure(picture, fixed.plan.profile, fixed.plan.signal_rules, RULES, NOW)
    assert (short.fit, short.disqualifier, short.engagement) == (
        whole.fit,
        whole.disqualifier,
        whole.engagement,
    )
    assert find_promotion(short, fixed.plan.profile, picture) == find_promotion(whole, profile, picture)
    assert not (fixed.hopeless and find_promotion(whole, profile, picture))


@pytest.mark.parametrize(
    ("profile", "hopeless"),
    [
        (compiled(BUDGET, fit=False, against=False), True),
        (compiled("", fit=False, against=False), True),
        # Each of these leaves a way: what they do may count for fit, the condition may ask for no data, what
        # they do may disqualify them.
        (compiled(BUDGET, fit=True, against=False), False),
        (compiled("", fit=True, against=False), False),
        (compiled("promote: engagement >= 12", fit=False, against=False), False),
        (compiled(BUDGET, fit=False, against=True), False),
    ],
)
def test_who_fits_too_little_for_any_rule_is_hopeless(profile: Profile, hopeless: bool) -> None:
    small = Snapshot(person(answers={"budget": "small"}, lifecycle=Lifecycle.CONTACT))
    assert FixedPlans(profile, RULES).of(small, NOW).hopeless is hopeless


def test_who_fits_well_enough_for_a_buying_signal_is_not_hopeless() -> None:
    profile = compiled('promote: answers.budget == "none" and engagement > 5', fit=False, against=False)
    large = Snapshot(person(answers={"budget": "large"}))
    assert not FixedPlans(profile, RULES).of(large, NOW).hopeless


@pytest.mark.parametrize(
    ("condition", "fixed"),
    [
        ('contact.country == "NL" and account.employees > 5 or answers.role == "owner"', True),
        ("business_email(contact.email)", True),
        ("known(contact.phone)", True),
        ("clicked()", False),
        ("contact.country == \"NL\" and visited('/prices', within=3d)".replace("'", '"'), False),
        ("engagement > 5", False),
        ('stage == "decision"', False),
        ("consent.marketing", False),
        ("fit > 5", False),
    ],
)
def test_only_what_asks_for_data_alone_is_fixed(condition: str, fixed: bool) -> None:
    assert is_fixed(parse(condition, rules=None).root) is fixed
