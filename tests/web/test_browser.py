"""The pages in a real browser, on a phone's screen: what a reader and a salesperson really press."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from nurture.store import consents, schema
from nurture.store.engine import Store
from nurture.tokens import UNSUBSCRIBE
from nurture.web.services import PublicServices
from tests.handover.world import SIGNER, open_all, request
from tests.store.people import NOW, add_contacts, rows_of
from tests.web.world import GONE, Client

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 390, "height": 844}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; CI installs Debian's")


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_page(viewport=PHONE)
        browser.close()


@pytest.fixture
def answer_path(services: PublicServices, store: Store) -> str:
    add_contacts(store, lifecycle="prospect")
    (id_,) = open_all(services.desk, store, [request()])
    return services.desk.show(id_).accept_url.removeprefix("https://nurture.example").partition("#")[0]


def fits_the_screen(page: Page) -> bool:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= PHONE["width"]


def test_one_press_unsubscribes(page: Page, client: Client, store: Store) -> None:
    add_contacts(store)
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW)
    page.goto(f"{client.address}/u/{SIGNER.sign(UNSUBSCRIBE, GONE)}")
    with page.expect_navigation():
        page.get_by_role("button").click()
    with store.read() as connection:
        assert consents.consents_of(connection, [1]) == {}


def test_the_unsubscribe_page_fits_a_phone(page: Page, client: Client, store: Store) -> None:
    add_contacts(store)
    page.goto(f"{client.address}/u/{SIGNER.sign(UNSUBSCRIBE, GONE)}")
    assert fits_the_screen(page)


def test_a_salesperson_accepts_with_one_press(
    page: Page, client: Client, store: Store, answer_path: str
) -> None:
    page.goto(client.address + answer_path)
    with page.expect_navigation():
        page.locator("#accept button").click()
    assert rows_of(store, schema.handover)[0].answer == "accepted"


def test_a_rejection_needs_a_reason(page: Page, client: Client, store: Store, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    page.locator("#reject button").click()
    assert rows_of(store, schema.handover)[0].answer is None


def test_a_rejection_keeps_its_reason(page: Page, client: Client, store: Store, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    page.locator("input[value=not_now]").check()
    with page.expect_navigation():
        page.locator("#reject button").click()
    assert rows_of(store, schema.handover)[0].reason == "not_now"


def test_the_answer_page_fits_a_phone(page: Page, client: Client, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    assert fits_the_screen(page)
