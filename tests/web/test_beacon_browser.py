"""The beacon's script in a real browser, on a page of the firm's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from nurture.settings import Tracking
from nurture.store import schema
from nurture.store.engine import Store
from nurture.web.services import PublicServices
from tests.store.people import add_contacts, rows_of
from tests.web.test_beacon import VISITOR
from tests.web.test_browser import CHROMIUM, QUIET
from tests.web.world import Client, KeepingIntake, serving

SITE = "http://site.localhost"
ARRIVED = f"{SITE}/prices?from=mail&nv={VISITOR}#top"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; CI installs Debian's")


@pytest.fixture
def client(services: PublicServices) -> Iterator[Client]:
    with serving(replace(services, tracking=Tracking(sites=(SITE,)))) as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A page of the world may not ask a server of this machine; ours only looks like one of the world.
    flags = [*QUIET, "--disable-features=LocalNetworkAccessChecks"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a visitor who has nothing in the browser yet."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def site(page: Page, client: Client, store: Store) -> Page:
    """A browser for which every page of the site holds the script and a form."""
    add_contacts(store)
    html = (
        f'<script src="{client.address}/b.js" defer></script>'
        f'<form method="post" action="{client.address}/f/poll">'
        '<input name="q" value="1"><button>Send</button></form>'
    )

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html")

    page.route(f"{SITE}/**", answer)
    return page


def arrive(site: Page, address: str) -> None:
    site.goto(address, wait_until="networkidle")


def visits(store: Store) -> list[str]:
    return [row.data["url"] for row in rows_of(store, schema.signal)]


def test_who_comes_by_a_mail_is_told_of_and_the_token_leaves_the_address(site: Page, store: Store) -> None:
    arrive(site, ARRIVED)
    assert site.url == f"{SITE}/prices?from=mail#top"
    assert visits(store) == [f"{SITE}/prices?from=mail"]


def test_nothing_is_kept_in_the_browser_without_consent(site: Page, store: Store) -> None:
    arrive(site, ARRIVED)
    arrive(site, f"{SITE}/about")
    assert (site.evaluate("localStorage.length"), site.evaluate("document.cookie")) == (0, "")
    assert len(visits(store)) == 1


def test_with_consent_the_visitor_is_known_on_the_next_page_and_forgotten_on_request(
    site: Page, store: Store
) -> None:
    arrive(site, ARRIVED)
    site.evaluate("nurture.consent(true)")
    arrive(site, f"{SITE}/about")
    site.evaluate("nurture.consent(false)")
    arrive(site, f"{SITE}/team")
    assert visits(store) == [f"{SITE}/prices?from=mail", f"{SITE}/about"]
    assert site.evaluate("localStorage.length") == 0


def test_a_form_carries_the_visitor_along(site: Page, intake: KeepingIntake) -> None:
    arrive(site, ARRIVED)
    site.get_by_role("button").click()
    site.wait_for_url("**/f/poll")
    assert f"_visitor={VISITOR}".encode() in intake.received[0][3]
