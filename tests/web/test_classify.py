"""Who made an open or a click: one test a rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nurture.core.model import SignalClass
from nurture.web.classify import classify
from tests.web.world import BROWSER

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def judged(
    *, is_click: bool = True, method: str = "GET", user_agent: str = BROWSER, **more: Any
) -> SignalClass:
    return classify(is_click=is_click, method=method, user_agent=user_agent, **more)[0]


@pytest.mark.parametrize("agent", [BROWSER, IPHONE])
def test_a_browsers_click_is_a_persons(agent: str) -> None:
    assert judged(user_agent=agent) is SignalClass.HUMAN


@pytest.mark.parametrize("agent", [BROWSER, IPHONE, GMAIL, YAHOO])
def test_an_open_is_probable_at_best(agent: str) -> None:
    assert judged(is_click=False, user_agent=agent) is SignalClass.PROBABLE


def test_an_open_through_apples_proxy_is_marked_as_such() -> None:
    classed, why = classify(is_click=False, method="GET", user_agent="Mozilla/5.0")
    assert classed is SignalClass.PROBABLE
    assert why.startswith("Apple's privacy proxy")


@pytest.mark.parametrize("is_click", [True, False])
def test_a_head_request_is_a_machines(is_click: bool) -> None:
    assert judged(is_click=is_click, method="HEAD") is SignalClass.MACHINE


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "preview"}, {"x-moz": "prefetch"}]
)
def test_a_prefetch_is_a_machines(headers: dict[str, str]) -> None:
    assert judged(headers=headers) is SignalClass.MACHINE


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "python-requests/2.32",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Barracuda Sentinel (EE)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36",
        "Slackbot-LinkExpanding 1.0",
        "WhatsApp/2.23",
    ],
)
def test_a_program_is_a_machine(agent: str) -> None:
    assert judged(user_agent=agent) is SignalClass.MACHINE


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, SignalClass.MACHINE),
        (4.9, SignalClass.MACHINE),
        (5, SignalClass.PROBABLE),
        (30, SignalClass.HUMAN),
    ],
)
def test_a_click_faster_than_a_reader_is_a_machines(seconds: float, expected: SignalClass) -> None:
    assert judged(since_sent=timedelta(seconds=seconds)) is expected


def test_an_open_right_after_the_delivery_may_be_a_persons() -> None:
    assert judged(is_click=False, since_sent=timedelta(seconds=1)) is SignalClass.PROBABLE


def test_the_reason_names_what_gave_it_away() -> None:
    _, why = classify(is_click=True, method="GET", user_agent="Mozilla/5.0 HeadlessChrome/120")
    assert why == "the user agent of a program (Headless)"
