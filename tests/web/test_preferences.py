"""The preference page on a real server: mail about what, how often, a pause, or none at all."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from nurture.core.consent import TRACKING
from nurture.core.model import Wishes
from nurture.store import consents, preferences, schema
from nurture.store.engine import Store
from nurture.tokens import PREFERENCES, UNSUBSCRIBE
from nurture.web.hits import STOPPED
from tests.handover.world import SIGNER
from tests.store.people import NOW, add_contacts, erase_contact, rows_of
from tests.web.world import GONE, PURPOSES, Client, both_databases

PATH = f"/p/{SIGNER.sign(PREFERENCES, GONE)}"
SHOWN = {f"shown.{name}": "yes" for name in (*PURPOSES, TRACKING)}
AS_IT_WAS = {"want.marketing": "yes", "want.service": "yes", "want.tracking": "yes", "frequency": "all"}
HASH = SIGNER.address_hash("an1@bakkerij.example")


def agreed(store: Store, locale: str | None = "nl") -> None:
    add_contacts(store, locale=locale)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW)


def press(client: Client, button: str = "save", **fields: str) -> str:
    """The page after a button was pressed, with what the browser sends of its form."""
    own = {name.replace("__", "."): value for name, value in fields.items()}
    sent = {**SHOWN, **AS_IT_WAS, **own} if button == "save" else {}
    sent = {name: value for name, value in sent.items() if value}
    answer = client.post(PATH, urlencode({**sent, button: "yes"}).encode())
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (200, None, None)
    return answer.text


def said(store: Store) -> dict[str, bool]:
    return {row.purpose: row.granted for row in rows_of(store, schema.consent)}


def wishes(store: Store) -> Wishes:
    with store.read() as connection:
        return preferences.wishes_of(connection, [1]).get(1, preferences.EVERYTHING)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(client: Client, store: Store, method: str) -> None:
    agreed(store)
    assert client.ask(method, f"{PATH}?stop=yes&save=yes").status == 200
    assert (said(store), wishes(store)) == ({"marketing": True}, Wishes())
    assert not rows_of(store, schema.signal)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("nl", ("Uw mail van ons", "Tips en aanbiedingen")),
        ("en-GB", ("Your mail from us", "Tips and offers")),
    ],
)
def test_the_page_speaks_the_contacts_language(
    client: Client, store: Store, locale: str, words: tuple[str, ...]
) -> None:
    agreed(store, locale)
    page = client.get(PATH, Accept_Language="de").text
    assert all(word in page for word in words)


def test_every_declared_purpose_stands_on_the_page_as_it_is(client: Client, store: Store) -> None:
    agreed(store)
    page = client.get(PATH).text
    ticked = {name: f'name="want.{name}" value="yes" checked' in page for name in (*PURPOSES, TRACKING)}
    assert ticked == {"marketing": True, "events": False, "service": True, "tracking": True}


@both_databases
def test_a_purpose_is_turned_off_and_another_on(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__marketing="", want__events="yes")
    assert said(store) == {"marketing": False, "events": True}


def test_a_yes_is_kept_with_its_proof(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__events="yes")
    row = next(row for row in rows_of(store, schema.consent) if row.purpose == "events")
    assert row.evidence == "preferences, message 5 (new-website, welcome)"
    assert row.proof["words"] == ["Bijeenkomsten: yes"]
    assert (row.proof["page"], row.proof["language"], row.proof["address"]) == (
        "preferences",
        "nl",
        "127.0.0.1",
    )
    assert row.proof["agent"].startswith("Mozilla/5.0")


def test_what_was_left_as_it_was_is_no_word_of_theirs(client: Client, store: Store) -> None:
    agreed(store)
    press(client)
    (row,) = rows_of(store, schema.consent)
    assert (row.purpose, row.evidence) == ("marketing", "form")


def test_a_purpose_that_needs_no_consent_can_be_refused(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__service="")
    assert said(store) == {"marketing": True, "service": False}


def test_tracking_can_be_refused_and_mail_goes_on(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__tracking="")
    assert said(store) == {"marketing": True, "tracking": False}


@both_databases
@pytest.mark.parametrize(("named", "days"), [("weekly", 7), ("monthly", 30), ("all", None)])
def test_how_often_is_kept(client: Client, store: Store, named: str, days: int | None) -> None:
    agreed(store)
    press(client, frequency=named)
    assert wishes(store) == Wishes(None if days is None else timedelta(days=days))


@both_databases
def test_a_pause_puts_off_what_waits_and_its_end_lets_it_go(client: Client, store: Store) -> None:
    agreed(store)
    with store.write() as connection:
        row = {"contact_id": 1, "campaign": "c", "version_id": 1, "step": "s", "occurrence": 1}
        row |= {"template": "t", "purpose": "marketing", "locale": "nl", "message_id": "<1@x>"}
        row |= {"state": "ready", "created_at": NOW, "not_before": NOW}
        connection.execute(sa.insert(schema.outbox), row)
    assert "30 dagen" not in press(client, "pause")
    until = NOW + timedelta(days=30)
    assert (wishes(store).paused_until, rows_of(store, schema.outbox)[0].not_before) == (until, until)
    assert "30 dagen" in press(client, "resume")
    assert (wishes(store).paused_until, rows_of(store, schema.outbox)[0].not_before) == (None, NOW)


def test_the_page_says_until_when_the_pause_lasts(client: Client, store: Store) -> None:
    agreed(store)
    assert "1 april 2026" in press(client, "pause")


def test_a_pause_leaves_how_often_as_it_is(client: Client, store: Store) -> None:
    agreed(store)
    press(client, frequency="weekly")
    press(client, "pause")
    assert wishes(store).apart == timedelta(days=7)


@both_databases
def test_one_button_stops_all_mail(client: Client, store: Store) -> None:
    agreed(store)
    press(client, "stop")
    assert set(said(store).values()) == {False}
    assert said(store).keys() >= {"marketing", "service"}
    assert [(row.address_hash, row.reason) for row in rows_of(store, schema.suppression)] == [(HASH, STOPPED)]


def test_who_stopped_all_mail_may_come_back(client: Client, store: Store) -> None:
    agreed(store)
    press(client, "stop")
    press(client, want__service="", want__tracking="")
    assert said(store)["marketing"] is True
    assert not rows_of(store, schema.suppression)


def test_nobody_takes_back_what_their_mailbox_has_said(client: Client, store: Store) -> None:
    agreed(store)
    with store.write() as connection:
        consents.suppress(connection, HASH, "bounced: no_such_user", NOW)
    press(client, "stop")
    press(client, want__service="")
    assert [row.reason for row in rows_of(store, schema.suppression)] == ["bounced: no_such_user"]


def test_each_change_is_a_signal_and_wakes_the_contact(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__marketing="", frequency="weekly")
    told = {(row.kind, row.classed) for row in rows_of(store, schema.signal)}
    assert told == {("preferences", "human"), ("unsubscribed", "human")}
    assert [row.due_at for row in rows_of(store, schema.journey)] == [NOW]


def test_pressing_twice_changes_nothing_more(client: Client, store: Store) -> None:
    agreed(store)
    press(client, want__marketing="")
    press(client, want__marketing="")
    assert len([row for row in rows_of(store, schema.signal) if row.kind == "unsubscribed"]) == 1
    assert len(rows_of(store, schema.former_consent)) == 1


def test_a_purpose_that_the_page_did_not_show_stays(client: Client, store: Store) -> None:
    agreed(store)
    press(client, shown__marketing="", want__marketing="")
    assert said(store) == {"marketing": True}


def test_somebody_who_is_gone_learns_nothing(client: Client, store: Store) -> None:
    agreed(store)
    erase_contact(store, 1)
    page = client.get(PATH)
    assert (page.status, "<form" in page.text) == (200, False)


@pytest.mark.parametrize("path", ["/p/nonsense", f"/p/{SIGNER.sign(UNSUBSCRIBE, GONE)}"])
def test_a_token_that_is_not_for_this_page_opens_nothing(client: Client, store: Store, path: str) -> None:
    agreed(store)
    assert client.get(path).status == client.post(path, b"stop=yes").status == 404
    assert said(store) == {"marketing": True}


def test_a_post_that_presses_no_button_is_refused(client: Client, store: Store) -> None:
    agreed(store)
    assert client.post(PATH, b"want.events=yes").status == 400


def test_a_proxy_of_ours_is_believed_whom_it_speaks_for(client: Client, store: Store) -> None:
    agreed(store)
    body = urlencode({**SHOWN, **AS_IT_WAS, "want.events": "yes", "save": "yes"}).encode()
    forwarded = "198.51.100.9, 203.0.113.7, 127.0.0.1"
    form = "application/x-www-form-urlencoded"
    client.ask("POST", PATH, body, Content_Type=form, X_Forwarded_For=forwarded)
    (row,) = [row for row in rows_of(store, schema.consent) if row.purpose == "events"]
    assert row.proof["address"] == "203.0.113.7"
