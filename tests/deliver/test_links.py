"""Which addresses in a mail are tracked, and that each still leads where it led."""

from __future__ import annotations

import re

import pytest

from nurture.deliver.links import Links
from nurture.store.outbox import Message
from nurture.tokens import CLICK, TRAP, LinkFacts, OpenFacts
from tests.deliver.people import SIGNER

LINKS = Links(SIGNER, "https://go.example.com/")
MESSAGE = Message(7, 1, "c", 1, "s", "t", "marketing", "nl", "<1@x>", "at_most_once", 1)


def targets(html: str) -> list[str]:
    """Where the tracked links in `html` lead."""
    tokens = re.findall(r'"https://go\.example\.com/c/([\w-]+)"', LINKS.track(html, MESSAGE))
    return [SIGNER.read(CLICK, token, LinkFacts).url for token in tokens]


@pytest.mark.parametrize(
    ("tag", "url"),
    [
        ('<a href="https://x.nl/a">', "https://x.nl/a"),
        ('<A class="b"\n HREF = "HTTP://x.nl/a">', "HTTP://x.nl/a"),
        ("<a href='https://x.nl/a'>", "https://x.nl/a"),
        ('<area shape="rect" href="https://x.nl/a">', "https://x.nl/a"),
        ('<a href="https://x.nl/?a=1&amp;b=%20&#38;c">', "https://x.nl/?a=1&b=%20&c"),
        ('<a href="https://x.nl/?a=1&copy=2">', "https://x.nl/?a=1&copy=2"),
        ('<a href="https://x.nl/caf\u00e9">', "https://x.nl/caf\u00e9"),
    ],
)
def test_a_link_to_the_web_is_tracked_and_leads_where_it_led(tag: str, url: str) -> None:
    assert targets(f"<p>{tag}x</a></p>") == [url]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:a@x.nl">',
        '<a href="tel:+31612345678">',
        '<a href="#top">',
        '<a href="javascript:alert(1)">',
        '<a href="https://go.example.com/u/abc">',
        '<link href="https://x.nl/a.css">',
        '<a data-href="https://x.nl/a">https://x.nl/a</a>',
    ],
)
def test_anything_else_stays_as_it_is(html: str) -> None:
    assert LINKS.track(html, MESSAGE).startswith(html)


def test_the_pixel_is_the_last_thing_in_the_body() -> None:
    tracked = LINKS.track("<body>x</BODY ></html>", MESSAGE)
    assert re.fullmatch(
        r'<body>x<img src="https://go\.example\.com/o/[\w-]+\.gif"[^>]*></BODY ></html>', tracked
    )


def test_a_page_without_a_body_tag_has_a_pixel_too() -> None:
    assert LINKS.track("<p>x</p>", MESSAGE).startswith('<p>x</p><img src="https://go.example.com/o/')


def test_the_honeypot_is_one_link_that_nobody_can_see_or_reach() -> None:
    tracked = Links(SIGNER, "https://go.example.com/", honeypot=True).track("<p>x</p>", MESSAGE)
    (trap,) = re.findall(r'<a href="https://go\.example\.com/t/([\w-]+)"([^>]*)></a>', tracked)
    assert SIGNER.read(TRAP, trap[0], OpenFacts) == OpenFacts(7, 1, "c", "s")
    assert 'style="display:none" tabindex="-1" aria-hidden="true"' in trap[1]
