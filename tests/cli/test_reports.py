"""`nurture report`: the same numbers as a table, JSON, CSV and a page; and nothing in them is a formula."""

from __future__ import annotations

import csv
import io

import pytest

from tests.cli.conftest import Cli

EVIL = '=HYPERLINK("https://evil.example")'


@pytest.fixture
def cli(handed_over: Cli) -> Cli:
    return handed_over


def test_csv_has_the_numbers_of_the_json(cli: Cli) -> None:
    (row,) = cli("report", "funnel", "--json").json["rows"]
    (line,) = csv.DictReader(io.StringIO(cli("report", "funnel", "--csv").out))
    assert (line["people"], line["sales"]) == (str(row["people"]), str(row["sales"]))
    assert float(line["sales_share_low"]) == row["sales_share"]["low"]


def test_the_page_has_the_numbers_of_the_table(cli: Cli) -> None:
    page = cli.folder / "report.html"
    cli("report", "handovers", "--html", page)
    shown = cli("report", "handovers").out.splitlines()[3].split()
    assert all(f">{part}<" in page.read_text(encoding="utf-8") for part in shown)


def test_all_reports_come_together(cli: Cli) -> None:
    names = [one["report"] for one in cli("report", "all", "--json").json]
    assert names == ["funnel", "stages", "wins", "handovers", "mails", "splits"]


def test_a_source_that_looks_like_a_formula_is_a_text_in_the_csv(cli: Cli) -> None:
    file = cli.write("evil.csv", f"name;email;source\nAn;an@bakery.example.com;{EVIL}\n")
    cli("import", "csv", file)
    groups = [
        row["group"]
        for row in csv.DictReader(io.StringIO(cli("report", "funnel", "--by", "source", "--csv").out))
    ]
    assert not any(group.startswith("=") for group in groups)


def test_a_date_that_is_none_says_how_to_write_it(cli: Cli) -> None:
    outcome = cli("report", "funnel", "--since", "3/2/26")
    assert outcome.code == 1
    assert "2026-03-02" in outcome.err


def test_csv_of_all_reports_is_wrong_usage(cli: Cli) -> None:
    assert cli("report", "all", "--csv").code == 2
