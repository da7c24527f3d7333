"""The public pages on a real server. Queries are tested on both databases, most pages on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bench.fuzz_requests import HOOK, HOOK_PASSWORD, SITE
from nurture.clock import VirtualClock
from nurture.setting_web import Tracking
from nurture.store.engine import Store
from nurture.web.services import PublicServices
from plugins.postmark import Options, Postmark
from tests.handover.world import open_all, request
from tests.shared_database import made_database
from tests.store.people import NOW, add_contacts
from tests.web.world import Client, KeepingIntake, services_for, serving


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite, unless a test is marked with `both_databases`; with every table where the test has a store."""
    on_sqlite = getattr(request, "param", "sqlite") == "sqlite"
    with made_database(request, tmp_path, on_sqlite=on_sqlite) as url:
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


@pytest.fixture
def peopled(services: PublicServices, store: Store) -> Iterator[Client]:
    """The pages with somebody behind the good tokens of `bench.fuzz_requests`, and its hook and site."""
    add_contacts(store)
    open_all(services.desk, store, [request()])
    hook = Postmark(Options(password=SecretStr(HOOK_PASSWORD)))
    with serving(replace(services, hooks={HOOK: hook}, tracking=Tracking(sites=(SITE,)))) as client:
        yield client
