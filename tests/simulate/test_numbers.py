"""Every number in the report is that of `--json` of the same run, and stands where it belongs."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from nurture.core.campaign import Campaign
from nurture.core.steps import ways_out
from nurture.simulate.charts import PLOT_HEIGHT
from tests.simulate.world import workspace, write_leads
from tests.system.world import NURTURE

SVG = "{http://www.w3.org/2000/svg}"
CAMPAIGN = """\
kind: campaign
name: winding
profile: web-agency
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
policy: {window: {days: mon-fri, hours: 09:00-17:30}}
stages:
  orientation:
    - {id: hello, send: orientation/welcome}
    - {id: listen, wait_for: clicked("hello"), up_to: 4d, on_timeout: [{id: cold, do: {tag: cold}}]}
    - id: who
      choose:
        - {when: answers.role == "employee", do: [{id: out, exit: does not decide}]}
        - {when: answers.budget == "5-10k", do: [{id: cases, send: orientation/cases}]}
    - id: arms
      split: {a: 45, b: 45, holdout: 10}
      do: {a: [{id: nap, wait: 1d}], b: [{id: longer-nap, wait: 6d}]}
    - {id: price, send: comparison/costs}
    - {id: a-week, wait: 7d}
    - {id: again, choose: [{when: sent("price") < 3, do: [{id: once-more, go_to: price}]}]}
    - {id: asked, goal: clicked("price") or visited("/portfolio")}
    - {id: last, send: orientation/how-it-works}
  comparison:
    - {id: sums, send: comparison/included}
    - {id: look, wait_for: visited("/prices"), up_to: 10d}
    - {id: alone, send: comparison/do-it-yourself}
    - {id: rest, wait: 10d}
  decision:
    - {id: plan, send: decision/planning}
    - {id: pause, wait: 3d}
    - {id: talk, send: decision/talk}
handover: {team: sales-nl}
"""


@dataclass(frozen=True)
class Reported:
    """One run: what it said as JSON, and its page."""

    json: dict[str, Any]
    page: str
    campaigns: Mapping[str, Campaign]

    def charts(self) -> dict[str, Element]:
        """By their heading."""
        found = re.findall(r'<section><h3>(.*?)</h3>(<svg class="chart".*?</svg>)', self.page)
        return {title: ElementTree.fromstring(svg) for title, svg in found}

    def pictures(self) -> dict[tuple[str, str], Element]:
        """Campaign and stage → the picture."""
        made = {}
        for svg in re.findall(r'<svg xmlns.*?class="campaign".*?</svg>', self.page, re.DOTALL):
            root = ElementTree.fromstring(svg)
            campaign, _, stage = (root.findtext(f"{SVG}title") or "").partition(", ")
            made[campaign, stage] = root
        return made

    def table(self, heading: str) -> list[list[str]]:
        """The cells below a heading, row by row, the first row left out."""
        below = self.page.partition(f"<h2>{heading}</h2>")[2].partition("<h2>")[0]
        rows = re.findall(r"<tr>(.*?)</tr>", below, re.DOTALL)[1:]
        return [
            [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in rows
        ]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    from nurture.app import build_app

    folder = tmp_path_factory.mktemp("numbers")
    settings = workspace(folder / "workspace")
    (settings.folder / "campaigns" / "winding.yaml").write_text(CAMPAIGN, encoding="utf-8")
    (settings.folder / "campaigns" / "new-website.yaml").unlink()
    profile = settings.folder / "campaigns" / "profile.yaml"
    easy = profile.read_text(encoding="utf-8").replace("fit >= 60", "fit >= 15")
    profile.write_text(easy.replace("prospect_at: 60", "prospect_at: 15"), encoding="utf-8")
    leads, page = write_leads(folder / "leads.csv", 300), folder / "report.html"
    eager = folder / "eager.yaml"
    eager.write_text("click: 0.4\nsubmit: 0.5\nsales: {accept: 0.3, no_fit: 0.2}\n", encoding="utf-8")
    command = [NURTURE, "-w", settings.folder, "simulate", "winding", "--leads", leads, "--behaviour", eager]
    done = subprocess.run(
        [*command, "--from", "2026-03-02", "--days", "60", "--html", page, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    campaigns = {each.campaign.name: each.campaign for each in build_app(settings).documents().campaigns}
    return Reported(json.loads(done.stdout), page.read_text(encoding="utf-8"), campaigns)


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_run_has_something_of_everything(reported: Reported) -> None:
    flows = reported.json["flows"]["winding"]
    assert flows["once-more"]["left"]["price"] > 0
    assert flows["asked"]["entered"] > flows["again"]["left"].get("asked", 0)
    assert flows["sums"]["entered"] > 0
    assert any(flow["gone"] for flow in flows.values())
    assert reported.json["promoted"] > 0


def test_the_tiles(reported: Reported) -> None:
    tiles = dict(re.findall(r'<div class="tile[^"]*"><b>([^<]*)</b><span>([^<]*)</span>', reported.page))
    told = {words: value for value, words in tiles.items()}
    answer = reported.json
    busiest = date.fromisoformat(answer["peak"]["day"])
    assert told[f"contacts of {answer['received']:,} leads"] == f"{answer['contacts']:,}"
    assert told["enrolled"] == f"{answer['enrolled']:,}"
    assert told["mails in all"] == f"{answer['mails']:,}"
    assert told[f"mails on the busiest day ({busiest:%-d %b})"] == f"{answer['peak']['count']:,}"
    assert told["promoted to prospect"] == f"{answer['promoted']:,}"
    assert whole(told["get nothing; why stands below"]) == sum(one["people"] for one in answer["nothing"])
    assert told["the longest silence"] == f"{answer['longest_silence']['days']:.0f} days"
    assert told["mails at most to one person"] == str(answer["most_mails"]["mails"])


def test_the_boxes(reported: Reported) -> None:
    for (campaign, _), picture in reported.pictures().items():
        flows = reported.json["flows"][campaign]
        for box in picture.iter(f"{SVG}g"):
            if step_id := box.get("data-step"):
                words = " ".join("".join(text.itertext()) for text in box.iter(f"{SVG}text"))
                found = {
                    word: whole(number) for number, word in re.findall(r"([\d,]+) (came|here|left)", words)
                }
                flow = flows.get(step_id, {"entered": 0, "standing": 0, "gone": 0})
                told = {"came": flow["entered"], "here": flow["standing"], "left": flow["gone"]}
                assert found == {word: number for word, number in told.items() if number}, step_id


def test_the_lines(reported: Reported) -> None:
    for (campaign, _), picture in reported.pictures().items():
        flows, steps = reported.json["flows"][campaign], reported.campaigns[campaign].steps
        drawn = [box.attrib["data-step"] for box in picture.iter(f"{SVG}g") if "data-step" in box.attrib]
        wanted: Counter[int] = Counter()
        for step_id in drawn:
            for target in {way.to or "" for way in ways_out(steps[step_id])}:
                wanted[flows.get(step_id, {"left": {}})["left"].get(target, 0)] += 1
        if campaign == "winding" and "asked" in drawn:
            wanted[flows["asked"]["entered"] - flows["again"]["left"].get("asked", 0)] += 1  # who jumped
        labels = [text for text in picture.iter(f"{SVG}text") if text.get("class") == "label"]
        numbers = (text.find(f"{SVG}tspan") for text in labels)
        assert Counter(whole(one.text or "") for one in numbers if one is not None) == wanted, campaign


def test_whoever_comes_to_a_step_comes_along_a_line_or_from_another_stage(reported: Reported) -> None:
    for (campaign, _), picture in reported.pictures().items():
        flows = reported.json["flows"][campaign]
        marks = [group for group in picture.iter(f"{SVG}g") if group.get("class") == "come"]
        marked = sum(whole((mark.findtext(f"{SVG}title") or "").split()[0]) for mark in marks)
        drawn = [box.attrib["data-step"] for box in picture.iter(f"{SVG}g") if "data-step" in box.attrib]
        first = reported.campaigns[campaign].tracks.values()
        came = sum(flows[one]["entered"] for one in drawn if one in flows and one not in first)
        along = sum(
            number
            for flow in flows.values()
            for target, number in flow["left"].items()
            if target in drawn and target not in first
        )
        assert marked == came - along


def bars_of(chart: Element) -> dict[str, int]:
    """What stands at each bar, after making sure that it is as high as it says."""
    titles = [bar.findtext("title") or "" for bar in chart.iter("rect")]
    counts = {day: whole(number) for day, _, number in (title.rpartition(": ") for title in titles)}
    top = max(whole_tick(text.text or "") for text in chart.iter("text") if text.get("text-anchor") == "end")
    for bar, count in zip(chart.iter("rect"), counts.values(), strict=True):
        assert float(bar.attrib["height"]) / PLOT_HEIGHT * top == pytest.approx(count, abs=top / 1000 + 0.01)
    return counts


def whole_tick(text: str) -> int:
    return whole(text.replace("k", "000").replace("M", "000000"))


def days(counts: list[dict[str, Any]]) -> dict[str, int]:
    return {f"{date.fromisoformat(one['day']):%a %-d %b %Y}": one["count"] for one in counts}


def test_the_mails_a_day(reported: Reported) -> None:
    assert bars_of(reported.charts()["Mails a day"]) == days(reported.json["mails_by_day"])


def test_the_promotions_a_week(reported: Reported) -> None:
    weeks: Counter[str] = Counter()
    for one in reported.json["promotions"]:
        day = date.fromisoformat(one["day"])
        weeks[f"week of {day - timedelta(days=day.weekday()):%-d %b %Y}"] += one["count"]
    assert bars_of(reported.charts()["Promotions a week"]) == dict(weeks)


def test_the_load_on_each_salesperson(reported: Reported) -> None:
    shown = {
        name.rpartition(": ")[2]: bars_of(chart)
        for name, chart in reported.charts().items()
        if "over" in name
    }
    for one in reported.json["sales"]:
        told = {
            f"week of {date.fromisoformat(week['day']):%-d %b %Y}": week["count"] for week in one["weeks"]
        }
        assert {week: number for week, number in shown[one["person"]].items() if number} == told


def test_the_people_by_stage(reported: Reported) -> None:
    chart = reported.charts()["People by stage, at the end of each day"]
    top = max(whole_tick(text.text or "") for text in chart.iter("text") if text.get("text-anchor") == "end")
    shown: dict[str, list[int]] = {}
    for area in chart.iter("polygon"):
        ys = [float(point.partition(",")[2]) for point in area.attrib["points"].split()]
        above, below = ys[: len(ys) // 2], ys[len(ys) // 2 :][::-1]
        thick = [(low - high) / PLOT_HEIGHT * top for high, low in zip(above, below, strict=True)]
        shown[area.attrib["class"].rpartition("at-")[2]] = [round(each) for each in thick[1:-1]]
    for number, day in enumerate(reported.json["stages"]):
        for name, values in shown.items():
            assert abs(values[number] - day["people"].get(name, 0)) <= top / 1000 + 1, (day["day"], name)
    key = dict(re.findall(r'<i class="at-(\w+)"></i>\w+ <b>([\d,]+)</b>', reported.page))
    last = reported.json["stages"][-1]["people"]
    assert {name: whole(number) for name, number in key.items()} == {
        name: last.get(name, 0) for name in shown
    }


def test_the_tables(reported: Reported) -> None:
    answer = reported.json
    sales = {row[0]: whole(row[1]) for row in reported.table("Sales")}
    assert sales == {one["person"] + one["team"]: one["handovers"] for one in answer["sales"]}
    nothing = [whole(row[0]) for row in reported.table("Who gets nothing, and why")]
    assert nothing == [one["people"] for one in answer["nothing"]]
    mails = {row[0]: whole(row[1]) for row in reported.table("Mails by step")}
    assert mails == answer["mails_by_step"]


def test_the_mails_by_step_stand_in_the_order_of_the_campaign(reported: Reported) -> None:
    shown = [row[0] for row in reported.table("Mails by step")]
    wanted = [f"winding/{step}" for step in reported.campaigns["winding"].steps]
    own = [step for step in shown if step.startswith("winding/")]
    assert own == [step for step in wanted if step in own]
    assert shown[: len(own)] == own


def test_all_sums_agree(reported: Reported) -> None:
    answer = reported.json
    assert sum(answer["mails_by_step"].values()) == answer["mails"]
    assert sum(one["count"] for one in answer["mails_by_day"]) == answer["mails"]
    assert sum(one["count"] for one in answer["promotions"]) == answer["promoted"]
    assert max(one["count"] for one in answer["mails_by_day"]) == answer["peak"]["count"]
    assert {sum(day["people"].values()) for day in answer["stages"]} == {answer["contacts"]}
    assert answer["received"] == answer["contacts"] + sum(answer["junk"].values())
