"""What is checked is what is published: others decide or publish at the same moment."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from nurture.errors import CampaignError
from nurture.store import journey, places, schema, turns
from nurture.testing import servers
from tests.journey.desk import Desk
from tests.world import person, submit

FLOOD = ("{id: settle, wait: 3d}", "{id: settle, send: orientation/cases}")


def test_a_flood_that_arose_since_the_plan_was_shown_is_refused(tmp_path: Path, database_url: str) -> None:
    desk = Desk(tmp_path / "w", database_url, people=1)
    desk.edit(*FLOOD)
    desk.preview().refuse(limit=2, allowed=0)
    submit(desk.app, *(person(number) for number in range(2, 6)))
    desk.advance()
    live = desk.live()
    with pytest.raises(CampaignError, match="5 more mails in the first day"):
        desk.publish(check=lambda connection: desk.look(connection).refuse(limit=2, allowed=0))
    assert desk.live() == live
    desk.app.close()


def test_nobody_moves_between_the_check_and_the_publication(desk: Desk) -> None:
    """The race: a worker would take people off `settle` while a publication has checked who stands there."""
    app = desk.app
    app.clock.sleep(4 * 86_400)
    checked, go_on = Event(), Event()
    seen: list[dict[str | None, int]] = []

    def check(connection: sa.Connection) -> None:
        seen.append({each.step: each.people for each in places.groups(connection, "new-website")})
        checked.set()
        go_on.wait(30)
        seen.append({each.step: each.people for each in places.groups(connection, "new-website")})

    desk.edit("wait: 9d", "wait: 8d")
    publishing = Thread(target=desk.publish, kwargs={"check": check})
    worker = Thread(target=app.advance_batch)
    publishing.start()
    assert checked.wait(30)
    worker.start()
    worker.join(timeout=0.5)  # so long it would need at most, if it did not wait
    waited = worker.is_alive()
    go_on.set()
    publishing.join()
    worker.join()
    assert waited
    assert seen == [{"settle": 3}, {"settle": 3}]
    assert {row.version_id for row in desk.rows(schema.enrolment)} == {desk.live()}


def test_of_two_that_publish_at_once_the_second_looks_at_what_the_first_has_made(desk: Desk) -> None:
    desk.edit("wait: 9d", "wait: 8d")
    shown = desk.preview()
    looked: list[bool] = []

    def check(connection: sa.Connection) -> None:
        looked.append(desk.look(connection).texts == shown.texts)

    def hold(_: sa.Connection) -> None:
        second.start()
        second.join(timeout=0.5)  # so long it would need at most, if it did not wait

    second = Thread(target=desk.publish, kwargs={"check": check})
    desk.publish(check=hold)
    second.join()
    assert looked == [False]


def test_a_visit_does_not_wait_for_the_check(tmp_path: Path, postgresql_url: str) -> None:
    """SQLite has one writer; on PostgreSQL only those who decide wait."""
    with servers.database(postgresql_url) as database:
        desk = Desk(tmp_path / "w", database, people=1)
        visitor = Thread(target=_wake, args=(desk,))
        with desk.app.store.write() as connection:
            turns.publishing(connection)
            visitor.start()
            visitor.join(timeout=20)
            assert not visitor.is_alive()
        desk.app.close()


def _wake(desk: Desk) -> None:
    with desk.app.store.write() as connection:
        journey.wake(connection, [1], desk.app.clock.now())
