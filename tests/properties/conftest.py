"""A workspace whose templates, teams and actions random campaigns may name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from tests.world import MONDAY, make_settings


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that is asked what is known, and nothing else."""
    folder = tmp_path_factory.mktemp("office") / "w"
    app = build_app(make_settings(folder, "sqlite://"), VirtualClock(MONDAY))
    yield app
    app.close()
