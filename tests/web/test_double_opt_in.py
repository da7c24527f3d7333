"""Double opt-in from the form to the proof: a whole workspace, its pages on a real server, a real mail."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from nurture.app import App
from nurture.clock import VirtualClock
from nurture.journey.statements import Statements, statements_of
from nurture.plug.contracts import Payload
from nurture.settings import Purpose
from nurture.store import consents, schema
from nurture.web.public import public_app
from tests.web.world import Client, both_databases, serving_app
from tests.world import MONDAY, make_app

EMAIL = "an@bakkerij.example.com"
FORM = {
    "name": "An Jansen",
    "email": EMAIL,
    "interests": "website",
    "consent": "marketing",
    "locale": "nl",
    "_consent_text": "2026-03: Mail mij tips",
}
PURPOSES = {"marketing": Purpose(title={"nl": "Tips en aanbiedingen"}, double_opt_in=True)}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: VirtualClock) -> Iterator[App]:
    app = make_app(tmp_path / "workspace", database_url, clock, consent={"purposes": PURPOSES})
    yield app
    app.close()


@pytest.fixture
def client(app: App) -> Iterator[Client]:
    with serving_app(public_app(app)) as client:
        yield client


def fill_in(client: Client, app: App, **fields: str) -> None:
    body = urlencode({**FORM, **fields}).encode()
    form = "application/x-www-form-urlencoded"
    referer = "https://www.example.com/brochure"
    assert client.ask("POST", "/f/brochure", body, Content_Type=form, Referer=referer).status == 200
    app.tick()


def mails(app: App) -> list[Any]:
    files = sorted((app.settings.folder / "mail").rglob("*.eml"))
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


def link(app: App) -> str:
    (mail,) = [mail for mail in mails(app) if "/y/" in text_of(mail)]
    (path,) = re.findall(r"http://127.0.0.1:8025(/y/[\w-]+)", text_of(mail))
    return str(path)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def rows(app: App, table: sa.Table) -> list[Any]:
    with app.store.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def granted(app: App) -> bool:
    with app.store.read() as connection:
        return "marketing" in consents.consents_of(connection, [1]).get(1, ())


def told(app: App) -> Statements:
    return statements_of(app.store, app.signer, EMAIL, app.clock.now())


@both_databases
def test_what_a_form_says_is_no_consent_before_it_is_confirmed(client: Client, app: App) -> None:
    fill_in(client, app)
    assert not granted(app)
    assert [(row.campaign, row.state) for row in rows(app, schema.outbox)] == [("@confirmation", "sent")]
    assert [one.state for one in told(app).statements] == ["pending"]


@both_databases
def test_one_press_confirms_and_the_campaign_begins(client: Client, app: App) -> None:
    fill_in(client, app)
    assert "Dank u wel" in client.post(link(app), b"confirm=yes").text
    app.tick()
    assert granted(app)
    assert [row.campaign for row in rows(app, schema.outbox)] == ["@confirmation", "new-website"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_checker_confirms_nothing(client: Client, app: App, method: str) -> None:
    fill_in(client, app)
    assert client.ask(method, link(app)).status == 200
    assert not granted(app)


def test_the_page_says_in_their_language_what_is_confirmed(client: Client, app: App) -> None:
    fill_in(client, app)
    page = client.get(link(app), Accept_Language="en").text
    assert ("Mogen we u mailen?" in page, "Tips en aanbiedingen" in page) == (True, True)


def test_the_mail_that_asks_tracks_nobody(client: Client, app: App) -> None:
    fill_in(client, app)
    (mail,) = mails(app)
    html = str(mail.get_body(("html",)).get_content())
    assert ("/o/" in html, "/c/" in html, "Tips en aanbiedingen" in html) == (False, False, True)


def test_the_proof_tells_of_both_steps(client: Client, app: App) -> None:
    fill_in(client, app)
    client.post(link(app), b"confirm=yes")
    (said,) = [one for one in told(app).statements if one.state == "granted"]
    asked, confirmed = said.proof["asked"], said.proof["confirmed"]
    assert said.evidence == "form brochure, confirmed by message 1"
    assert asked["words"] == FORM["_consent_text"]
    assert asked["page"] == "https://www.example.com/brochure"
    assert asked["at"] == confirmed["at"] == MONDAY.isoformat()
    assert (asked["address"], confirmed["address"]) == ("127.0.0.1", "127.0.0.1")
    assert asked["agent"] == confirmed["agent"]


def test_a_second_press_is_answered_as_the_first(client: Client, app: App) -> None:
    fill_in(client, app)
    path = link(app)
    first, second = client.post(path, b""), client.post(path, b"")
    assert (first.status, first.body) == (second.status, second.body)
    assert len([row for row in rows(app, schema.signal) if row.kind == "consented"]) == 1


@both_databases
def test_too_late_is_no_consent(client: Client, app: App, clock: VirtualClock) -> None:
    fill_in(client, app)
    path = link(app)
    clock.advance(timedelta(days=7))
    assert "verlopen" in client.post(path, b"").text
    assert not granted(app)
    assert [one.state for one in told(app).statements] == ["expired"]


@both_databases
def test_a_form_filled_in_again_and_again_sends_one_mail_a_day(
    client: Client, app: App, clock: VirtualClock
) -> None:
    for number in range(3):
        fill_in(client, app, city=f"Town {number}")
    assert len(mails(app)) == 1
    clock.advance(timedelta(days=1))
    fill_in(client, app)
    assert len(mails(app)) == 2


def test_who_has_agreed_already_is_not_asked(client: Client, app: App) -> None:
    fill_in(client, app)
    client.post(link(app), b"")
    before = len(rows(app, schema.opt_in))
    fill_in(client, app, city="Ede")
    assert len(rows(app, schema.opt_in)) == before


def test_a_suppressed_address_is_not_asked(client: Client, app: App) -> None:
    with app.store.write() as connection:
        consents.suppress(connection, app.signer.address_hash(EMAIL), "complained", MONDAY)
    fill_in(client, app)
    assert (rows(app, schema.opt_in), mails(app)) == ([], [])


def test_an_unsubscribe_is_undone_only_by_a_confirmation(client: Client, app: App) -> None:
    fill_in(client, app, consent="")
    with app.store.write() as connection:
        consents.withdraw(connection, 1, "marketing", "one-click", MONDAY - timedelta(days=1))
    fill_in(client, app, city="Ede")
    assert not granted(app)
    client.post(link(app), b"")
    assert granted(app)


def test_a_file_is_taken_at_its_word(app: App) -> None:
    text = f"name,email,consent\nAn,{EMAIL},marketing\n".encode()
    app.intake().receive("csv", Payload(io.BytesIO(text), "leads.csv"))
    app.tick()
    assert granted(app)
