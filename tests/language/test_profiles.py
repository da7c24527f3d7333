from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture.core.profile import FitTerm, Profile
from nurture.language.workspace import load_documents
from tests.language.examples import KNOWN, PROFILE

ENGAGEMENT = "engagement: {half_life: 21d}"


def read(folder: Path, old: str = "", new: str = "") -> Profile:
    assert old in PROFILE
    (folder / "profile.yaml").write_text(PROFILE.replace(old, new, 1), encoding="utf-8")
    (profile,) = load_documents(folder, known=KNOWN).profiles
    return profile.profile


def codes(folder: Path, new: str) -> list[str]:
    (folder / "profile.yaml").write_text(PROFILE.replace(ENGAGEMENT, new, 1), encoding="utf-8")
    found = load_documents(folder, known=KNOWN).findings
    return [finding.code for finding in found if finding.code != "N608"]


def test_a_fit_rule_says_which_term_of_sales_it_is_about_and_what_to_ask(tmp_path: Path) -> None:
    rules = read(tmp_path, "points: 40}", "points: 40, about: budget, ask: budget}").fit_rules
    assert [(rule.about, rule.ask) for rule in rules] == [
        (None, None),
        (FitTerm.BUDGET, "budget"),
        (None, None),
    ]


@pytest.mark.parametrize("term", FitTerm)
def test_every_term_of_sales_can_be_what_a_rule_is_about(tmp_path: Path, term: FitTerm) -> None:
    assert read(tmp_path, "points: 40}", f"points: 40, about: {term}}}").fit_rules[1].about is term


def test_caps_are_read_by_kind_of_signal(tmp_path: Path) -> None:
    profile = read(tmp_path, ENGAGEMENT, "engagement: {caps: {visited: 10, submitted: 0}}")
    assert profile.caps == {"visited": 10, "submitted": 0}


def test_without_a_word_clicks_wait_two_minutes_and_silence_lasts_ninety_days(tmp_path: Path) -> None:
    profile = read(tmp_path)
    assert (profile.settle, profile.dormant_after) == (timedelta(minutes=2), timedelta(days=90))


@pytest.mark.parametrize(("text", "meant"), [("0m", 0), ("0s", 0), ("90s", 90), ("5m", 300)])
def test_clicks_wait_as_long_as_the_profile_says_or_not_at_all(tmp_path: Path, text: str, meant: int) -> None:
    assert read(tmp_path, ENGAGEMENT, f"engagement: {{settle: {text}}}").settle == timedelta(seconds=meant)


def test_the_half_life_may_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, ENGAGEMENT, "engagement: {dormant_after: 60d}").half_life == timedelta(days=21)


def test_engagement_that_the_caps_do_not_allow_can_never_be_reached(tmp_path: Path) -> None:
    assert codes(tmp_path, "engagement: {caps: {visited: 10, submitted: 10}}") == ["N602"]


def test_a_cap_on_one_kind_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    assert codes(tmp_path, "engagement: {caps: {visited: 10}}") == []
