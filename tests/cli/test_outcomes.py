"""`nurture outcome`: told by hand and from files, in words and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli

MAPPING = """\
contact: {email: Mail}
result: {column: Status, won: [Won], lost: [Lost]}
at: {column: Date, format: "%d-%m-%Y"}
value: {column: Worth, decimal: ","}
currency: EUR
"""
DEALS = """\
Mail;Status;Date;Worth
an@example.org;Won;02-03-2026;2.400,50
nobody@example.org;Won;02-03-2026;
an@example.org;Open;02-03-2026;
an@example.org;Lost;2026-03-02;
"""


@pytest.fixture
def peopled(cli: Cli) -> Cli:
    assert cli.import_people("An de Vries;an@example.org").code == 0
    return cli


def imported(cli: Cli, *more: str) -> object:
    deals, mapping = cli.write("deals.csv", DEALS), cli.write("deals.map.yaml", MAPPING)
    return cli("outcome", "import", deals, "--map", mapping, *more)


def test_won_makes_a_customer(peopled: Cli) -> None:
    told = peopled(
        "outcome", "won", "an@example.org", "--value", "2400", "--currency", "eur", "--by", "Sanne"
    )
    assert (told.code, told.out) == (0, "contact 1: won; customer now\n")


def test_the_outcome_is_told_by_explain(peopled: Cli) -> None:
    peopled("outcome", "won", "an@example.org", "--value", "2400", "--currency", "EUR", "--by", "Sanne")
    story = peopled("explain", "an@example.org").out
    assert "told by Sanne: a customer from now on, though we never gave" in story
    assert "is won: 2,400.00 EUR on 20" in story
    assert "won, 2,400.00 EUR (told by Sanne)" in story


def test_lost_takes_a_hand_over_instead_of_a_contact(handed_over: Cli) -> None:
    told = handed_over("outcome", "lost", "--handover", "1", "--reason", "too expensive", "--json")
    assert told.json == {"contact": 1, "result": "lost", "new": True, "lifecycle": "lost"}
    assert handed_over("handover", "list", "--json").json == []


def test_the_same_told_twice_is_said_to_be_known(peopled: Cli) -> None:
    for _ in range(2):
        told = peopled("outcome", "won", "an@example.org", "--at", "2026-03-02")
    assert told.out == "contact 1: won (told before); customer now\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["won"], 2, "name a contact, or a hand-over"),
        (["won", "1", "--handover", "1"], 2, "name a contact, or a hand-over"),
        (["won", "1", "--value", "much"], 2, "'much' is no amount"),
        (["won", "1", "--value", "5"], 1, "a value needs a currency"),
        (["won", "1", "--at", "2999-01-01"], 1, "is yet to come"),
        (["won", "1", "--at", "soon"], 2, "'soon' is no date"),
        (["won", "zoe@example.org"], 1, "no contact is known as"),
        (["won", "--handover", "9"], 1, "there is no hand-over 9"),
        (["list", "--result", "one"], 2, "there is no result 'one'; did you mean won?"),
    ],
)
def test_what_cannot_be_done_says_why(peopled: Cli, arguments: list[str], code: int, words: str) -> None:
    told = peopled("outcome", *arguments)
    assert told.code == code
    assert words in " ".join(told.err.replace("│", " ").split())


def test_a_file_is_read_and_what_is_odd_is_listed_with_its_line(peopled: Cli) -> None:
    assert imported(peopled, "--json").json == {
        "received": 4,
        "new": 1,
        "known": 0,
        "won": 1,
        "lost": 0,
        "moved": {"customer": 1},
        "passed_over": 1,
        "unmatched": [{"line": 3, "reason": "nobody is known by the address 'nobody@example.org'"}],
        "unmatched_count": 1,
        "unreadable": [{"line": 5, "reason": "Date is '2026-03-02', expected a time like %d-%m-%Y"}],
        "unreadable_count": 1,
    }


def test_the_same_file_again_changes_nothing(peopled: Cli) -> None:
    imported(peopled)
    again = imported(peopled, "--json").json
    assert (again["new"], again["known"], again["moved"]) == (0, 1, {})


def test_a_file_is_told_in_words(peopled: Cli) -> None:
    said = imported(peopled).out
    assert "line 3: kept aside: nobody is known by the address" in said
    assert "line 5: Date is '2026-03-02'" in said


def test_what_was_nobodys_can_be_listed_and_tried_again(peopled: Cli) -> None:
    imported(peopled)
    (kept,) = peopled("outcome", "list", "--unmatched", "--json").json
    assert (kept["line"], kept["who"]) == (3, [{"kind": "email", "value": "nobody@example.org"}])
    peopled.import_people("Bo Bakker;nobody@example.org")
    assert peopled("outcome", "retry", "--json").json == {"matched": 1, "unmatched": 0}
    assert peopled("outcome", "list", "--unmatched").out == "every outcome has found its contact\n"


def test_the_list_shows_what_was_told(peopled: Cli) -> None:
    imported(peopled)
    (one,) = peopled("outcome", "list", "--contact", "an@example.org", "--json").json
    assert (one["result"], one["value"], one["currency"]) == ("won", "2400.50", "EUR")
    assert one["source"] == "deals.csv, line 2"


def test_a_file_of_another_kind_is_refused(peopled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "deals.pdf"
    file.write_bytes(b"%PDF")
    told = peopled("outcome", "import", file, "--map", peopled.write("deals.map.yaml", MAPPING))
    assert (told.code, "no source reads files like deals.pdf" in told.err) == (1, True)


def test_a_column_that_is_not_there_is_told_before_anything_is_stored(peopled: Cli) -> None:
    deals = peopled.write("deals.csv", DEALS.replace("Mail", "Adres"))
    told = peopled("outcome", "import", deals, "--map", peopled.write("deals.map.yaml", MAPPING))
    assert told.code == 1
    assert "deals.map.yaml:1:11: deals.csv has no column 'Mail'" in told.err
    assert peopled("outcome", "list", "--unmatched", "--json").json == []
