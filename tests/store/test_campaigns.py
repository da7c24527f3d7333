"""Publishing: one version a text, by however many processes at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import sqlalchemy as sa

from nurture.store import schema
from nurture.store.campaigns import StoredText, live_versions, publish_campaigns, publish_profile
from nurture.store.engine import Store

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEXT = StoredText("greeting", "abc", "kind: campaign", "campaigns/greeting.yaml")


def test_two_that_publish_at_once_agree_on_one_version(store: Store) -> None:
    changed: list[object] = []

    def publish() -> None:
        with store.write() as connection:
            changed.append(publish_profile(connection, TEXT, NOW))
            changed.extend(publish_campaigns(connection, [TEXT], NOW))

    other = threading.Thread(target=publish)
    with store.write() as connection:
        publish_profile(connection, TEXT, NOW)
        publish_campaigns(connection, [TEXT], NOW)
        other.start()
        # Long enough for it to come to where it has to wait for us.
        other.join(0.3)
        assert other.is_alive()
    other.join()
    with store.read() as connection:
        versions = connection.scalar(sa.select(sa.func.count()).select_from(schema.campaign_version))
        assert (changed, versions, list(live_versions(connection))) == ([False], 1, ["greeting"])
