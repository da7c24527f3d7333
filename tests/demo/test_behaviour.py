from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nurture.demo.behaviour import FORMS, PAGES, Behaviour, PlannedAct
from nurture.demo.mailbox import DeliveredMail
from nurture.demo.world import Temper, make_world

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITE = "https://www.example.com"
WORLD = make_world(1)
MAIL = DeliveredMail(
    path=Path("1.eml"),
    recipient="",
    subject="Drie kleine bedrijven",
    delivered_at=NOW,
    opens="http://n.example/o/xyz.gif",
    clicks=("http://n.example/c/abc",),
    unsubscribe="http://n.example/u/out",
)


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour(1, WORLD)


def of_temper(behaviour: Behaviour, temper: Temper) -> list[list[PlannedAct]]:
    """What everybody of a temper does with twenty different mails."""
    people = [person for person in WORLD.people if person.temper is temper]
    return [
        behaviour.react(replace(MAIL, recipient=person.email, subject=f"mail {number}"))
        for person in people
        for number in range(20)
    ]


def share(reactions: list[list[PlannedAct]], kind: str) -> float:
    return sum(any(act.kind == kind for act in acts) for acts in reactions) / len(reactions)


def test_the_same_seed_behaves_the_same(behaviour: Behaviour) -> None:
    again = Behaviour(1, WORLD)
    assert of_temper(again, Temper.BUYER) == of_temper(behaviour, Temper.BUYER)


def test_another_seed_behaves_otherwise(behaviour: Behaviour) -> None:
    assert of_temper(Behaviour(2, WORLD), Temper.BUYER) != of_temper(behaviour, Temper.BUYER)


def test_nobody_acts_before_the_mail_is_there(behaviour: Behaviour) -> None:
    acts = [act for temper in Temper for acts in of_temper(behaviour, temper) for act in acts]
    assert min(act.at for act in acts) > NOW


def test_people_sleep_at_night(behaviour: Behaviour) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    opens = [act.at for acts in of_temper(behaviour, Temper.LOOKER) for act in acts if act.kind == "open"]
    assert {at.astimezone(zone).hour for at in opens}.isdisjoint(range(7))


def test_buyers_click_more_than_the_cold(behaviour: Behaviour) -> None:
    buyers, cold = (of_temper(behaviour, temper) for temper in (Temper.BUYER, Temper.COLD))
    assert share(buyers, "click") > 5 * share(cold, "click")


def test_leavers_are_the_ones_who_unsubscribe(behaviour: Behaviour) -> None:
    leavers, buyers = (of_temper(behaviour, temper) for temper in (Temper.LEAVER, Temper.BUYER))
    assert share(leavers, "unsubscribe") > 0.1 > share(buyers, "unsubscribe")


def test_a_mail_filter_follows_every_link_within_seconds(behaviour: Behaviour) -> None:
    for acts in of_temper(behaviour, Temper.SCANNED):
        assert [act.url for act in acts if not act.person] == list(MAIL.clicks)
        assert all(act.at - NOW < timedelta(seconds=5) for act in acts if not act.person)


def test_who_is_not_in_the_world_fills_in_no_form(behaviour: Behaviour) -> None:
    acts = [
        act
        for number in range(200)
        for act in behaviour.arrive("stranger@nowhere.example", f"{SITE}/quote?n={number}", NOW)
    ]
    assert all(act.kind == "visit" for act in acts)


def test_a_form_says_who_sends_it(behaviour: Behaviour) -> None:
    buyer = next(person for person in WORLD.people if person.temper is Temper.BUYER)
    acts = [
        act
        for number in range(50)
        for act in behaviour.arrive(buyer.email, f"{SITE}/quote", NOW + timedelta(hours=number))
    ]
    sent = [act for act in acts if act.kind == "submit"]
    assert sent
    assert all(act.fields["email"] == buyer.email for act in sent)


def test_every_page_leads_to_pages_that_are_there() -> None:
    assert {page for onward in PAGES.values() for page in onward} | set(FORMS) <= set(PAGES)


def test_a_form_does_not_repeat_the_remark_that_somebody_came_with(behaviour: Behaviour) -> None:
    remarks = {person.email: person.remark for person in WORLD.people if person.remark}
    page = next(path for path, form in FORMS.items() if form == "quote")
    acts = [act for email in remarks for act in behaviour.arrive(email, SITE + page, NOW)]
    messages = {act.recipient: act.fields["message"] for act in acts if "message" in act.fields}
    assert len(messages) > 10
    assert [message for email, message in messages.items() if message == remarks[email]] == []
