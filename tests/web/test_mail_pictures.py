"""The bundled mails as they look in a browser: measured at two widths, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from nurture.deliver.preview import Previewer
from nurture.deliver.sample import made_up
from nurture.deliver.templates import TemplateLibrary
from nurture.settings import Firm, Settings
from nurture.store.outbox import Recipient
from tests.web.test_browser import CHROMIUM, QUIET

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; CI installs Debian's")

LIBRARY = TemplateLibrary([Path(__file__).parents[2] / "templates"])
FIRM = Firm(
    name="De Webmakers",
    address="Kerkstraat 1, 1234 AB Utrecht",
    website="https://webmakers.example",
    phone="+31 30 123 45 67",
)
PREVIEWER = Previewer(LIBRARY, Settings(firm=FIRM))
MAILS = [(name, locale) for name, locales in LIBRARY.index().items() for locale in sorted(locales)]

MEASURED = """() => {
  const luminance = (rgb) => {
    const part = rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = {width: document.documentElement.scrollWidth, contrast: 99, size: 99, words: 0};
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || !element.checkVisibility() || !element.getClientRects().length) continue;
    const [a, b] = [luminance(numbers(style.color).slice(0, 3)), luminance(behind(element))];
    found.contrast = Math.min(found.contrast, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
    found.size = Math.min(found.size, parseFloat(style.fontSize));
    found.words += node.data.trim().split(/\\s+/).length;
  }
  const button = document.querySelector(".button-link").getBoundingClientRect();
  return {...found, button: [button.width, button.height]};
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser.new_page()
        browser.close()


def measured(page: Page, html: str, width: int, scheme: Any = "light") -> dict[str, Any]:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)
    found: dict[str, Any] = page.evaluate(MEASURED)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "locale"), MAILS)
def test_every_bundled_mail_fits_a_telephone_and_can_be_read(
    page: Page, name: str, locale: str, scheme: str
) -> None:
    found = measured(page, PREVIEWER.show(name, locale).html, 390, scheme)
    assert found["width"] == 390
    assert found["words"] > 60
    assert found["contrast"] >= 4.5
    assert found["size"] >= 15
    assert found["button"][1] >= 44


def test_on_a_computer_the_text_is_not_wider_than_a_page(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_content(PREVIEWER.show("orientation/welcome", "nl").html)
    box = page.locator(".card").bounding_box()
    assert box is not None
    assert box["width"] == 600


def test_a_name_without_a_space_in_it_does_not_widen_the_mail(page: Page) -> None:
    who = made_up("nl")
    long = Recipient(replace(who.contact, first_name="W" * 80, company="W" * 120), who.account)
    assert measured(page, PREVIEWER.show("orientation/welcome", "nl", long).html, 390)["width"] == 390


@pytest.mark.parametrize(("name", "locale"), MAILS)
def test_every_bundled_mail_can_be_written_to_somebody_hardly_known(name: str, locale: str) -> None:
    mail = PREVIEWER.show(name, locale, made_up(locale, sparse=True))
    assert ("None" in mail.html + mail.text, FIRM.address in mail.text) == (False, True)
