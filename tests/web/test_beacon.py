"""The beacon: visits of those who came by a mail, and of nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from nurture.clock import VirtualClock
from nurture.core.consent import TRACKING
from nurture.settings import Tracking
from nurture.store import consents, schema
from nurture.store.engine import Store
from nurture.tokens import CLICK, VISIT, LinkFacts, VisitorFacts
from nurture.web.beacon import AT_MOST, SCRIPT
from nurture.web.services import PublicServices
from tests.handover.world import SIGNER
from tests.store.people import NOW, add_contacts, rows_of
from tests.web.test_tracking import CLICKED
from tests.web.world import LINK, Answer, Client, both_databases, serving

SITE = "https://firm.example"
PAGE = f"{SITE}/prices?from=mail"
LATER = int((NOW + timedelta(days=30)).timestamp())
VISITOR = SIGNER.sign(VISIT, VisitorFacts(1, 5, "new-website", "welcome", LATER))


@pytest.fixture
def client(services: PublicServices) -> Iterator[Client]:
    with serving(replace(services, tracking=Tracking(sites=(SITE,)))) as client:
        yield client


def tell(client: Client, visitor: str = VISITOR, url: str = PAGE, origin: str = SITE) -> Answer:
    body = json.dumps({"visitor": visitor, "url": url}).encode()
    return client.ask("POST", "/b", body, Content_Type="text/plain;charset=UTF-8", Origin=origin)


@both_databases
def test_a_visit_of_somebody_who_came_by_a_mail_is_stored(client: Client, store: Store) -> None:
    add_contacts(store)
    answer = tell(client)
    (signal,) = rows_of(store, schema.signal)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, SITE)
    assert (signal.kind, signal.path, signal.classed) == ("visited", "/prices", "human")
    assert (signal.data["url"], signal.data["message"]) == (PAGE, 5)


@pytest.mark.parametrize(
    ("visitor", "url"),
    [
        pytest.param("", PAGE, id="nobody we know"),
        pytest.param(VISITOR[:-1] + ("A" if VISITOR[-1] != "A" else "B"), PAGE, id="forged"),
        pytest.param(SIGNER.sign(CLICK, LINK), PAGE, id="of another purpose"),
        pytest.param(
            SIGNER.sign(VISIT, VisitorFacts(1, 5, "c", "s", int(NOW.timestamp()) - 1)), PAGE, id="expired"
        ),
        pytest.param(VISITOR, "https://evil.example/prices", id="another site"),
        pytest.param(VISITOR, "javascript:alert(1)", id="no page"),
        pytest.param(
            SIGNER.sign(VISIT, VisitorFacts(999, 5, "c", "s", LATER)), PAGE, id="somebody who is gone"
        ),
    ],
)
def test_anybody_else_is_answered_alike_and_not_stored(
    client: Client, store: Store, visitor: str, url: str
) -> None:
    add_contacts(store)
    assert tell(client, visitor, url).status == 204
    assert not rows_of(store, schema.signal)


def test_who_refuses_to_be_followed_is_not(client: Client, store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.withdraw(connection, 1, TRACKING, "page", NOW)
    assert tell(client).status == 204
    assert not rows_of(store, schema.signal)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://firm.example.evil.example"])
def test_a_page_of_somebody_else_may_not_read_the_answer(client: Client, origin: str) -> None:
    assert tell(client, origin=origin).headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(("origin", "allowed"), [(SITE, SITE), ("https://evil.example", None)])
def test_a_browser_that_asks_beforehand_is_told(client: Client, origin: str, allowed: str | None) -> None:
    answer = client.ask("OPTIONS", "/b", Origin=origin, Access_Control_Request_Method="POST")
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, allowed)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"visitor": 5}', 400),
        pytest.param(b'{"a":' + b"[" * 1_000 + b"]" * 1_000 + b"}", 400, id="too deep"),
        (b"x" * (AT_MOST + 1), 413),
    ],
)
def test_what_cannot_be_read_is_refused(client: Client, body: bytes, status: int) -> None:
    assert client.ask("POST", "/b", body, Content_Type="text/plain").status == status


def test_the_script_is_small_and_sets_no_cookie(client: Client) -> None:
    answer = client.get("/b.js")
    assert (answer.status, answer.body, answer.headers["Set-Cookie"]) == (200, SCRIPT, None)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert len(SCRIPT) < 2_048
    assert b"cookie" not in re.sub(rb"/\*.*?\*/", b"", SCRIPT, flags=re.DOTALL).lower()


# --- how a visitor is introduced --------------------------------------------------------------------


def test_a_link_to_a_site_of_the_firms_own_says_who_comes(
    client: Client, store: Store, clock: VirtualClock
) -> None:
    add_contacts(store)
    parts = urlsplit(client.get(CLICKED).headers["Location"])
    (token,) = parse_qs(parts.query)["nv"]
    assert parts._replace(query=parts.query.partition("&nv=")[0]).geturl() == LINK.url
    assert SIGNER.read(VISIT, token, VisitorFacts) == VisitorFacts(1, 5, "new-website", "welcome", LATER)


def test_a_link_to_anybody_else_does_not(client: Client) -> None:
    elsewhere = LinkFacts(5, 1, "c", "s", "https://firm.example.evil.example/")
    assert client.get(f"/c/{SIGNER.sign(CLICK, elsewhere)}").headers["Location"] == elsewhere.url
