"""The app of a simulation: production's own services, on a database, a clock and a transport of their own."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from pydantic import SecretStr
from sqlalchemy import event

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.plug.manager import Registry
from nurture.settings import Settings
from nurture.store import schema
from nurture.store.engine import Store

SEND_BATCH = 1_000

_KEY = "nobody ever follows a link of a simulated mail"
"""Signs what a simulation writes: no link in a report may be good for a real contact of the same number."""


class SimulatedApp(App):
    """An app that keeps to itself: nothing it does is seen outside."""

    @cached_property
    def registry(self) -> Registry:
        """The workspace's plugins, but nobody is told of what never happened."""
        return replace(super().registry, _signal_observers=(), _decision_observers=())

    @cached_property
    def store(self) -> Store:
        store = Store(self.settings.database_url)

        @event.listens_for(store.engine, "connect")
        def hurry(connection: Any, _record: Any) -> None:
            # What is thrown away at the end need not survive a power cut, and memory is for the shards.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-8000")

        return store


def simulated_app(settings: Settings, url: str, clock: VirtualClock) -> SimulatedApp:
    """An app on the empty database at `url`, with its tables. What it signs opens nothing anywhere else."""
    app = SimulatedApp(
        settings.model_copy(
            update={
                "secret_key": SecretStr(_KEY),
                "database": settings.database.model_copy(update={"url": url}),
                "mail": settings.mail.model_copy(update={"batch": SEND_BATCH}),
            }
        ),
        clock,
    )
    with app.store.write() as connection:
        schema.metadata.create_all(connection)
    return app
