from __future__ import annotations

from nurture.language.findings import CheckFinding
from nurture.language.formats import to_github, to_sarif

FINDING = CheckFinding("campaigns/my, own.yaml", 7, 3, "N201", "error", "wait: 100%\nno duration", "write 3d")
WARNING = CheckFinding("campaigns/b.yaml", 1, 1, "N607", "warning", "no handover")


def test_an_annotation_is_one_line_with_its_place() -> None:
    assert list(to_github([FINDING])) == [
        "::error file=campaigns/my%2C own.yaml,line=7,col=3,title=N201 Not a duration"
        "::wait: 100%25%0Ano duration (hint: write 3d)"
    ]


def test_there_is_an_annotation_for_each_finding() -> None:
    assert [line.split(" ")[0] for line in to_github([FINDING, WARNING])] == ["::error", "::warning"]


def test_sarif_has_a_rule_for_each_kind_once() -> None:
    (run,) = to_sarif([FINDING, WARNING, FINDING], "1.0.0")["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["N201", "N607"]


def test_every_result_of_sarif_points_to_its_rule() -> None:
    (run,) = to_sarif([WARNING, FINDING], "1.0.0")["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["N607", "N201"]


def test_a_result_of_sarif_has_its_place() -> None:
    (run,) = to_sarif([FINDING], "1.0.0")["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "campaigns/my%2C%20own.yaml", "uriBaseId": "WORKSPACE"},
        "region": {"startLine": 7, "startColumn": 3},
    }


def test_sarif_without_findings_is_a_run_without_results() -> None:
    assert to_sarif([], "1.0.0")["runs"][0]["results"] == []
