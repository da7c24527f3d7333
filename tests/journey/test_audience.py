"""Who is in an audience: the database and Python give the same people."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from nurture.app import App
from nurture.core.campaign import Campaign
from nurture.core.predicate import Condition
from nurture.errors import NurtureError
from nurture.journey.audience import Survey
from nurture.journey.preview import Previewer
from nurture.language.conditions import parse
from tests.store.people import StatementCounter
from tests.world import MONDAY, make_app, person, submit

CAMPAIGN = "new-website"
EVERYBODY = 40
OF_A_FIRM = 'of_a_firm(contact.email) and contact.country == "NL"'


@pytest.fixture(scope="module")
def app(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The example workspace with people of all kinds, some of whom are under way; only looked at."""
    app = make_app(tmp_path_factory.mktemp("audience") / "w", lasting_database)
    dice = random.Random(5)
    for form in ("brochure", "quote"):
        submit(app, *(_somebody(dice, n) for n in range(EVERYBODY) if dice.random() < 0.8), form=form)
        app.advance_batch()
    yield app
    app.close()


def _somebody(dice: random.Random, number: int) -> dict[str, Any]:
    return person(
        number,
        interests=dice.choice(["website", "webshop", "website, webshop", ""]),
        country=dice.choice(["NL", "BE", "US", ""]),
        budget=dice.choice(["5-10k", "10k+", "under 2k", ""]),
        role=dice.choice(["owner", "student", ""]),
        consent=dice.choice(["marketing", ""]),
        page=dice.choice(["", "https://www.example.com/prices"]),
    )


def of_a_firm(address: object) -> bool | None:
    return None if not isinstance(address, str) else not address.startswith("an1")


def campaign_of(app: App) -> Campaign:
    return next(each.campaign for each in app.documents().campaigns if each.campaign.name == CAMPAIGN)


def survey(app: App, condition: Condition, *, rule: Any = of_a_firm, **options: int) -> Survey:
    rules = {**app.registry.rules, "of_a_firm": rule}
    options = {"examples": 1_000} | options
    return Survey(condition, MONDAY, campaign=campaign_of(app), rules=rules, **options)


def conditions_in(thing: object) -> Iterator[Condition]:
    """Every condition in a profile or campaign, however deep."""
    if isinstance(thing, Condition):
        yield thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from conditions_in(getattr(thing, field.name))
    elif isinstance(thing, dict):
        yield from conditions_in(tuple(thing.values()))
    elif isinstance(thing, tuple | list):
        for each in thing:
            yield from conditions_in(each)


def quiet(looked_at: int) -> None:
    pass


def test_query_and_python_agree_on_every_condition_of_the_example_workspace(app: App) -> None:
    documents = app.documents()
    conditions = dict.fromkeys(conditions_in([*documents.campaigns, *documents.profiles]))
    asked = 0
    with app.store.read() as connection:
        for condition in conditions:
            one = survey(app, condition)
            by_query = one.ask(connection, quiet)
            if by_query.in_python is None:
                asked += 1
                assert by_query == replace(one.in_python(connection, "", quiet), in_python=None), condition
    assert asked > 10


def test_who_is_under_way_is_told_from_who_is_not(app: App) -> None:
    with app.store.read() as connection:
        found = survey(app, campaign_of(app).audience).ask(connection, quiet)
    assert found.standings["under_way"] > 1
    assert found.people == len(found.examples) == sum(found.standings.values())


def test_what_happened_under_a_former_name_of_a_step_counts_either_way(app: App) -> None:
    renamed = replace(campaign_of(app), former={"hello": frozenset({"welcome"})})
    asked = Survey(parse('sent("hello")'), MONDAY, campaign=renamed, examples=1_000)
    with app.store.read() as connection:
        before = survey(app, parse('sent("welcome")')).ask(connection, quiet).standings
        assert asked.ask(connection, quiet).standings == before
        assert asked.in_python(connection, "", quiet).standings == before
    assert before["under_way"] > 0


def test_a_rule_of_a_plugin_is_asked_in_python_and_said(app: App) -> None:
    condition = parse(OF_A_FIRM, rules={"of_a_firm"})
    looked_at: list[int] = []
    with app.store.read() as connection:
        found = survey(app, condition, at_once=3).ask(connection, looked_at.append)
        there = survey(app, parse('contact.country == "NL"')).ask(connection, quiet)
    assert found.in_python == "the rule of_a_firm of a plugin"
    assert list(found.examples) == [one for one in there.examples if of_a_firm(one.email)]
    assert found.people == len(found.examples) > 3
    assert looked_at[:2] == [3, 6]
    assert looked_at[-1] == there.people


def test_in_python_people_are_looked_at_in_batches_of_a_few_queries(app: App) -> None:
    asked = survey(app, parse(OF_A_FIRM, rules={"of_a_firm"}))
    with app.store.read() as connection:
        counter = StatementCounter(app.store)
        asked.ask(connection, quiet)
    assert counter.n <= 10


def test_no_more_examples_come_than_are_wanted(app: App) -> None:
    condition = parse(OF_A_FIRM, rules={"of_a_firm"})
    with app.store.read() as connection:
        found = survey(app, condition, examples=3, at_once=2).ask(connection, quiet)
        everybody = survey(app, condition).ask(connection, quiet)
    assert list(found.examples) == list(everybody.examples)[:3]


def test_a_rule_that_fails_is_named_with_whom_it_failed_on(app: App) -> None:
    def fails(address: object) -> bool:
        raise ValueError("no bread today")

    asked = survey(app, parse(OF_A_FIRM, rules={"of_a_firm"}), rule=fails)
    with app.store.read() as connection, pytest.raises(NurtureError, match=r"contact \d+: .*no bread today"):
        asked.ask(connection, quiet)


def newcomers(app: App) -> dict[str, int]:
    compiled = app.documents()
    draft = app.draft_plan(compiled)
    previewer = Previewer(app.clock, app.plans, app.signer)
    with app.store.read() as connection:
        preview = previewer.preview(connection, compiled, app.settings.profile, draft)
        return previewer.newcomers(connection, preview, draft)


@contextmanager
def edited(app: App, old: str, new: str) -> Iterator[None]:
    """The campaign's file with one place changed, for as long as it takes."""
    file = app.settings.folder / "campaigns" / "new-website.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


AUDIENCE = '"website" in contact.interests and "webshop" not in contact.interests'


def test_a_plan_counts_who_was_never_in_a_campaign_and_is_in_its_new_audience(app: App) -> None:
    with edited(app, AUDIENCE, "known(contact.email)"):
        with app.store.read() as connection:
            everybody = survey(app, parse("known(contact.email)")).ask(connection, quiet)
        assert newcomers(app) == {CAMPAIGN: everybody.standings["not_yet"]}
    assert everybody.standings["not_yet"] > 3


def test_a_plan_counts_nobody_where_the_audience_stays(app: App) -> None:
    with edited(app, "wait: 9d", "wait: 8d"):
        assert newcomers(app) == {}


def test_a_plan_leaves_out_what_only_python_could_count(app: App) -> None:
    with edited(app, AUDIENCE, "business_email(contact.email)"):
        assert newcomers(app) == {}
