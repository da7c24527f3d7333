"""Opens and clicks on a real server: stored before the answer, and nothing to be forged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.store import schema
from nurture.store.engine import Store
from nurture.tokens import CLICK, OPEN, LinkFacts
from nurture.web.tracking import GIF
from tests.handover.world import SIGNER
from tests.store.people import NOW, add_contacts, erase_contact, rows_of
from tests.web.world import LINK, PIXEL, Client, both_databases

CLICKED = f"/c/{SIGNER.sign(CLICK, LINK)}"
OPENED = f"/o/{SIGNER.sign(OPEN, PIXEL)}.gif"


def the_signal(store: Store) -> sa.Row[Any]:
    (row,) = rows_of(store, schema.signal)
    return row


def add_sent_mail(store: Store, seconds_ago: float) -> None:
    mail = {
        "id": LINK.outbox_id,
        "contact_id": 1,
        "campaign": "new-website",
        "version_id": 1,
        "step": "welcome",
        "occurrence": 1,
        "template": "welcome",
        "purpose": "marketing",
        "locale": "nl",
        "message_id": "<1@x.example>",
        "state": "sent",
        "created_at": NOW,
        "not_before": NOW,
        "done_at": NOW - timedelta(seconds=seconds_ago),
    }
    with store.write() as connection:
        connection.execute(schema.outbox.insert(), mail)


@both_databases
def test_a_click_leads_on_and_is_stored(client: Client, store: Store) -> None:
    add_contacts(store)
    answer = client.get(CLICKED)
    assert (answer.status, answer.headers["Location"]) == (302, LINK.url)
    signal = the_signal(store)
    assert (signal.contact_id, signal.kind, signal.at, signal.classed) == (1, "clicked", NOW, "human")
    assert {key: signal.data[key] for key in ("campaign", "step", "message", "url")} == {
        "campaign": "new-website",
        "step": "welcome",
        "message": 5,
        "url": LINK.url,
    }


def test_a_click_wakes_its_contact(client: Client, store: Store) -> None:
    add_contacts(store)
    client.get(CLICKED)
    assert [row.due_at for row in rows_of(store, schema.journey)] == [NOW]


def test_a_pixel_is_43_bytes_that_nobody_keeps(client: Client, store: Store) -> None:
    add_contacts(store)
    answer = client.get(OPENED)
    assert (answer.status, answer.headers["Content-Type"], len(answer.body)) == (200, "image/gif", 43)
    assert (answer.body, answer.headers["Cache-Control"]) == (GIF, "no-store")
    assert (the_signal(store).kind, the_signal(store).classed) == ("opened", "probable")


@pytest.mark.parametrize("path", [CLICKED, OPENED])
def test_a_head_request_never_counts_as_a_person(client: Client, store: Store, path: str) -> None:
    add_contacts(store)
    answer = client.ask("HEAD", path)
    assert (answer.status in (200, 302), answer.body) == (True, b"")
    assert the_signal(store).classed == "machine"


def test_a_click_right_after_the_delivery_is_a_machines(client: Client, store: Store) -> None:
    add_contacts(store)
    add_sent_mail(store, seconds_ago=2)
    client.get(CLICKED)
    assert (the_signal(store).classed, the_signal(store).why_classed) == ("machine", "2 s after the delivery")


def test_a_click_an_hour_after_the_delivery_is_a_persons(client: Client, store: Store) -> None:
    add_contacts(store)
    add_sent_mail(store, seconds_ago=3600)
    client.get(CLICKED)
    assert the_signal(store).classed == "human"


def test_every_click_is_a_signal_of_its_own(client: Client, store: Store) -> None:
    add_contacts(store)
    for _ in range(3):
        client.get(CLICKED)
    assert len(rows_of(store, schema.signal)) == 3


def test_a_click_of_somebody_who_is_gone_still_leads_on(client: Client, store: Store) -> None:
    add_contacts(store)
    erase_contact(store, 1)
    assert client.get(CLICKED).status == 302
    assert not rows_of(store, schema.signal)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/c/", id="no token"),
        pytest.param("/c/nonsense", id="nonsense"),
        pytest.param("/c/%00%ff%2e%2e", id="odd octets"),
        pytest.param(CLICKED[:-1] + ("A" if CLICKED[-1] != "A" else "B"), id="changed"),
        pytest.param(f"/c/{SIGNER.sign(OPEN, PIXEL)}", id="of another purpose"),
        pytest.param(f"/o/{SIGNER.sign(CLICK, LINK)}.gif", id="of another purpose, too"),
        pytest.param(
            f"/c/{SIGNER.sign(CLICK, LinkFacts(5, 1, 'c', 's', 'javascript:alert(1)'))}", id="a script"
        ),
    ],
)
def test_a_token_that_is_not_ours_is_a_page_that_says_so(client: Client, store: Store, path: str) -> None:
    add_contacts(store)
    answer = client.get(path)
    assert answer.status == 404
    assert "There is nothing here" in answer.text
    assert not rows_of(store, schema.signal)


def test_an_address_cannot_add_a_header(client: Client, store: Store) -> None:
    url = "https://firm.example/é?q=a b\r\nSet-Cookie: x=1"
    answer = client.get(f"/c/{SIGNER.sign(CLICK, LinkFacts(5, 1, 'c', 's', url))}")
    assert answer.headers["Location"] == "https://firm.example/%C3%A9?q=a%20b%0D%0ASet-Cookie:%20x=1"
    assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    "url",
    [
        "https://firm.example/\r\n\r\n<script>",
        "https://firm.example/\n\tX-Other: 1",
        "https://firm.example/\x00\x0b\x0c\x85\u2028",
        "https://firm.example/\ud800",
    ],
)
def test_no_signed_address_makes_two_headers_of_one(client: Client, store: Store, url: str) -> None:
    try:
        token = SIGNER.sign(CLICK, LinkFacts(5, 1, "c", "s", url))
    except UnicodeEncodeError:
        return  # Not even we can sign it.
    answer = client.get(f"/c/{token}")
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["Location"].isascii()
    assert answer.headers["X-Other"] is None


@pytest.mark.parametrize(
    "behind", ["?url=https://evil.example", "?https://evil.example", "#https://evil.example"]
)
def test_nothing_behind_a_token_leads_elsewhere(client: Client, behind: str) -> None:
    assert client.get(CLICKED + behind).headers["Location"] == LINK.url


@pytest.mark.parametrize(
    "behind", ["/https://evil.example", "//evil.example", "/..", "%2f..", "=", "%00", "."]
)
def test_what_is_longer_than_a_token_leads_nowhere(client: Client, behind: str) -> None:
    answer = client.get(CLICKED + behind)
    assert (answer.status, answer.headers["Location"]) == (404, None)


def test_a_post_to_a_link_is_refused(client: Client) -> None:
    answer = client.post(CLICKED, b"")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
