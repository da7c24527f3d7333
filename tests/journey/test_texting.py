"""A campaign that sends a text message, from the lead to the telephone; and the same in a simulation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.doctor import findings_in, settings_findings
from nurture.errors import SettingsError
from nurture.journey.explain import Explainer
from nurture.settings import load_settings
from nurture.simulate.lists import Leads
from nurture.simulate.run import Order, simulate
from nurture.simulate.summary import as_json
from nurture.store import schema
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace
from tests.plugins.http import WebServer, answering
from tests.simulate.world import MONDAY
from tests.world import MONDAY as TODAY
from tests.world import person, submit

PROFILE = """\
kind: profile
name: firm
fit: {prospect_at: 60, rules: [{id: near, when: contact.country == "NL", points: 10}]}
signals: [{on: visited, stage: comparison, points: 6}]
"""
CAMPAIGN = """\
kind: campaign
name: fair
profile: firm
purpose: marketing
locale: nl
timezone: Europe/Amsterdam
audience: {when: '"website" in contact.interests'}
stages:
  orientation:
    - {id: welcome, send: orientation/welcome}
    - {id: remind, send: orientation/remind.sms}
handover: {team: sales-nl}
"""
TEXT = "Dag {{ contact.first_name or 'daar' }}, tot morgen op de beurs. Stop: {{ unsubscribe_url }}\n"


@pytest.fixture
def gateway() -> Iterator[WebServer]:
    with answering(202) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, gateway: WebServer) -> Path:
    """A workspace with a campaign that sends a mail and then a text message."""
    folder = tmp_path / "workspace"
    create_workspace(folder)
    for file in (folder / "campaigns").iterdir():
        file.unlink()
    (folder / "campaigns/profile.yaml").write_text(PROFILE)
    (folder / "campaigns/fair.yaml").write_text(CAMPAIGN)
    (folder / "templates/nl/orientation/remind.sms.txt").write_text(TEXT)
    settings = (folder / "nurture.toml").read_text().replace("load = [", 'load = ["sms_gateway", ', 1)
    gateway_options = f'[plugin.sms_gateway]\nurl = "{gateway.url}"\n'
    (folder / "nurture.toml").write_text(f'{settings}\n[sms]\ntransport = "sms_gateway"\n\n{gateway_options}')
    return folder


def open_app(folder: Path, url: str, **sections: dict[str, Any]) -> App:
    """An app on the workspace in `folder`, with its campaign published."""
    settings = load_settings(folder)
    changes: dict[str, Any] = {"database": settings.database.model_copy(update={"url": url})}
    for name, values in sections.items():
        changes[name] = getattr(settings, name).model_copy(update=values)
    app = build_app(settings.model_copy(update=changes), VirtualClock(TODAY))
    upgrade(app.store)
    app.publish()
    return app


@pytest.fixture
def app(folder: Path, database_url: str) -> Iterator[App]:
    with closing(open_app(folder, database_url)) as app:
        yield app


def sent(app: App) -> list[tuple[str, str]]:
    with app.store.read() as connection:
        query = sa.select(schema.outbox.c.step, schema.outbox.c.state).order_by(schema.outbox.c.id)
        return [(row[0], row[1]) for row in connection.execute(query)]


def test_a_lead_with_a_telephone_gets_the_text_after_the_mail(app: App, gateway: WebServer) -> None:
    submit(app, person(1, phone="06 12345678"))
    app.tick()
    assert sent(app) == [("welcome", "sent"), ("remind", "sent")]
    (asked,) = gateway.asked
    assert b'"to":"+31612345678"' in asked.body
    assert "Dag An, tot morgen" in asked.body.decode()


def test_a_lead_without_a_telephone_gets_the_mail_and_the_reason_is_kept(
    app: App, gateway: WebServer
) -> None:
    submit(app, person(1))
    app.tick()
    assert sent(app) == [("welcome", "sent")]
    assert gateway.asked == []
    explained = Explainer(app.store, app.clock, app.plans, app.signer).explain("an1@bakkerij1.example.com")
    assert any("held back: there is no telephone number" in place for place in explained.places)


def test_nothing_is_found_wrong_with_the_text(app: App) -> None:
    found = [*settings_findings(app), *findings_in(app, app.documents())]
    assert [one for one in found if one.severity == "error" or ".sms" in one.file] == []


@pytest.mark.parametrize("transport", ["maildir", "smss_gateway"])
def test_a_transport_that_takes_no_texts_is_found_and_stops_the_sending(
    folder: Path, database_url: str, transport: str
) -> None:
    with closing(open_app(folder, database_url, sms={"transport": transport})) as app:
        (found,) = settings_findings(app)
        assert found.message.startswith(f"sms.transport: there is no transport {transport!r}")
        with pytest.raises(SettingsError, match=r"sms\.transport: there is no transport"):
            app.send()


def test_mails_do_not_go_by_a_transport_for_texts(folder: Path, database_url: str) -> None:
    with closing(open_app(folder, database_url, mail={"transport": "sms_gateway"})) as app:
        assert [one.message for one in settings_findings(app) if "mail.transport" in one.message]
        with pytest.raises(SettingsError, match=r"mail\.transport"):
            app.send()


def test_a_simulation_sends_texts_to_nobody(folder: Path, tmp_path: Path, gateway: WebServer) -> None:
    leads = tmp_path / "leads.csv"
    rows = [f"An {n},an{n}@firm{n}.example.com,website,marketing,NL,06 1234567{n}" for n in range(5)]
    leads.write_text("\n".join(["name,email,interests,consent,country,phone", *rows]) + "\n")
    result: Any = as_json(simulate(load_settings(folder), _order(leads), processes=1))
    assert result["problems"] == []
    assert str(result).count("remind") > 0
    assert gateway.asked == []


def _order(leads: Path) -> Order:
    from nurture.simulate.behaviour import Behaviour

    return Order("fair", [Leads(leads)], MONDAY, 10, 1, Behaviour())
