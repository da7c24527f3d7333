from __future__ import annotations

import json
from pathlib import Path

from nurture.language.findings import CheckFinding
from nurture.language.render import render_findings, to_json

FINDING = CheckFinding(
    "campaigns/a.yaml", 2, 7, "N201", "error", "wait is 'soon'", "write a number and a unit: 2w, 3d, 4h, 30m"
)


def render(tmp_path: Path, text: str, finding: CheckFinding = FINDING) -> list[str]:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "campaigns" / "a.yaml").write_text(text, encoding="utf-8")
    return render_findings([finding], tmp_path).split("\n")


def test_a_finding_shows_its_line_a_caret_and_the_hint(tmp_path: Path) -> None:
    assert render(tmp_path, "id: a\nwait: soon\n") == [
        "campaigns/a.yaml:2:7: error N201 wait is 'soon'",
        "    wait: soon",
        "          ^",
        "    hint: write a number and a unit: 2w, 3d, 4h, 30m",
    ]


def test_the_caret_stands_under_the_column_behind_tabs_too(tmp_path: Path) -> None:
    lines = render(tmp_path, "id: a\n\twait:soon\n")
    assert lines[2] == "    \t     ^"


def test_of_a_very_long_line_the_part_around_the_column_is_shown(tmp_path: Path) -> None:
    finding = CheckFinding("campaigns/a.yaml", 1, 501, "N101", "error", "m")
    _, line, caret = render(tmp_path, "x" * 500 + "HERE" + "x" * 500, finding)
    assert line[caret.index("^") :].startswith("HERE")
    assert len(line) < 200


def test_a_file_that_is_gone_is_rendered_without_its_line(tmp_path: Path) -> None:
    assert len(render_findings([FINDING], tmp_path).split("\n")) == 2


def test_findings_as_json_have_the_shape_that_programs_rely_on() -> None:
    assert json.loads(json.dumps(to_json([FINDING]))) == {
        "findings": [
            {
                "file": "campaigns/a.yaml",
                "line": 2,
                "column": 7,
                "code": "N201",
                "severity": "error",
                "message": "wait is 'soon'",
                "hint": "write a number and a unit: 2w, 3d, 4h, 30m",
            }
        ]
    }
