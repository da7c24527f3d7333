"""A whole small world for tests of the parts together: a workspace, an app on it, and people in it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nurture.app import App, build_app
from nurture.clock import Clock, VirtualClock
from nurture.plug.contracts import Payload
from nurture.settings import Settings, load_settings
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday within everybody's send window."""


def make_settings(folder: Path, url: str, **sections: Mapping[str, Any]) -> Settings:
    """The settings of a new example workspace in `folder`, on the database at `url`."""
    create_workspace(folder)
    settings = load_settings(folder)
    changes: dict[str, Any] = {"database": settings.database.model_copy(update={"url": url})}
    for name, values in sections.items():
        before = getattr(settings, name)
        if isinstance(before, dict):
            changes[name] = {**before, **values}
        else:
            changes[name] = before.model_copy(update=dict(values))
    return settings.model_copy(update=changes)


def make_app(folder: Path, url: str, clock: Clock | None = None, **sections: Mapping[str, Any]) -> App:
    """An app on a new workspace, with its schema made and its campaigns published."""
    app = build_app(make_settings(folder, url, **sections), clock or VirtualClock(MONDAY))
    upgrade(app.store)
    app.publish()
    return app


def submit(app: App, *people: Mapping[str, Any], form: str = "brochure") -> None:
    """People fill in a form on the website; sorted at once."""
    for person in people:
        payload = Payload(io.BytesIO(json.dumps(person).encode()), form, "application/json")
        app.intake().receive("webform", payload)
    while app.sort_batch():
        pass


def person(number: int, **changes: Any) -> dict[str, Any]:
    """A good lead of the example firm who agreed to mails."""
    return {
        "name": f"An Jansen-{number}",
        "email": f"an{number}@bakkerij{number}.example.com",
        "interests": "website",
        "consent": "marketing",
        "country": "NL",
        "budget": "5-10k",
        "role": "owner",
    } | changes
