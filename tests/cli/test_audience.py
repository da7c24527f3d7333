"""`nurture audience`: who is in it, and a plain answer to what cannot be asked."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli

PEOPLE = [f"An {n};an{n}@bakery{n}.example.com" for n in range(1, 8)]


@pytest.fixture
def cli(cli: Cli) -> Cli:
    assert cli.import_people(*PEOPLE).code == 0
    return cli


def test_a_campaign_says_who_is_not_in_it_yet_and_who_had_it(cli: Cli) -> None:
    before = cli("audience", "greeting", "--json").json
    cli("tick")
    after = cli("audience", "greeting", "--json").json
    assert (before["people"], before["standings"]) == (7, {"not_yet": 7})
    assert (after["people"], after["standings"]) == (7, {"had_it": 7})


def test_the_result_has_the_shape_that_programs_rely_on(cli: Cli) -> None:
    found = cli("audience", "greeting", "--list", "2", "--json").json
    assert set(found) == {"campaign", "people", "condition", "standings", "examples", "in_python"}
    assert found["examples"] == [
        {"id": n, "name": f"An {n}", "email": f"an{n}@bakery{n}.example.com", "standing": "not_yet"}
        for n in (1, 2)
    ]


def test_it_is_told_in_words_with_examples(cli: Cli) -> None:
    cli("tick")
    outcome = cli("audience", "greeting", "--list", "1")
    assert outcome.code == 0
    assert outcome.out.splitlines()[:2] == [
        'greeting: 7 people, by "website" in contact.interests',
        "  7  had it before",
    ]
    assert "An 1  had it" in outcome.out
    assert "An 2" not in outcome.out


def test_any_condition_can_be_asked(cli: Cli) -> None:
    outcome = cli("audience", "--when", 'contact.email.startswith("an3@")')
    assert outcome.out.startswith('1 person: contact.email.startswith("an3@")\n  1  contact\n')


def test_a_condition_about_a_campaign_knows_its_steps(cli: Cli) -> None:
    cli("tick")
    found = cli("audience", "greeting", "--when", 'sent("welcome")', "--json").json
    assert found["standings"] == {"had_it": 7}


def test_what_the_database_cannot_be_asked_is_said(cli: Cli) -> None:
    outcome = cli("audience", "--when", "role_address(contact.email) == false")
    assert outcome.out.startswith("7 people")
    assert "asked in Python, as the database cannot be asked the rule role_address of a plugin" in outcome.out


def test_an_audience_that_differs_from_the_live_one_is_said(cli: Cli) -> None:
    cli("tick")
    cli.replace("campaigns/greeting.yaml", '"website" in contact.interests', '"bread" in contact.interests')
    outcome = cli("audience", "greeting")
    assert outcome.out.startswith("greeting: 0 people")
    assert 'the live version has another audience: "website" in contact.interests' in outcome.err


def test_a_plan_says_how_many_a_changed_audience_brings(cli: Cli) -> None:
    cli("tick")
    assert cli.import_people("Bo;bo@fair.example.com").code == 0
    cli.replace("campaigns/greeting.yaml", "'\"website\" in contact.interests'", "known(contact.email)")
    assert "  1 contact is in its audience and was never in it" in cli("plan").out.splitlines()
    assert cli("plan", "--json").json["newcomers"] == {"greeting": 1}


def test_a_misspelt_campaign_is_told_with_what_was_meant(cli: Cli) -> None:
    outcome = cli("audience", "greetin")
    assert (outcome.code, outcome.out) == (1, "")
    assert "there is no campaign 'greetin' without errors; did you mean greeting?" in outcome.err


def test_a_broken_condition_is_told_with_its_place(cli: Cli) -> None:
    outcome = cli("audience", "--when", 'fit > 5 and contact.cty == "Gent"')
    assert (outcome.code, outcome.out) == (1, "")
    told = outcome.err.splitlines()
    start = told.index("nurture: --when, character 13: there is no name contact.cty")
    assert told[start + 1].index("contact.cty") == told[start + 2].index("^")
    assert told[start + 3] == "  hint: did you mean contact.city?"


@pytest.mark.parametrize("text", ["fit >", "(", '"', "and", "fit == 5 fit", "x" * 5_000, "bakes(1)", "\n)"])
def test_no_condition_ends_in_a_traceback(cli: Cli, text: str) -> None:
    outcome = cli("audience", "--when", text)
    assert (outcome.code, outcome.out) == (1, "")
    assert "nurture: --when, character" in outcome.err
    assert "Traceback" not in outcome.err


def test_neither_campaign_nor_condition_is_wrong_usage(cli: Cli) -> None:
    assert cli("audience").code == 2
