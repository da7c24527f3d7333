"""Terminal, JSON, page and file of one run say the same, number by number."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.backtest.test_then import EAGER, look_at_prices
from tests.backtest.world import Firm
from tests.system.world import NURTURE

FORMULA = "=1+1 <b>dear</b>"


@dataclass(frozen=True)
class Told:
    """What one run said, in its four ways."""

    terminal: str
    json: dict[str, Any]
    page: str
    rows: list[dict[str, str]]

    def cells(self, heading: str) -> list[list[str]]:
        """The cells of the table below a heading of the page, row by row, without its first row."""
        below = self.page.partition(f"<h2>{heading}</h2>")[2].partition("</table>")[0]
        found = [
            re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", below)
        ]
        return [[html.unescape(re.sub("<[^>]+>", "", cell)) for cell in row] for row in found[1:]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("agree") / "w"
    firm = Firm(folder, f"sqlite:///{folder / 'nurture.db'}")
    for number in range(1, 13):
        firm.come(number, form="quote" if number % 3 == 0 else "brochure")
        look_at_prices(firm, number, number % 4)
        firm.wait(0.7)
        if number % 4 == 0:
            firm.win(number, f"{number}.50", reason=FORMULA)
    firm.app.desk.answer(1, "rejected", "no_budget")
    firm.edited(*EAGER)
    firm.app.close()
    arguments = ["--profile", folder / "new.yaml", "--since", "2026-03-02", "--until", "2026-04-12"]
    files = ["--html", folder / "page.html", "--csv", folder / "leads.csv"]
    terminal = run(folder, *arguments, *files)
    return Told(
        terminal,
        json.loads(run(folder, *arguments, "--json")),
        (folder / "page.html").read_text(encoding="utf-8"),
        list(csv.DictReader(io.StringIO((folder / "leads.csv").read_text(encoding="utf-8")))),
    )


def run(folder: Path, *arguments: object) -> str:
    command = [NURTURE, "-w", folder, "backtest", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def share(one: dict[str, Any]) -> str:
    return f"{one['value']:.1%} ({one['low']:.1%} to {one['high']:.1%}), {one['hits']} of {one['of']}"


def expected(side: dict[str, Any]) -> dict[str, str]:
    """What the page and the terminal must say of a side, made of its JSON alone."""
    return {
        "go to sales": str(side["promoted"]),
        "were won": str(side["ends"]["won"]),
        "rejected by sales": str(side["ends"]["rejected"]),
        "nothing known yet": str(side["ends"]["open"]),
        "precision: won, of those who go to sales": share(side["found"]["precision"]),
        "recall: go to sales, of those who were won": share(side["found"]["recall"]),
        "accepted, of those answered on": share(side["accepted"]),
        "worth of those won": f"{side['worth']['EUR']} EUR",
        "to sales in a week, on average": f"{side['a_week']:.1f}",
        "to sales in the busiest week": str(side["peak"]),
        "days from sales to the win, median": f"{side['to_win']['median']:.1f} (over {side['to_win']['of']})",
    }


def test_the_run_has_something_to_tell(told: Told) -> None:
    changes = told.json["changes"]
    assert sum(changes["gained"].values()) > 0
    assert sum(changes["same"].values()) > 0
    assert told.json["won"] > 0


def test_the_page_says_what_the_json_says(told: Told) -> None:
    rows = {row[0]: row[1:] for row in told.cells("The answers, side by side")}
    for name, old in expected(told.json["old"]).items():
        assert rows[name] == [old, expected(told.json["new"])[name]], name


def test_the_terminal_says_what_the_page_says(told: Told) -> None:
    lines = [re.split(r"\s{2,}", line.strip()) for line in told.terminal.splitlines()]
    for row in told.cells("The answers, side by side"):
        assert row in lines


def test_the_changes_are_the_same_in_all_three(told: Told) -> None:
    lines = [re.split(r"\s{2,}", line.strip()) for line in told.terminal.splitlines()]
    rows = told.cells("Lead by lead")
    assert [row[0].partition(":")[0] for row in rows] == list(told.json["changes"])
    for row, counts in zip(rows, told.json["changes"].values(), strict=True):
        assert sum(map(int, row[1:])) == sum(counts.values())
        assert row in lines


def test_the_file_has_every_line_of_the_json(told: Told) -> None:
    assert [
        (int(row["contact"]), row["change"], row["old_at"], row["new_at"], row["became"]) for row in told.rows
    ] == [
        (
            line["contact_id"],
            line["change"],
            line["old"]["at"] if line["old"] else "",
            line["new"]["at"] if line["new"] else "",
            line["became"]["end"],
        )
        for line in told.json["lines"]
    ]


def test_the_curves_add_up_to_those_who_go_to_sales(told: Told) -> None:
    for side in ("old", "new"):
        assert sum(week[side] for week in told.json["weeks"]) == told.json[side]["promoted"]
        assert f"{side} rules</td>" not in told.page
        ends = re.findall(rf'<i class="at-{side}"></i>{side} rules <b>(\d+) at the end</b>', told.page)
        assert ends == [str(told.json[side]["promoted"]), str(told.json[side]["ends"]["won"])]


def test_each_reason_is_in_the_page(told: Told) -> None:
    page = html.unescape(told.page)
    for line in told.json["lines"]:
        if line["change"] == "gained":
            assert line["new"]["because"] in page
            assert line["why_not"] in page


def test_what_sales_wrote_is_no_formula_and_no_markup(told: Told) -> None:
    assert {row["reason"] for row in told.rows if row["became"] == "won"} == {f"'{FORMULA}"}
    assert html.escape(FORMULA) in told.page
    assert FORMULA not in told.page


def test_the_page_needs_nothing_else(told: Told) -> None:
    assert "default-src 'none'" in told.page
    assert not re.search(r'(src|href)="', told.page)
