"""A mail tells us of its reader only where they have not refused that, or have agreed to it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from nurture.clock import VirtualClock
from nurture.core.consent import TRACKING, may_track
from nurture.deliver.relays import Relays
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.settings import Tracking
from nurture.store import consents, outbox
from nurture.store.engine import Store
from nurture.testing.smtp import smtp_server
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options
from tests.core.make import campaign
from tests.deliver.people import NOW, SIGNER, add_contacts, add_messages
from tests.deliver.test_sender import HTML, SETTINGS
from tests.store.people import StatementCounter

Setting = Literal["required", "assumed"]
SAID = {1: None, 2: True, 3: False}
"""Contacts by what they said on being tracked."""


def say(store: Store) -> None:
    with store.write() as connection:
        consents.grant(connection, 2, TRACKING, "form", NOW)
        consents.withdraw(connection, 3, TRACKING, "preferences", NOW)


def mails_of(store: Store, folder: Path, setting: Setting) -> dict[int, str]:
    """What each contact is sent, as the server gets it."""
    (folder / "nl/hi").mkdir(parents=True)
    (folder / "nl/hi/welcome.html").write_text(HTML)
    (folder / "nl/hi/welcome.txt").write_text("Dag {{ contact.first_name }}: https://webmakers.example/x")
    settings = SETTINGS.model_copy(update={"tracking": Tracking(consent=setting)})
    with smtp_server() as server:
        transport = SmtpTransport(Options(host=server.host, port=server.port, timeout=5))
        parts = (store, VirtualClock(NOW), Relays.only(transport), TemplateLibrary([folder]), SIGNER)
        Sender(*parts, settings=settings, campaign_of=lambda _: campaign()).send_batch()
        transport.close()
        told = {mail.content.replace(b"=\r\n", b"").decode() for mail in server.journal}
    return {number: next(one for one in told if f"reader{number}@" in one) for number in SAID}


@pytest.mark.parametrize(
    ("setting", "tracked"), [("assumed", [True, True, False]), ("required", [False, True, False])]
)
def test_only_who_may_be_tracked_gets_a_pixel_and_personal_links(
    store: Store, tmp_path: Path, setting: Setting, tracked: list[bool]
) -> None:
    add_messages(store, 3)
    say(store)
    mails = mails_of(store, tmp_path, setting).values()
    assert ["/o/" in mail for mail in mails] == tracked
    assert ["/c/" in mail for mail in mails] == tracked


def test_links_stay_as_written_where_nobody_may_be_tracked(store: Store, tmp_path: Path) -> None:
    add_messages(store, 3)
    say(store)
    mail = mails_of(store, tmp_path, "required")[3]
    assert "https://webmakers.example/x?a=3D1&amp;b=3D2" in mail


def test_whoever_may_not_be_tracked_can_still_unsubscribe(store: Store, tmp_path: Path) -> None:
    add_messages(store, 3)
    say(store)
    assert "List-Unsubscribe: <https://go.webmakers.example/u/" in mails_of(store, tmp_path, "required")[3]


def test_the_word_on_tracking_comes_with_the_recipients_in_one_query(store: Store) -> None:
    with store.write() as connection:
        add_contacts(connection, list(SAID))
    say(store)
    with store.read() as connection:
        counter = StatementCounter(store)
        found = outbox.recipients(connection, list(SAID))
    assert {number: one.tracking for number, one in found.items()} == SAID
    assert counter.n == 1


def test_consent_to_mail_is_no_consent_to_tracking(store: Store) -> None:
    with store.write() as connection:
        add_contacts(connection, [1])
        assert consents.consents_of(connection, [1]) == {1: frozenset({"marketing"})}
        assert not may_track(outbox.recipients(connection, [1])[1].tracking, required=True)
