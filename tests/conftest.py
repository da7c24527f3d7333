"""The real parts that tests run on; see `nurture.testing.servers`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from nurture.store import schema
from nurture.store.engine import Store
from nurture.testing import servers

hypothesis_settings.register_profile("nurture", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("nurture")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made."""
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis-protocol server that tests may flush."""
    with servers.redis() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'nurture.db'}"
        return
    with servers.database(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with every table, on each database."""
    store = Store(database_url)
    with store.write() as connection:
        schema.metadata.create_all(connection)
    yield store
    store.close()
