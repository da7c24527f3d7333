"""The pages in a real browser, on a phone's screen: what a reader and a salesperson really press."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from nurture.store import consents, schema
from nurture.store.engine import Store
from nurture.tokens import CONFIRM, PREFERENCES, UNSUBSCRIBE
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a reader who has nothing in the browser yet."""
    page = browser.new_page(viewport=PHONE)
    yield page
    page.close()


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


@pytest.fixture
def preferences_page(page: Page, client: Client, store: Store) -> Page:
    add_contacts(store, locale="nl")
    with store.write() as connection:
        consents.grant(connection, 1, "marketing", "form", NOW)
    page.goto(f"{client.address}/p/{SIGNER.sign(PREFERENCES, GONE)}")
    return page


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_preference_page_fits(preferences_page: Page, width: int) -> None:
    preferences_page.set_viewport_size({"width": width, "height": 800})
    assert preferences_page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_ticked_and_saved_is_kept(preferences_page: Page, store: Store) -> None:
    preferences_page.get_by_label("Bijeenkomsten").check()
    preferences_page.get_by_label("Eén mail per week").check()
    with preferences_page.expect_navigation():
        preferences_page.get_by_role("button", name="Opslaan").click()
    with store.read() as connection:
        assert consents.consents_of(connection, [1]) == {1: frozenset({"marketing", "events"})}
    assert [row.days_apart for row in rows_of(store, schema.preference)] == [7]
    assert preferences_page.get_by_role("status").is_visible()


def test_one_press_stops_all_mail(preferences_page: Page, store: Store) -> None:
    with preferences_page.expect_navigation():
        preferences_page.get_by_role("button", name="Alle mail stoppen").click()
    assert len(rows_of(store, schema.suppression)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_of_the_preference_page_is_hard_to_read(preferences_page: Page, scheme: str) -> None:
    preferences_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for selector in ("h1", "legend", "label span", "small", "#stop h2", "#choose button", "#stop button"):
        assert contrast(preferences_page, selector) >= 4.5, selector


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_confirms_fits_a_phone_and_can_be_read(
    page: Page, client: Client, store: Store, scheme: str
) -> None:
    add_contacts(store, locale="nl")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{client.address}/y/{SIGNER.sign(CONFIRM, GONE)}")
    assert fits_the_screen(page)
    for selector in ("h1", "main p", "small", "button"):
        assert contrast(page, selector) >= 4.5, selector


def contrast(page: Page, selector: str) -> float:
    """Contrast of a text with what is behind it (WCAG 2.2, 1.4.3)."""
    ratio: float = page.evaluate(CONTRAST, selector)
    return ratio


CONTRAST = """selector => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const element = document.querySelector(selector);
  let behind = element;
  while ((parts(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
  const [a, b] = [light(parts(getComputedStyle(element).color)),
    light(parts(getComputedStyle(behind).backgroundColor))].sort((x, y) => y - x);
  return (a + .05) / (b + .05);
}"""


def test_a_salesperson_accepts_with_one_press(
    page: Page, client: Client, store: Store, answer_path: str
) -> None:
    page.goto(client.address + answer_path)
    with page.expect_navigation():
        page.locator("#accept button").click()
    assert rows_of(store, schema.handover)[0].answer == "accepted"


def test_one_press_of_a_reason_rejects(page: Page, client: Client, store: Store, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    with page.expect_navigation():
        page.locator("#reject button[value=not_now]").click()
    assert rows_of(store, schema.handover)[0].reason == "not_now"


def test_enter_in_a_field_of_a_rejection_answers_nothing(
    page: Page, client: Client, store: Store, answer_path: str
) -> None:
    page.goto(client.address + answer_path)
    page.locator("#reject summary").click()
    page.locator("#reject input[name=same_as]").fill("an@example.com")
    page.locator("#reject input[name=same_as]").press("Enter")
    page.wait_for_timeout(300)
    assert rows_of(store, schema.handover)[0].answer is None


def test_a_rejection_can_name_a_day(page: Page, client: Client, store: Store, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    page.locator("#reject summary").click()
    page.locator("#reject input[name=until]").fill("2026-09-01")
    with page.expect_navigation():
        page.locator("#reject button[value=not_now]").click()
    assert str(rows_of(store, schema.journey)[0].recycle_at.date()) == "2026-08-31"


def test_one_press_asks_for_more(page: Page, client: Client, store: Store, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    with page.expect_navigation():
        page.locator("#ask button[value=asked]").click()
    assert rows_of(store, schema.handover)[0].asked_for == "region"


def test_the_answer_page_fits_a_phone(page: Page, client: Client, answer_path: str) -> None:
    page.goto(client.address + answer_path)
    assert fits_the_screen(page)
