"""Tests of campaigns: what holds, what differs, and how it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nurture.app import App, build_app
from nurture.settings import load_settings
from nurture.simulate.casebook import collect_cases, run_case
from nurture.simulate.verdicts import Verdict, junit_xml
from nurture.workspace import create_workspace

HEAD = """\
kind: tests
campaign: new-website
tests:
  - name: a test
    given:
      now: 2026-03-02T10:00
      contact: {interests: [website], country: NL}
      consent: [marketing]
      account: {employees: 40}
      answers: {budget: 10k+, role: owner}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_workspace(tmp_path / "w")
    (tmp_path / "w" / "tests").mkdir()
    return tmp_path / "w"


def verdict(folder: Path, rest: str) -> Verdict:
    """What becomes of one test of the example campaign `new-website`."""
    (folder / "tests" / "one.yaml").write_text(HEAD + rest, encoding="utf-8")
    app = build_app(load_settings(folder))
    compiled = app.documents()
    collected = collect_cases(app, compiled, ())
    assert collected.findings == ()
    (filed,) = [each for each in collected.cases if each.file == "tests/one.yaml"]
    return run_case(filed, app.draft_plan(compiled))


def findings(folder: Path, text: str) -> list[str]:
    (folder / "tests" / "one.yaml").write_text(text, encoding="utf-8")
    app: App = build_app(load_settings(folder))
    found = collect_cases(app, app.documents(), ()).findings
    return [f"{one.code} {one.line}" for one in found]


HOLDS = [
    ("", "{at: 0d, sent: welcome}"),
    ("", "{at: 0d, enrolled: new-website}, {at: 0d, stage: orientation}"),
    ("{at: 2h, submitted: quote}", "{at: 2h, handed_over: sales-nl}, {at: 2h, lifecycle: prospect}"),
    ("{at: 2h, submitted: {form: quote, answers: {budget: 2-5k}}}", "{by: 1d, stage: decision}"),
    ("{at: 4d, clicked: welcome}", "{at: 4d, sent: cases}, {never: {sent: how-it-works}}"),
    ("{at: 1d, unsubscribed: true}", "{never: sent, after: 1d}"),
    ("{at: 1d, bounced: true}", "{never: sent, after: 1d}"),
    ("{at: 1d, complained: true}", "{never: sent, after: 1d}"),
    ("{at: 1d, set: {answers.role: student}}", "{at: 1d, lifecycle: disqualified}, {at: 1d, exited: true}"),
    ("", "{at: 1d, at_step: settle}"),
    (
        "{at: 1d, visited: /prices}, {at: 1d 1h, clicked: {step: welcome, url: /prices}}",
        "{at: 1d 1h, stage: comparison}",
    ),
]


@pytest.mark.parametrize(("when", "expect"), HOLDS)
def test_what_the_campaign_does_holds(when: str, expect: str, folder: Path) -> None:
    assert verdict(folder, f"    when: [{when}]\n    expect: [{expect}]").problems == ()


TOGETHER = (
    '  - {id: together, on: visited, where: url.path == "/prices", stage: decision, points: 15, '
    "people: 3, within: 7d}\n"
)


@pytest.mark.parametrize(("third", "stage"), [("by: Cy, ", "decision"), ("by: Bo, ", "orientation")])
def test_colleagues_complete_a_picture_in_a_test(folder: Path, third: str, stage: str) -> None:
    profile = folder / "campaigns" / "profile.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("signals:\n", f"signals:\n{TOGETHER}", 1), encoding="utf-8")
    others = "{at: 1h, by: An, visited: /prices}, {at: 2h, by: Bo, visited: /prices}"
    when = f"{others}, {{at: 3h, {third}visited: /prices}}"
    assert verdict(folder, f"    when: [{when}]\n    expect: [{{by: 4h, stage: {stage}}}]").problems == ()


DIFFERS = [
    ("    expect: [{at: 1d, sent: welcome}]", "sent welcome at 1d, but it was at 0d"),
    ("    expect: [{by: 2d, sent: cases}]", "sent cases by 2d, but it was not at all"),
    ("    expect: [{never: sent, before: 1h}]", "never sent, but it was at 0d"),
    ("    expect: [{at: 1d, at_step: welcome}]", "at step welcome at 1d, but it stood at settle"),
    (
        "    when: [{at: 1d, clicked: cases}]\n    expect: [{at: 0d, sent: welcome}]",
        "clicked cases at 1d, but that mail had not been sent by then",
    ),
]


@pytest.mark.parametrize(("rest", "expected"), DIFFERS)
def test_what_differs_is_told_with_its_line(rest: str, expected: str, folder: Path) -> None:
    (problem,) = verdict(folder, rest).problems
    assert (
        problem == f"line {len(HEAD.splitlines()) + 1 + rest.count(chr(10)) - ('when' in rest)}: {expected}"
    )


def test_a_failed_test_shows_everything_that_happened(folder: Path) -> None:
    timeline = verdict(folder, "    expect: [{at: 1d, sent: welcome}]").timeline
    assert timeline[0].endswith("0d  Mon 2026-03-02 10:00  sent welcome (orientation/welcome)")


WRONG = [
    ("name: a test", "nam: a test", "N101 4"),
    ("now: 2026-03-02T10:00", "now: yesterday", "N211 6"),
    ("contact: {interests", "contact: {interest: x, interests", "N101 7"),
    ("campaign: new-website", "campaign: new-websit", "N208 2"),
    ("EXPECT", "expect: [{at: 1d, sent: welcme}]", "N401 11"),
    ("EXPECT", "expect: [{sent: welcome}]", "N503 11"),
    ("EXPECT", "expect: [{at: soon, sent: welcome}]", "N201 11"),
    ("EXPECT", "expect: [{at: 1d, handed_over: sales-xx}]", "N404 11"),
    ("EXPECT", "expect: [{at: 1d, stage: doubt}]", "N208 11"),
    ("EXPECT", "when: [{at: 1d, clickd: welcome}]\n    expect: []", "N101 11"),
    ("EXPECT", "when: [{clicked: welcome}]\n    expect: []", "N102 11"),
    ("EXPECT", "when: [{at: 1d, clicked: welcome, opened: welcome}]\n    expect: []", "N504 11"),
    ("EXPECT", "when: [{at: 1d, by: Bo, set: {answers.role: owner}}]\n    expect: []", "N101 11"),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_what_is_wrong_in_a_test_is_found_at_its_line(
    old: str, new: str, expected: str, folder: Path
) -> None:
    text = f"{HEAD}    EXPECT\n".replace(old, new, 1).replace("EXPECT", "expect: []")
    assert expected in findings(folder, text)


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", "from nurture.cli import main; main()", "-w", str(folder), "test"]
    return subprocess.run([*call, *arguments], capture_output=True, text=True, check=False)


def test_the_examples_promise_what_they_do(folder: Path) -> None:
    done = command(folder, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["failed"], report["passed"]) == (0, 0, 8)


def test_a_failed_test_fails_the_command_and_stands_in_the_junit_report(folder: Path) -> None:
    (folder / "tests" / "one.yaml").write_text(f"{HEAD}    expect: [{{at: 1d, sent: welcome}}]\n")
    done = command(folder, "new-website", "--junit", str(folder / "report.xml"))
    root = ElementTree.parse(folder / "report.xml").getroot()
    assert (done.returncode, root.get("failures"), root.get("tests")) == (1, "1", "5")


def test_the_junit_report_holds_no_character_that_xml_does_not_know(folder: Path) -> None:
    made = verdict(folder, "    expect: [{at: 1d, sent: welcome}]")
    text = junit_xml([replace(made, name="a \x00 \x1b name")])
    assert ElementTree.fromstring(text).find(".//testcase").get("name") == "a   name"  # type: ignore[union-attr]
