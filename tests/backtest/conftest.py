"""What tests of backtests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backtest.world import Firm


@pytest.fixture
def firm(tmp_path: Path, database_url: str) -> Iterator[Firm]:
    firm = Firm(tmp_path / "w", database_url)
    yield firm
    firm.app.close()
