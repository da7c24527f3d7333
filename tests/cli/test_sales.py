"""`nurture handover` and `nurture sales`: answering, absences, owners and tokens by command."""

from __future__ import annotations

import hashlib

import pytest

from nurture.app import build_app
from nurture.settings import load_settings
from nurture.store import schema
from tests.cli.conftest import Cli
from tests.store.people import rows_of


def test_each_answer_has_its_command(handed_over: Cli) -> None:
    said = [
        handed_over("handover", "ask", "1", "--need", "budget", "--json").json,
        handed_over("handover", "accept", "1", "--by", "Sanne", "--json").json,
        handed_over("handover", "hand-back", "1", "--reason", "unreachable", "--json").json,
    ]
    assert [(one["answer"], one["lifecycle"]) for one in said] == [
        ("asked", "contact"),
        ("accepted", "accepted"),
        ("handed_back", "recycled"),
    ]


def test_a_rejection_can_name_a_day(handed_over: Cli) -> None:
    given = ("handover", "reject", "1", "--reason", "not_now", "--until", "2099-01-04", "--json")
    assert handed_over(*given).json["recycle_at"] == "2099-01-03T23:00:00+00:00"


def test_a_day_that_is_none_is_told(handed_over: Cli) -> None:
    outcome = handed_over("handover", "reject", "1", "--reason", "not_now", "--until", "soon")
    assert (outcome.code, "'soon' is no date" in outcome.err) == (1, True)


def test_members_are_listed_with_what_waits_for_them(handed_over: Cli) -> None:
    found = handed_over("sales", "list", "--json").json
    assert [(one["name"], one["open"], one["away_until"]) for one in found] == [
        ("Sanne de Wit", 1, None),
        ("Joris Bakker", 0, None),
    ]


def test_who_is_away_gets_nothing_until_they_are_back(cli: Cli) -> None:
    assert "until 2099-01-04" in cli("sales", "away", "sanne", "--until", "2099-01-04").out
    assert cli("sales", "list", "--json").json[0]["away_until"] == "2099-01-04"
    cli("sales", "back", "sanne@example.com")
    assert cli("sales", "list", "--json").json[0]["away_until"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("away", "nobody", "--until", "2099-01-04"), "no team has a member 'nobody'"),
        (("away", "sanne", "--until", "2020-01-04"), "2020-01-04 is before"),
        (("owner", "nowhere.example", "sanne"), "there is no account 'nowhere.example'"),
        (("owner", "nowhere.example"), "whose is it?"),
        (("token", "My CRM"), "'My CRM' is no name"),
        (("token", "crm", "--team", "sales-be"), "there is no team 'sales-be'"),
    ],
)
def test_what_cannot_be_is_told(cli: Cli, arguments: tuple[str, ...], words: str) -> None:
    outcome = cli("sales", *arguments)
    assert outcome.code != 0
    assert words in outcome.err


def test_an_account_gets_an_owner_and_loses_it(handed_over: Cli) -> None:
    owner = handed_over("sales", "owner", "1", "joris", "--json").json["owner"]
    nobody = handed_over("sales", "owner", "1", "--nobody", "--json").json["owner"]
    assert (owner, nobody) == ("joris@example.com", None)


def test_a_token_is_told_once_and_its_hash_is_for_the_settings(cli: Cli) -> None:
    made = cli("sales", "token", "crm", "--team", "sales-nl", "--json").json
    assert made["token_sha256"] == hashlib.sha256(made["token"].encode()).hexdigest()
    assert made["teams"] == ["sales-nl"]


def test_what_is_printed_of_a_token_can_be_put_into_the_settings(cli: Cli) -> None:
    printed = cli("sales", "token", "crm", "--team", "sales-nl").out
    settings = cli.folder / "nurture.toml"
    settings.write_text(settings.read_text() + printed.partition("nurture.toml:")[2])
    assert cli("sales", "list").code == 0


def test_an_erased_person_is_withdrawn_from_sales(handed_over: Cli) -> None:
    handed_over("handover", "accept", "1")
    handed_over("erase", "1", "--yes")
    app = build_app(load_settings(handed_over.folder))
    rows = rows_of(app.store, schema.notice)
    app.close()
    assert [(row.kind, row.channel, row.handover_id) for row in rows] == [("withdrawn", "email", None)]


@pytest.mark.parametrize(
    "asked", [("handover", "show"), ("review", "show"), ("accounts", "show"), ("enrich",), ("outcome", "won")]
)
def test_a_number_larger_than_any_names_nothing(cli: Cli, asked: tuple[str, ...]) -> None:
    outcome = cli(*asked, "9" * 20)
    assert outcome.code == 1
    assert "so large a number" in outcome.err
