"""Whose hits are judged anew at once, and how often."""

from __future__ import annotations

from datetime import timedelta

from nurture.tokens import LinkFacts
from nurture.web.hits import Hit
from nurture.web.suspicions import PATIENT_FOR, Suspicions
from tests.store.people import NOW


def click(number: int, *, contact: int = 1) -> Hit:
    facts = LinkFacts(contact, contact, "c", "s", f"https://example.com/{number}")
    at = NOW + timedelta(milliseconds=number)
    return Hit(facts, at, "GET", "Mozilla/5.0", {}, {"network": "n"})


def test_a_burst_has_its_contact_judged_anew() -> None:
    assert Suspicions().raised_by([click(1), click(2)]) == {1}


def test_who_clicks_all_day_is_judged_anew_ever_more_seldom() -> None:
    suspicions = Suspicions()
    raised = [bool(suspicions.raised_by([click(number)])) for number in range(1, 1_001)]
    # The first click of all is no burst yet.
    assert (raised[0], all(raised[1 : PATIENT_FOR + 1])) == (False, True)
    assert sum(raised[PATIENT_FOR + 1 :]) == (1_000 - 1) // PATIENT_FOR - 1


def test_one_who_clicks_all_day_does_not_hide_another() -> None:
    suspicions = Suspicions()
    suspicions.raised_by([click(number) for number in range(1, 500)])
    assert suspicions.raised_by([click(1, contact=2), click(2, contact=2)]) == {2}
