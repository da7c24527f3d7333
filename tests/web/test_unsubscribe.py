"""Unsubscribing on a real server: RFC 8058 to the letter, and a page for people."""

from __future__ import annotations

import pytest

from nurture.store import consents, schema
from nurture.store.engine import Store
from nurture.tokens import CLICK, UNSUBSCRIBE, UnsubscribeFacts
from nurture.web.pages import HEADERS
from tests.handover.world import SIGNER
from tests.store.people import NOW, add_contacts, erase_contact, rows_of
from tests.web.world import GONE, LINK, Client, both_databases

PATH = f"/u/{SIGNER.sign(UNSUBSCRIBE, GONE)}"
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--xyz\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xyz--\r\n'
)


def agreed(store: Store, locale: str | None = None) -> None:
    add_contacts(store, locale=locale)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW)
        consents.grant(connection, 1, "events", "form", NOW)


def granted(store: Store) -> frozenset[str]:
    with store.read() as connection:
        return consents.consents_of(connection, [1]).get(1, frozenset())


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(client: Client, store: Store, method: str) -> None:
    agreed(store)
    assert client.ask(method, PATH).status == 200
    assert granted(store) == {"marketing", "events"}
    assert not rows_of(store, schema.signal)


@both_databases
@pytest.mark.parametrize(
    ("body", "content_type", "how"),
    [
        pytest.param(ONE_CLICK, "application/x-www-form-urlencoded", "one-click", id="form-encoded"),
        pytest.param(MULTIPART, "multipart/form-data; boundary=xyz", "one-click", id="multipart"),
        pytest.param(b"confirm=yes", "application/x-www-form-urlencoded", "page", id="the button"),
    ],
)
def test_a_post_withdraws_the_purpose_and_no_other(
    client: Client, store: Store, body: bytes, content_type: str, how: str
) -> None:
    agreed(store)
    assert client.post(PATH, body, content_type).status == 200
    assert granted(store) == {"events"}
    evidence = {row.purpose: row.evidence for row in rows_of(store, schema.consent)}
    assert evidence["marketing"] == f"{how}, message 5 (new-website, welcome)"


def test_the_answer_has_no_redirect_and_no_cookie(client: Client, store: Store) -> None:
    agreed(store)
    answer = client.post(PATH, ONE_CLICK)
    assert (answer.status, answer.headers["Location"], answer.headers["Set-Cookie"]) == (200, None, None)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_changes_anything(client: Client, store: Store, method: str) -> None:
    agreed(store)
    assert client.ask(method, PATH, ONE_CLICK).status == 405
    assert granted(store) == {"marketing", "events"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b"", "application/x-www-form-urlencoded", id="nothing"),
        pytest.param(ONE_CLICK, "multipart/form-data; boundary=other", id="another boundary"),
        pytest.param(MULTIPART, "multipart/form-data", id="no boundary"),
        pytest.param(b"\xff\x00", "text/plain", id="no form at all"),
    ],
)
def test_a_post_is_a_wish_however_it_is_written(
    client: Client, store: Store, body: bytes, content_type: str
) -> None:
    agreed(store)
    assert client.post(PATH, body, content_type).status == 200
    assert granted(store) == {"events"}


def test_a_cookie_makes_no_difference(client: Client, store: Store) -> None:
    agreed(store)
    form = "application/x-www-form-urlencoded"
    answer = client.ask("POST", PATH, ONE_CLICK, Content_Type=form, Cookie="session=1")
    assert (answer.status, granted(store)) == (200, {"events"})


def test_the_second_time_is_answered_as_the_first(client: Client, store: Store) -> None:
    agreed(store)
    first, second = client.post(PATH, ONE_CLICK), client.post(PATH, ONE_CLICK)
    assert (first.status, first.body) == (second.status, second.body)
    assert granted(store) == {"events"}


def test_it_is_a_signal_and_wakes_the_contact(client: Client, store: Store) -> None:
    agreed(store)
    client.post(PATH, ONE_CLICK)
    (signal,) = rows_of(store, schema.signal)
    assert (signal.kind, signal.classed, signal.data["purpose"]) == ("unsubscribed", "human", "marketing")
    assert [row.due_at for row in rows_of(store, schema.journey)] == [NOW]


def test_somebody_who_is_gone_is_told_the_same(client: Client, store: Store) -> None:
    agreed(store)
    erase_contact(store, 1)
    answer = client.post(PATH, ONE_CLICK)
    assert (answer.status, "You are unsubscribed" in answer.text) == (200, True)


@pytest.mark.parametrize(
    ("locale", "accepted", "words"),
    [("nl", "en", "Afmelden"), ("en-GB", "nl", "Unsubscribe"), (None, "nl-BE, en;q=0.5", "Afmelden")],
)
def test_the_page_speaks_the_contacts_language(
    client: Client, store: Store, locale: str | None, accepted: str, words: str
) -> None:
    agreed(store, locale)
    assert f">{words}</button>" in client.get(PATH, Accept_Language=accepted).text


def test_who_is_unsubscribed_already_sees_no_button(client: Client, store: Store) -> None:
    agreed(store)
    client.post(PATH, ONE_CLICK)
    page = client.get(PATH).text
    assert "You are unsubscribed" in page
    assert "<button" not in page


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/u/nonsense", id="nonsense"),
        pytest.param(f"/u/{SIGNER.sign(CLICK, LINK)}", id="of another purpose"),
        pytest.param(PATH + "/more", id="longer"),
    ],
)
def test_a_token_that_is_not_ours_is_a_page_that_says_so(
    client: Client, store: Store, method: str, path: str
) -> None:
    agreed(store)
    answer = client.ask(method, path, ONE_CLICK if method == "POST" else None)
    assert (answer.status, "There is nothing here" in answer.text) == (404, True)
    assert granted(store) == {"marketing", "events"}


def test_another_persons_token_withdraws_only_theirs(client: Client, store: Store) -> None:
    agreed(store)
    theirs = UnsubscribeFacts(2, "marketing", 6, "new-website", "welcome")
    client.post(f"/u/{SIGNER.sign(UNSUBSCRIBE, theirs)}", ONE_CLICK)
    assert granted(store) == {"marketing", "events"}


def test_no_page_can_be_framed_cached_or_run_scripts(client: Client, store: Store) -> None:
    agreed(store)
    answer = client.get(PATH)
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)
    assert "<script" not in answer.text


def test_the_firms_name_is_only_text(client: Client, store: Store) -> None:
    agreed(store)
    assert "Firm &amp; Co" in client.get(PATH).text
