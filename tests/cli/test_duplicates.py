"""`nurture review` and `nurture contacts`: looking at pairs, deciding, taking back."""

from __future__ import annotations

from contextlib import closing

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from tests.cli.conftest import Cli

HEADER = "name;email;phone;company"


def bring(cli: Cli, *rows: str) -> None:
    cli("import", "csv", cli.write("people.csv", "\n".join([HEADER, *rows]) + "\n"))


@pytest.fixture
def firm(cli: Cli) -> Cli:
    """A workspace with Jan Jansen (1) and J. Jansen (2) of one firm: one pair in doubt."""
    bring(cli, "Jan Jansen;jan@bakker.nl;;Bakker", "J. Jansen;;0201234567;Bakker")
    return cli


def test_who_is_in_doubt_is_listed_with_the_reasons(firm: Cli) -> None:
    listed = firm("review", "list", "--json").json
    assert listed["number"] == 1
    assert listed["pairs"][0]["reasons"] == [
        "names of which one is a shorter form of the other",
        "the same company",
    ]


def test_a_pair_is_shown_side_by_side(firm: Cli) -> None:
    shown = firm("review", "show", 1).out
    assert "jan@bakker.nl" in shown
    assert "+31201234567" in shown


def test_merged_they_are_in_doubt_no_more(firm: Cli) -> None:
    assert firm("review", "merge", 1, "--by", "an", "--json").json == {"contact": 1, "merged": 2}
    assert firm("review", "list").out == "nobody is in doubt\n"


def test_explain_tells_who_said_so_and_why(firm: Cli) -> None:
    firm("review", "merge", 1, "--by", "an")
    told = firm("explain", 2).out
    assert "is the same person: said by an; names of which one is a shorter form of the other" in told


def test_kept_apart_they_are_listed_as_such(firm: Cli) -> None:
    firm("review", "apart", 1, "--by", "an")
    assert firm("review", "list").out == "nobody is in doubt\n"
    (pair,) = firm("review", "list", "--state", "apart", "--json").json["pairs"]
    assert (pair["state"], pair["decided_by"]) == ("apart", "an")


def test_any_two_can_be_merged_and_parted(firm: Cli) -> None:
    firm("contacts", "merge", "jan@bakker.nl", 2)
    parted = firm("contacts", "unmerge", 2, "--json").json
    assert (parted["contact_id"], parted["kept"], parted["stays"]) == (2, 1, {})


def test_what_came_since_is_told(firm: Cli) -> None:
    firm("contacts", "merge", 1, 2)
    bring(firm, "Jan Jansen;jan@bakker.nl;0612345678;Bakker")
    assert "came since, and stays with 1: 1 records" in firm("contacts", "unmerge", 2).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("review", "show", 9), "there is no pair 9 to review"),
        (("review", "list", "--state", "opne"), "did you mean"),
        (("contacts", "merge", 1, 1), "one and the same"),
        (("contacts", "merge", 1, 99), "no contact is known as '99'"),
        (("contacts", "unmerge", 1), "contact 1 was not merged"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(firm: Cli, arguments: tuple[object, ...], says: str) -> None:
    done = firm(*arguments)
    assert (done.code != 0, says in done.err) == (True, True)


def test_of_a_contact_that_others_were_merged_into_it_is_asked_which(firm: Cli) -> None:
    firm("contacts", "merge", 1, 2)
    assert "merged into it: 2" in firm("contacts", "unmerge", 1).err


def test_contacts_from_before_are_compared_once(firm: Cli) -> None:
    bring(firm, "Jan Jansen;jan.jansen@gmail.com;;Bakkerij Oost")
    with closing(Store(f"sqlite:///{firm.folder / 'nurture.db'}")) as store, store.write() as connection:
        connection.execute(sa.delete(schema.match_key))
        connection.execute(sa.delete(schema.review))
    found = firm("review", "search", "--json").json
    assert (found["looked_at"], found["doubtful"]) == (3, 2)
    assert firm("review", "search", "--json").json["looked_at"] == 0
