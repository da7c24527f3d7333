"""One record that the database refuses holds up nobody, and what changes a picture wakes who it is about."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.plug.contracts import Payload
from nurture.store import schema
from tests.world import make_app, person, submit


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    app = make_app(tmp_path / "workspace", database_url)
    yield app
    app.close()


def rows(app: App, table: sa.Table) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def refuse(app: App, name: str) -> None:
    """Lets the database itself refuse people of that name, as an index limit or a constraint may."""
    with app.store.write() as connection:
        if app.store.is_postgresql:
            check = f"ALTER TABLE contact ADD CONSTRAINT refused CHECK (name <> '{name}')"
        else:
            check = (
                f"CREATE TRIGGER refused BEFORE INSERT ON contact WHEN NEW.name = '{name}' "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        connection.exec_driver_sql(check)


def test_a_record_that_the_database_refuses_is_put_aside_alone(app: App) -> None:
    refuse(app, "Piet Refused")
    submit(app, person(1), person(2, name="Piet Refused"), person(3))
    states = {item.fields["name"]: (item.state, item.reason) for item in rows(app, schema.inbox)}
    assert states["Piet Refused"][0] == "unreadable"
    assert states["Piet Refused"][1].startswith("could not be sorted")
    assert [state for state, _ in states.values()].count("contact") == 2


def test_consent_that_comes_later_sends_the_mail_that_waited(app: App) -> None:
    submit(app, person(1, consent=""))
    app.tick()
    app.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]  # this clock is virtual
    content = b"email,consent\nan1@bakkerij1.example.com,marketing\n"
    app.intake().receive("csv", Payload(io.BytesIO(content), "consents.csv"))
    app.tick()
    assert [mail.state for mail in rows(app, schema.outbox)] == ["sent"]


def test_what_a_colleague_tells_of_the_company_wakes_the_others(app: App) -> None:
    submit(app, person(1, email="an@bakkerij.example", company="Bakkerij"))
    app.tick()
    before = rows(app, schema.journey)[0].wakes
    content = b"name,email,company,employees\nEva Bos,eva@bakkerij.example,Bakkerij,40\n"
    app.intake().receive("csv", Payload(io.BytesIO(content), "colleagues.csv"))
    app.sort_all()
    assert rows(app, schema.journey)[0].wakes > before
