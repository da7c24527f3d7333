"""The public pages on a real server. Queries are tested on both databases, most pages on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture.clock import VirtualClock
from nurture.store.engine import Store
from nurture.testing import servers
from nurture.web.services import PublicServices
from tests.store.people import NOW
from tests.web.world import Client, KeepingIntake, services_for, serving


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite, unless a test is marked with `both_databases`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'nurture.db'}"
        return
    with servers.database(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def intake() -> KeepingIntake:
    return KeepingIntake()


@pytest.fixture
def services(store: Store, clock: VirtualClock, intake: KeepingIntake) -> PublicServices:
    return services_for(store, clock, intake)


@pytest.fixture
def client(services: PublicServices) -> Iterator[Client]:
    with serving(services) as client:
        yield client
