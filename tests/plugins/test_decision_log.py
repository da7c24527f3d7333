"""The decision log, loaded as any plugin is: every signal and decision becomes a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nurture.core.model import DecisionRecord, Outcome, Result, Signal
from nurture.plug.discover import find_plugins
from nurture.plug.manager import Registry, load_plugins

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BUNDLED = Path(__file__).parents[2] / "plugins"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    options = {"decision_log": {"file": "log/all.jsonl"}}
    (tmp_path / "log").mkdir()
    return load_plugins(["decision_log"], find_plugins([BUNDLED]), options, tmp_path)


def lines(tmp_path: Path) -> Sequence[Any]:
    return [json.loads(line) for line in (tmp_path / "log/all.jsonl").read_text("utf-8").splitlines()]


def test_signals_are_appended_in_order(registry: Registry, tmp_path: Path) -> None:
    registry.observe_signals([Signal(1, 7, "visited", NOW, {"url": "https://x.example/é\n"})])
    registry.observe_signals([Signal(2, 8, "opened", NOW)])
    assert [(line["signal"], line["contact"], line["kind"]) for line in lines(tmp_path)] == [
        (1, 7, "visited"),
        (2, 8, "opened"),
    ]
    assert lines(tmp_path)[0]["data"] == {"url": "https://x.example/é\n"}


def test_decisions_stand_with_their_contacts(registry: Registry, tmp_path: Path) -> None:
    records = [
        DecisionRecord("promoted", "asked for a quote", evidence={"points": 40, "forms": ("quote",)}),
        DecisionRecord("not_sent", "outside the window", step="welcome", next_at=NOW),
    ]
    registry.observe_decisions([7, 8], records)
    first, second = lines(tmp_path)
    assert (first["contact"], first["decision"], first["evidence"]) == (
        7,
        "promoted",
        {"points": 40, "forms": ["quote"]},
    )
    assert (second["contact"], second["step"], second["next_at"]) == (8, "welcome", NOW.isoformat())


def test_outcomes_are_appended_with_their_money(registry: Registry, tmp_path: Path) -> None:
    registry.observe_outcomes([Outcome(3, 7, Result.WON, NOW, Decimal("2400.50"), "EUR", source="Sanne")])
    (line,) = lines(tmp_path)
    assert (line["outcome"], line["contact"], line["result"], line["value"]) == (3, 7, "won", "2400.50")


def test_no_outcomes_leave_no_line(registry: Registry, tmp_path: Path) -> None:
    registry.observe_outcomes([])
    assert not (tmp_path / "log/all.jsonl").exists()
