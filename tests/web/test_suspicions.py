"""Whose hits are judged anew at once, and how often."""

from __future__ import annotations

from datetime import timedelta

from nurture.tokens import LinkFacts, UnsubscribeFacts
from nurture.web.hits import Hit, Looked
from nurture.web.suspicions import PATIENT_FOR, Raised, Suspicions
from tests.store.people import NOW


def click(number: int, *, contact: int = 1) -> Hit:
    facts = LinkFacts(contact, contact, "c", "s", f"https://example.com/{number}")
    at = NOW + timedelta(milliseconds=number)
    return Hit(facts, at, "GET", "Mozilla/5.0", {}, {"network": "n"})


def test_a_burst_has_its_contact_judged_anew() -> None:
    assert Suspicions().raised_by([click(1), click(2)]).contacts == {1}


def test_who_clicks_all_day_is_judged_anew_ever_more_seldom() -> None:
    suspicions = Suspicions()
    raised = [bool(suspicions.raised_by([click(number)]).contacts) for number in range(1, 1_001)]
    # The first click of all is no burst yet.
    assert (raised[0], all(raised[1 : PATIENT_FOR + 1])) == (False, True)
    assert sum(raised[PATIENT_FOR + 1 :]) == (1_000 - 1) // PATIENT_FOR - 1


def test_one_who_clicks_all_day_does_not_hide_another() -> None:
    suspicions = Suspicions()
    suspicions.raised_by([click(number) for number in range(1, 500)])
    assert suspicions.raised_by([click(1, contact=2), click(2, contact=2)]).contacts == {2}


def look(seconds: float) -> Looked:
    facts = UnsubscribeFacts(1, "marketing", 1, "c", "s")
    return Looked(facts, NOW + timedelta(seconds=seconds), "unsubscribe", {"network": "m"})


def test_a_look_at_a_way_out_alone_is_nothing_to_judge_or_keep() -> None:
    assert Suspicions().raised_by([look(0), look(1)]) == Raised(frozenset())


def test_a_look_beside_a_click_is_kept_and_judged_once() -> None:
    suspicions = Suspicions()
    found = suspicions.raised_by([look(0), click(1)])
    assert (found.contacts, found.looks) == ({1}, (look(0),))
    assert suspicions.raised_by([click(2)]).looks == ()


def test_a_look_long_before_a_click_is_forgotten() -> None:
    found = Suspicions().raised_by([look(-61), click(1)])
    assert found == Raised(frozenset())
