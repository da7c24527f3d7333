"""People under way in the example campaign, for tests of what publishing does with them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from nurture.app import App
from nurture.journey.preview import Preview, Previewer
from nurture.journey.publishing import Check, Published
from nurture.store import schema
from nurture.store.campaigns import live_versions
from tests.world import make_app, person, submit

RENAME = ("{id: settle, wait: 3d}", "{id: calm, wait: 3d}")
WELCOME = ("{id: welcome, send: orientation/welcome}", "{id: hello, send: orientation/welcome}")


class Desk:
    """An app whose people are under way in `new-website`, standing at `settle`."""

    def __init__(self, folder: Path, url: str, people: int = 3) -> None:
        self.app: App = make_app(folder, url)
        self.file = folder / "campaigns" / "new-website.yaml"
        submit(self.app, *(person(number) for number in range(1, people + 1)))
        self.advance()

    def advance(self, days: float = 0) -> None:
        self.app.clock.sleep(days * 86_400)
        while self.app.advance_batch():
            pass

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text()
        assert old in text
        text = text.partition("\n# What this campaign promises")[0]
        self.file.write_text(text.replace(old, new))

    def rows(self, table: sa.Table) -> list[Any]:
        with self.app.store.read() as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key.columns)))

    def steps(self) -> set[str | None]:
        return {row.step for row in self.rows(schema.enrolment)}

    def sent(self) -> list[str]:
        return [row.step for row in self.rows(schema.outbox)]

    def preview(self, *names: str) -> Preview:
        with self.app.store.read() as connection:
            return self.look(connection, names)

    def look(self, connection: sa.Connection, names: Collection[str] = ()) -> Preview:
        """What publishing the files would change, as things stand in this transaction."""
        compiled = self.app.sound_documents()
        previewer = Previewer(self.app.clock, self.app.plans, self.app.signer)
        return previewer.preview(connection, compiled, "", self.app.draft_plan(compiled), names)

    def publish(self, *names: str, check: Check | None = None) -> Published:
        """Publishes the files' campaigns, or those in `names`."""
        compiled = self.app.sound_documents()
        profile = compiled.the_profile()
        return self.app.publisher.publish(profile, compiled, names=names, check=check)

    def live(self, campaign: str = "new-website") -> int | None:
        """The version of the campaign that is live."""
        with self.app.store.read() as connection:
            return live_versions(connection).get(campaign)


def renamed_welcome(desk: Desk) -> None:
    desk.edit(*WELCOME)
    text = desk.file.read_text().replace('clicked("welcome")', 'clicked("hello")')
    desk.file.write_text(text.replace("stages:", "moved: {welcome: hello}\nstages:", 1))
