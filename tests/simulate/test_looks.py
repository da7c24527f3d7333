"""The pictures as a browser lays them out: nothing sticks out, nothing lies on anything else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from nurture.core.campaign import Campaign
from nurture.simulate.draw import draw
from nurture.simulate.report import render_report
from nurture.simulate.result import DayCount, SalesLoad, SimulationResult, StepFlow
from tests.simulate.test_draw import compiled
from tests.simulate.test_pictures import result

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

LONG = "who-reads-everything-that-we-write-to-them-and-then-some"
TRACK = f"""\
    - {{id: hello, send: orientation/welcome-to-all-who-ask-for-the-brochure-of-this-year}}
    - id: {LONG}
      wait_for: clicked("hello") or visited("/prices") or submitted("brochure") or opened("hello")
      up_to: 4w 6d 23h
      on_timeout: [{{id: gone-cold, do: {{tag: cold}}}}]
    - id: fork
      choose:
        - when: answers.role == "student" and contact.country in ["NL", "BE", "DE", "FR", "LU"]
          do: [{{id: enough, exit: a student buys nothing from us however much they may want to}}]
        - when: answers.budget == "10k+"
          do:
            - id: inner
              choose:
                - {{when: contact.country == "NL", do: [{{id: by-hand, hand_over: sales-nl}}]}}
                - {{when: contact.country == "BE", do: [{{id: a, send: mails/a}}, {{id: b, wait: 2d}}]}}
                - {{else: [{{id: c, send: orientation/cases}}, {{id: d, wait: 5d}}]}}
        - {{else: [{{id: plain, wait: 7d}}]}}
    - id: trial
      split: {{short: 30, long: 30, longest: 30, holdout: 10}}
      do:
        short: [{{id: t-short, send: comparison/costs}}]
        long: [{{id: t-long, send: comparison/included}}, {{id: t-wait, wait: 3d}}]
        longest: [{{id: t-longest, send: orientation/how-it-works}}]
    - {{id: price, send: comparison/costs}}
    - {{id: a-week, wait: 7d}}
    - {{id: again, choose: [{{when: sent("price") < 3, do: [{{id: once-more, go_to: price}}]}}]}}
    - {{id: asked, goal: visited("/prices") and not submitted("a-form-with-a-very-long-name")}}
    - {{id: last, send: orientation/cases}}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def campaign() -> Campaign:
    return compiled(TRACK, "a-long-road-to-a-new-website-for-all-of-the-netherlands")


def crowded(campaign: Campaign) -> dict[str, StepFlow]:
    """Numbers of six digits wherever there may be one, and people who came from another stage."""
    from nurture.core.steps import ways_out

    return {
        step.id: StepFlow(987_654, 123_456, {way.to or "": 100_000 for way in ways_out(step)}, gone=234_567)
        for step in campaign.steps.values()
    }


def opened(browser: Any, page: Path, width: int) -> Any:
    window = browser.new_page(viewport={"width": width, "height": 900})
    window.goto(page.as_uri())
    window.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return window


def large() -> SimulationResult:
    """A result of 100,000 leads, with long names everywhere."""
    contact = "a" * 60 + "@example.com"
    name = campaign().name
    week = DayCount(result().mails_by_day[0].day, 12_345)
    return replace(
        result(name, contact),
        received=100_000,
        contacts=98_765,
        mails=1_234_567,
        mails_by_day=tuple(replace(day, count=day.count * 5_000) for day in result().mails_by_day),
        mails_by_step={f"{name}/{step}": 98_765 for step in campaign().steps},
        flows={name: crowded(campaign())},
        sales=(
            SalesLoad(
                "Maximiliaan-Alexander van der Westhuyzen", "sales-of-the-north", 12_345, week, (week,)
            ),
        ),
        daily_limit=100_000,
    )


@pytest.mark.parametrize("flows", [None, crowded(campaign())], ids=["plain", "counted"])
def test_no_word_sticks_out_of_its_box(
    browser: Any, tmp_path: Path, flows: dict[str, StepFlow] | None
) -> None:
    file = tmp_path / "drawing.svg"
    file.write_text(draw(campaign(), flows), encoding="utf-8")
    window = opened(browser, file, 1280)
    sticking = window.evaluate(
        """Array.from(document.querySelectorAll('[data-step]')).flatMap(group => {
            const box = group.querySelector('.box').getBBox();
            return Array.from(group.querySelectorAll('text')).filter(text => {
                const one = text.getBBox();
                return one.x < box.x + 4 || one.x + one.width > box.x + box.width - 4
                    || one.y < box.y || one.y + one.height > box.y + box.height;
            }).map(text => group.dataset.step + ': ' + text.textContent)
        })"""
    )
    assert sticking == []


@pytest.mark.parametrize("flows", [None, crowded(campaign())], ids=["plain", "counted"])
def test_no_two_texts_of_the_drawing_lie_on_each_other(
    browser: Any, tmp_path: Path, flows: dict[str, StepFlow] | None
) -> None:
    file = tmp_path / "drawing.svg"
    file.write_text(draw(campaign(), flows), encoding="utf-8")
    window = opened(browser, file, 1280)
    texts = window.evaluate(
        """Array.from(document.querySelectorAll('text')).map(text => {
            const one = text.getBBox();
            return [text.textContent, one.x, one.x + one.width, one.y + 2, one.y + one.height - 2]
        })"""
    )
    found = [
        (one[0], other[0])
        for one, other in combinations(texts, 2)
        if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
    ]
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_report_fits_the_width_of_the_window(browser: Any, tmp_path: Path, width: int) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_report(large(), {campaign().name: campaign()}), encoding="utf-8")
    window = opened(browser, file, width)
    assert window.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_telephone_only_drawings_are_wider_than_the_window(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_report(large(), {campaign().name: campaign()}), encoding="utf-8")
    window = opened(browser, file, 390)
    wide = window.evaluate(
        """Array.from(document.querySelectorAll('.scroll, .stages, .tile, .charts section'))
            .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.className)"""
    )
    assert wide == []


def test_on_a_telephone_the_words_of_a_drawing_can_still_be_read(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_report(large(), {campaign().name: campaign()}), encoding="utf-8")
    window = opened(browser, file, 390)
    scales = window.evaluate(
        """Array.from(document.querySelectorAll('.stage svg'))
            .map(each => each.getBoundingClientRect().width / each.viewBox.baseVal.width)"""
    )
    assert all(0.83 <= scale <= 1.16 for scale in scales)


@pytest.mark.parametrize("width", [390, 1280])
def test_no_two_words_of_a_chart_lie_on_each_other(browser: Any, tmp_path: Path, width: int) -> None:
    file = tmp_path / "report.html"
    file.write_text(render_report(large(), {campaign().name: campaign()}), encoding="utf-8")
    window = opened(browser, file, width)
    for chart in window.query_selector_all(".chart"):
        whole = chart.bounding_box()
        texts = [text.bounding_box() for text in chart.query_selector_all("text")]
        assert all(whole["x"] <= one["x"] and _right(one) <= _right(whole) for one in texts)
        for one, other in combinations(texts, 2):
            across = one["x"] < _right(other) and other["x"] < _right(one)
            # Letters are lower than the box around them.
            down = abs(one["y"] - other["y"]) < (one["height"] + other["height"]) / 2 - 3
            assert not (across and down)


def _right(box: dict[str, float]) -> float:
    return box["x"] + box["width"]
