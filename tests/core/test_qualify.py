from __future__ import annotations

import pytest

from nurture.core.facts import SnapshotFacts
from nurture.core.model import Account, Lead, Snapshot
from nurture.core.qualify import data_standard, explain_fit, measure_fit
from tests.core.make import FITTING, MONDAY, PROFILE, contact, snapshot


def facts(of: Snapshot) -> SnapshotFacts:
    return SnapshotFacts(of, None, None, None, MONDAY)


@pytest.mark.parametrize(
    ("lead", "missing"),
    [
        (Lead(name="An", email="an@example.com"), ()),
        (Lead(name="An", phone="+31201234567"), ()),
        (Lead(email="an@example.com"), ("no name",)),
        (Lead(name="An"), ("no email or phone",)),
        (Lead(name="  "), ("no name", "no email or phone")),
        (Lead(answers={"name": "An"}, phone="+31201234567"), ()),
        (Lead(name="An", problems={"email": "malformed"}), ("no usable email or phone",)),
        (Lead(name="An", phone="+31201234567", problems={"email": "malformed"}), ()),
        (Lead(phone="+31201234567", problems={"email": "malformed"}), ("no name",)),
    ],
)
def test_the_data_standard_says_what_is_missing(lead: Lead, missing: tuple[str, ...]) -> None:
    assert data_standard(lead, PROFILE.require) == missing


def test_fit_keeps_hits_misses_and_unknowns_apart() -> None:
    verdict = explain_fit(PROFILE, facts(snapshot(account=Account(1, employees=2, country="NL"))))
    rules = [[one.rule for one in some] for some in (verdict.hits, verdict.misses, verdict.unknowns)]
    assert rules == [["region"], ["sme"], ["budget"]]


def test_only_what_matched_gives_points() -> None:
    verdict = explain_fit(PROFILE, facts(snapshot(account=FITTING)))
    assert (verdict.points, [hit.points for hit in verdict.hits]) == (50, [30, 20])


def test_a_disqualifier_says_its_reason_and_what_was_seen() -> None:
    student = snapshot(contact=contact(answers={"role": "student"}), account=FITTING)
    excluded = explain_fit(PROFILE, facts(student)).disqualified
    assert excluded is not None
    assert excluded.rule == "student"
    assert excluded.finding.reason.startswith("no budget: ")
    assert "student" in excluded.finding.reason


def test_the_fast_way_and_the_one_in_words_agree() -> None:
    for person in (contact(), contact(answers={"role": "student", "budget": "10k+"})):
        of = facts(snapshot(contact=person, account=FITTING))
        verdict, (points, excluded) = explain_fit(PROFILE, of), measure_fit(PROFILE, of)
        assert (verdict.points, verdict.disqualified is None) == (points, excluded is None)
