from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nurture.core.expression import UNKNOWN
from nurture.core.facts import SignalFacts, SnapshotFacts
from nurture.core.model import Account, Sent, SignalClass, Snapshot, Stage
from tests.core.make import DAY, MONDAY, contact, signal, snapshot, visited


def facts(of: Snapshot, **more: Any) -> SnapshotFacts:
    return SnapshotFacts(of, 70, 12.5, Stage.COMPARISON, MONDAY, "new-website", **more)


PERSON = contact(source="csv", city=None, answers={"budget": "10k+", "utm.source": "ads"}, fit=3)
FIRM = Account(7, sector="retail", facts={"revenue": 5})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("contact.name", "An"),
        ("contact.interests", ("website",)),
        ("contact.city", UNKNOWN),
        ("contact.recycle_at", UNKNOWN),
        ("contact.fit", 70),
        ("account.sector", "retail"),
        ("account.employees", UNKNOWN),
        ("account.revenue", 5),
        ("account.profit", UNKNOWN),
        ("answers.budget", "10k+"),
        ("answers.utm.source", "ads"),
        ("answers.role", UNKNOWN),
        ("consent.marketing", True),
        ("consent.news", False),
        ("fit", 70),
        ("engagement", 12.5),
        ("stage", "comparison"),
        ("lifecycle", "contact"),
        ("source", "csv"),
        ("nonsense", UNKNOWN),
        ("nonsense.more", UNKNOWN),
    ],
)
def test_a_name_is_looked_up_where_it_belongs(path: str, value: object) -> None:
    assert facts(snapshot(contact=PERSON, account=FIRM)).lookup(tuple(path.split("."))) == value


def test_everything_about_no_account_is_unknown() -> None:
    assert facts(snapshot()).lookup(("account", "name")) is UNKNOWN


def test_what_is_not_measured_yet_is_unknown() -> None:
    early = SnapshotFacts(snapshot(), None, None, None, MONDAY)
    assert [early.lookup((name,)) for name in ("fit", "engagement", "stage")] == [UNKNOWN] * 3


def test_a_visit_counts_for_the_page_and_all_above_it() -> None:
    been = facts(snapshot([visited("/portfolio/shops?x=1"), visited("/portfolio-old")]))
    asked = ["/portfolio", "/portfolio/", "/portfolio/shops", "/port", "/"]
    assert [been.history("visited", what, None) for what in asked] == [1, 1, 1, 0, 0]


def test_the_home_page_is_asked_for_as_a_slash() -> None:
    been = facts(snapshot([signal("visited", url="https://www.example.com")]))
    assert been.history("visited", "/", None) == 1


def test_an_address_that_cannot_be_read_is_no_page() -> None:
    assert facts(snapshot([signal("visited", url="http://[broken")])).history("visited", "/", None) == 0


def test_a_click_counts_for_the_step_of_its_own_campaign() -> None:
    of_ours = signal("clicked", step="welcome", campaign="new-website")
    of_others = signal("clicked", step="welcome", campaign="webshop")
    been = facts(snapshot([of_ours, of_others]))
    assert (been.history("clicked", "welcome", None), been.history("clicked", None, None)) == (1, 2)


def test_a_later_occurrence_does_not_take_an_earlier_click_for_its_own() -> None:
    click = signal("clicked", MONDAY - 10 * DAY, step="welcome", campaign="new-website")
    again = facts(snapshot([click]), since=MONDAY - DAY)
    assert again.history("clicked", "welcome", None) == 0


def test_a_form_counts_by_its_name() -> None:
    been = facts(snapshot([signal("submitted", form="quote")]))
    assert [been.history("submitted", what, None) for what in ("quote", "brochure", None)] == [1, 0, 1]


def test_within_reaches_back_from_now_to_the_moment() -> None:
    been = facts(snapshot([visited("/prices", MONDAY - 3 * DAY)]))
    spans = [3 * DAY, 3 * DAY - timedelta(seconds=1)]
    assert [been.history("visited", "/prices", span) for span in spans] == [1, 0]


def test_machines_count_in_no_history_and_probable_ones_do() -> None:
    classes = [SignalClass.MACHINE, SignalClass.PROBABLE, SignalClass.HUMAN]
    some = snapshot([visited("/", classed=classed) for classed in classes])
    assert facts(some).history("visited", "/", None) == 2
    assert facts(some, human_only=True).history("visited", "/", None) == 1


@pytest.mark.parametrize(("state", "count"), [("sent", 1), ("ready", 1), ("failed", 0), ("withheld", 0)])
def test_sent_counts_what_went_out_or_is_about_to(state: str, count: int) -> None:
    mail = Sent("new-website", "welcome", 1, MONDAY, state)
    assert facts(snapshot(sent=(mail,))).history("sent", "welcome", None) == count


def test_what_happened_under_a_former_name_counts_for_the_step() -> None:
    click = signal("clicked", step="hello", campaign="new-website")
    mail = Sent("new-website", "hello", 1, MONDAY)
    been = facts(snapshot([click], sent=(mail,)), former={"welcome": frozenset({"hello"})})
    assert [been.history(kind, "welcome", None) for kind in ("sent", "clicked", "opened")] == [1, 1, 0]


def test_a_former_name_is_one_of_its_own_campaign_alone() -> None:
    mail = Sent("webshop", "hello", 1, MONDAY)
    been = facts(snapshot(sent=(mail,)), former={"welcome": frozenset({"hello"})})
    assert been.history("sent", "welcome", None) == 0


def test_a_form_knows_no_former_names() -> None:
    been = facts(snapshot([signal("submitted", form="hello")]), former={"welcome": frozenset({"hello"})})
    assert been.history("submitted", "welcome", None) == 0


def test_sent_counts_the_step_of_its_own_campaign() -> None:
    mail = Sent("webshop", "welcome", 1, MONDAY)
    been = facts(snapshot(sent=(mail,)))
    assert (been.history("sent", "welcome", None), been.history("sent", None, None)) == (0, 1)


@pytest.mark.parametrize(("answer", "known"), [(True, True), (False, False), (None, UNKNOWN)])
def test_a_plugin_rule_answers_for_itself(answer: bool | None, known: object) -> None:
    rules = {"business_email": lambda address: answer}
    assert facts(snapshot(), rules=rules).rule("business_email", ("an@example.com",)) is known


def test_a_plugin_rule_is_not_asked_about_what_is_unknown() -> None:
    rules = {"business_email": lambda address: True}
    assert facts(snapshot(), rules=rules).rule("business_email", (UNKNOWN,)) is UNKNOWN


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("url.path", "/prices"),
        ("url.host", "www.example.com"),
        ("url.query", "a=1"),
        ("url.nonsense", UNKNOWN),
        ("form", "quote"),
        ("step", UNKNOWN),
        ("answers.budget", "10k+"),
        ("answers.role", UNKNOWN),
        ("data.colour", "red"),
        ("contact.name", UNKNOWN),
    ],
)
def test_a_signal_is_asked_for_its_own_data(path: str, value: object) -> None:
    one = signal(
        "submitted",
        url="https://www.example.com/prices?a=1",
        form="quote",
        answers={"budget": "10k+"},
        colour="red",
    )
    assert SignalFacts(one).lookup(tuple(path.split("."))) == value
