"""The page as a browser lays it out: it fits a telephone and a desktop, with long names and long reasons."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nurture.backtest.figures import Rules, summarise
from nurture.backtest.replaying import Tally
from nurture.backtest.report import render_report
from nurture.backtest.result import Became, Change, End, Line
from nurture.core.replay import Promoted
from tests.backtest.test_figures import SINCE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

WHY = "account.employees is 5, not between 10 and 200; " * 6
LONG = "x" * 120


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    won = Became(End.WON, SINCE + timedelta(days=300), Decimal("98765432.10"), "EUR", WHY, End.ACCEPTED)
    lines = [
        Line(id_, LONG, change, _went(id_), _went(id_ + 90), won, days=90.0, why_not=WHY)
        for id_, change in enumerate([Change.GAINED, Change.LOST, Change.EARLIER, Change.LATER] * 20)
    ]
    tally = Tally(leads=1_234_567, signals=98_765_432, lines=lines)
    tally.left_out.update({"won or lost before": 123_456, "with sales before": 123_456})
    rules = Rules("a-profile-with-a-very-long-name-indeed", "1a2b3c4d", "a-file-with-a-very-long-name.yaml")
    result = summarise(tally, rules, rules, SINCE, SINCE + timedelta(days=400), [WHY])
    path = tmp_path_factory.mktemp("looks") / "page.html"
    path.write_text(render_report(result), encoding="utf-8")
    return path


def _went(day: int) -> Promoted:
    return Promoted(SINCE + timedelta(days=day), LONG, WHY, 60, 30.0, "comparison")


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_page_fits_the_width_of_the_window(browser: Any, page: Path, width: int) -> None:
    window = browser.new_page(viewport={"width": width, "height": 900})
    window.goto(page.as_uri())
    window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert window.evaluate("document.documentElement.scrollWidth") <= width
