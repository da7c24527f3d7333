"""Scanners at real mails get nothing done, and the people beside them are known for people."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.scanners import Outcome, run
from tests.web.world import both_databases


@pytest.fixture
def outcome(database_url: str, tmp_path: Path) -> Outcome:
    return run(database_url, 40, tmp_path / "workspace")


@both_databases
@pytest.mark.timeout(300)  # some six hundred requests, and the engine between them
def test_scanners_get_nothing_done_while_people_do(outcome: Outcome) -> None:
    assert outcome.sound, outcome
