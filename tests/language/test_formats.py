from __future__ import annotations

import json

from jsonschema import Draft7Validator

from nurture.language import lint  # noqa: F401  # with it the catalogue is full
from nurture.language.catalogue import CATALOGUE
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


# --- SARIF as a whole -------------------------------------------------------------------------------

MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}, "markdown": {"type": "string"}},
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "defaultConfiguration": {"properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
WHERE = {
    "type": "object",
    "required": ["artifactLocation"],
    "properties": {
        "artifactLocation": {
            "properties": {
                "uri": {"type": "string", "pattern": "^[A-Za-z0-9._~%!$&'()*+,;=:@/-]+$"},
                "uriBaseId": {"type": "string"},
            },
            "additionalProperties": False,
        },
        "region": {
            "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": {
            "type": "array",
            "items": {"properties": {"physicalLocation": WHERE}, "additionalProperties": False},
        },
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "semanticVersion": {"type": "string"},
        "rules": {"type": "array", "items": RULE, "uniqueItems": True},
    },
    "additionalProperties": False,
}
RUN = {
    "type": "object",
    "required": ["tool"],
    "properties": {
        "tool": {"required": ["driver"], "properties": {"driver": DRIVER}, "additionalProperties": False},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": RUN},
    },
    "additionalProperties": False,
}
"""The part of SARIF 2.1.0 that is used here: what its sections 3.13 to 3.49 require, and no key besides."""


def test_sarif_has_all_that_it_requires_and_nothing_unknown() -> None:
    every_kind = [CheckFinding(f"a b/é {code}.yaml", 1, 1, code, "error", "text", "") for code in CATALOGUE]
    log = json.loads(json.dumps(to_sarif([FINDING, WARNING, *every_kind], "1.0.0")))
    assert [error.message for error in Draft7Validator(SARIF).iter_errors(log)] == []


def test_the_help_of_a_rule_shows_its_example() -> None:
    finding = CheckFinding("campaigns/b.yaml", 1, 1, "N304", "warning", "never")
    (rule,) = to_sarif([finding], "1.0.0")["runs"][0]["tool"]["driver"]["rules"]
    assert "```yaml\naudience: {when: fit < 10 and fit > 20}\n```" in rule["help"]["markdown"]
    assert "audience: {when: fit < 10 and fit > 20}" in rule["help"]["text"]
