"""`nurture accounts show`: a firm, its people, and what they do together."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def firm(cli: Cli) -> Cli:
    cli.import_people("An Jansen;an@jansen.nl", "Bo Jansen;bo@jansen.nl")
    return cli


def test_a_firm_is_shown_with_its_people_and_where_its_data_came_from(firm: Cli) -> None:
    shown = firm("accounts", "show", "jansen.nl").out
    assert shown.startswith(
        "Jansen · jansen.nl\n  name: Jansen (found by company_from_email_domain, 60% sure"
    )
    assert ("An Jansen" in shown, "Bo Jansen" in shown) == (True, True)


def test_its_shape_for_other_programs(firm: Cli) -> None:
    shown = firm("accounts", "show", "jansen.nl", "--json").json
    assert set(shown) == {"id", "name", "domain", "origins", "people", "pictures", "merged"}
    assert set(shown["people"][0]) >= {"id", "name", "lifecycle", "stage", "fit", "engagement", "last_seen"}


def test_a_firm_that_is_not_known_is_a_problem(firm: Cli) -> None:
    assert firm("accounts", "show", "nowhere.nl").code == 1


@pytest.fixture
def twice(cli: Cli) -> Cli:
    """Jansen Bouw (1) and jansen-bouw.nl (2): one company, twice."""
    text = "name;email;phone;company\nAn Bos;;0612345678;Jansen Bouw B.V.\nBo Smit;bo@jansen-bouw.nl;;\n"
    cli("import", "csv", cli.write("twice.csv", text))
    return cli


def test_accounts_that_may_be_one_are_listed_with_the_reasons(twice: Cli) -> None:
    found = twice("review", "search", "--json").json
    assert found["accounts"] == {"looked_at": 2, "merged": 0, "doubtful": 1}
    (pair,) = twice("review", "accounts", "--json").json["pairs"]
    assert (pair["account_id"], pair["other_id"], pair["people"]) == (1, 2, 1)
    assert "the name of the one is the domain of the other" in pair["reasons"]


def test_a_merge_is_told_at_the_account_and_of_its_people(twice: Cli) -> None:
    assert twice("accounts", "merge", 1, 2, "--by", "an", "--json").json == {
        "account": 1,
        "merged": 2,
        "people": 1,
    }
    assert "jansen-bouw.nl (account 2; said by an)" in twice("accounts", "show", 1).out
    assert "is the same company as account 1" in twice("explain", 2).out


def test_a_merge_of_accounts_is_taken_back(twice: Cli) -> None:
    twice("accounts", "merge", 1, 2)
    assert twice("accounts", "unmerge", 2).out == "account 2 is a company of its own again, with 1 people\n"
    assert twice("review", "accounts").out == "no account is in doubt\n"


def test_accounts_can_be_kept_apart(twice: Cli) -> None:
    assert twice("accounts", "apart", 1, 2).out == "accounts 1 and 2 are two companies\n"
    twice("review", "search")
    assert twice("review", "accounts", "--json").json["number"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("accounts", "merge", 1, 1), "one and the same"),
        (("accounts", "merge", 1, 99), "no firm is known as '99'"),
        (("accounts", "unmerge", 1), "account 1 was not merged"),
        (("review", "accounts", "--state", "opne"), "did you mean"),
    ],
)
def test_what_cannot_be_done_to_accounts_is_said(
    twice: Cli, arguments: tuple[object, ...], says: str
) -> None:
    done = twice(*arguments)
    assert (done.code != 0, says in done.err) == (True, True)
