from __future__ import annotations

import pytest

from nurture.core.seeking import signal_sought
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES


@pytest.mark.parametrize(
    ("on", "where", "words"),
    [
        ("replied", None, "replied"),
        ("submitted", 'form == "quote"', "submitted quote form"),
        ("visited", 'url.path == "/prices"', "visited /prices"),
        ("visited", 'url.path.startswith("/prices")', 'visited where the page starts with "/prices"'),
        ("clicked", 'url.path == "/prices"', 'clicked where the page is "/prices"'),
        (
            "submitted",
            'answers.cups > 50 and form == "tasting"',
            'submitted where cups is more than 50 and form is "tasting"',
        ),
    ],
)
def test_a_signal_that_is_sought_is_said_as_one_that_happened(on: str, where: str | None, words: str) -> None:
    condition = None if where is None else parse(where, names=SIGNAL_NAMES)
    assert signal_sought(on, condition) == words
