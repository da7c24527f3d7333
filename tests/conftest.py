"""The real parts that tests run on; see `nurture.testing.servers`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from nurture.memory import collect_seldom
from nurture.store.engine import Store
from nurture.testing import servers
from tests.remembered import remember
from tests.shared_database import SharedDatabase, made_database

hypothesis_settings.register_profile("nurture", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("nurture")
remember()


def pytest_collection_finish() -> None:
    """Ten thousand tests and what they import need not be walked for garbage again and again."""
    collect_seldom()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The address of a PostgreSQL server on which databases may be made."""
    with servers.postgresql() as url:
        if "PG_URL" not in os.environ:
            servers.forgetful(url)
        yield url


@pytest.fixture(scope="session")
def _shared(postgresql_url: str) -> Iterator[SharedDatabase]:
    shared = SharedDatabase(postgresql_url)
    yield shared
    shared.drop()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a Redis-protocol server that tests may flush."""
    with servers.redis() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind: empty, or with every table where the test has a store."""
    with made_database(request, tmp_path, on_sqlite=request.param == "sqlite") as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lasting_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database of each kind, empty at first, for all tests of a file that only look at what is in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('lasting') / 'nurture.db'}"
        return
    with servers.database(request.getfixturevalue("postgresql_url")) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with every table, on each database."""
    store = Store(database_url)
    yield store
    store.close()
