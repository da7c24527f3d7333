"""Findings as text for people, with the line they are about, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from nurture.language.findings import CheckFinding

LONGEST_LINE = 160


def render_findings(findings: Iterable[CheckFinding], folder: Path) -> str:
    """Each finding as `file:line:column: error N203 message`, the line with a caret, and the hint.

    `folder` is the workspace, from which the files are named. Empty where there are no findings.
    """
    read = cache(lambda file: _lines(folder / file))
    return "\n".join(_render(finding, read(finding.file)) for finding in findings)


def to_json(findings: Iterable[CheckFinding]) -> dict[str, Any]:
    """`{"findings": [{"file", "line", "column", "code", "severity", "message", "hint"}]}`."""
    return {"findings": [asdict(finding) for finding in findings]}


def _render(finding: CheckFinding, lines: list[str]) -> str:
    where = f"{finding.file}:{finding.line}:{finding.column}"
    parts = [f"{where}: {finding.severity} {finding.code} {finding.message}"]
    if finding.line <= len(lines) and (line := lines[finding.line - 1]).strip():
        parts += _quoted(line, finding.column)
    if finding.hint:
        parts.append(f"    hint: {finding.hint}")
    return "\n".join(parts)


def _quoted(line: str, column: int) -> list[str]:
    """The line and a caret beneath the column; of a very long line the part around it."""
    start = max(0, column - LONGEST_LINE // 2) if len(line) > LONGEST_LINE else 0
    shown = line[start : start + LONGEST_LINE]
    # A tab stays a tab above the caret too, or the two would not stand beneath each other.
    before = "".join("\t" if character == "\t" else " " for character in shown[: column - 1 - start])
    return [f"    {shown}", f"    {before}^"]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return []
