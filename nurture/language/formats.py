"""Findings for programs that show them beside the code: SARIF 2.1.0, and annotations of GitHub's actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from nurture.language.catalogue import CATALOGUE, Code
from nurture.language.findings import CheckFinding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(findings: Sequence[CheckFinding], version: str) -> dict[str, Any]:
    """One run of SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): rules, and a result each.

    Files are named relative to the workspace, which SARIF calls WORKSPACE.
    """
    used = sorted({finding.code for finding in findings})
    numbers = {code: number for number, code in enumerate(used)}
    driver = {
        "name": "nurture",
        "semanticVersion": version,
        "rules": [_rule(CATALOGUE[code]) for code in used],
    }
    results = [_result(finding, numbers[finding.code]) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def to_github(findings: Iterable[CheckFinding]) -> Iterator[str]:
    """A line `::error file=…,line=…,col=…,title=…::message` for each finding."""
    for finding in findings:
        title = _property(f"{finding.code} {CATALOGUE[finding.code].title}")
        place = f"file={_property(finding.file)},line={finding.line},col={finding.column}"
        yield f"::{finding.severity} {place},title={title}::{_data(_whole(finding))}"


def _rule(code: Code) -> dict[str, Any]:
    examples = [(label, text) for label, text in (("Wrong", code.wrong), ("Right", code.right)) if text]
    plain = [f"{label}:\n{text}" for label, text in examples]
    marked = [f"{label}:\n\n```yaml\n{text}\n```" for label, text in examples]
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.explanation},
        "help": {
            "text": "\n\n".join([code.explanation, *plain]),
            "markdown": "\n\n".join([f"**{code.title}.** {code.explanation}", *marked]),
        },
        "defaultConfiguration": {"level": code.severity},
    }


def _result(finding: CheckFinding, rule: int) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    artifact = {"uri": quote(finding.file), "uriBaseId": "WORKSPACE"}
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": _whole(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }


def _whole(finding: CheckFinding) -> str:
    return f"{finding.message} (hint: {finding.hint})" if finding.hint else finding.message


def _data(text: str) -> str:
    """Escaped as a command's message: a line break would end it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as a property, which a colon or comma would end too."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
