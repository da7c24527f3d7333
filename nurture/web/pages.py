"""Makes the few public pages: one layout, no script, nothing from elsewhere, kind words."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nurture.settings import Firm
from nurture.web.words import WORDS

_FOLDER = Path(__file__).parent / "pages"
_CSS = (_FOLDER / "style.css").read_text(encoding="utf-8")
_CSS_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    # An address here holds a token: neither the next site nor a search engine shall see it.
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "x-content-type-options": "nosniff",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_CSS_HASH}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""Stands on every answer of the public pages."""


class Pages:
    """The pages of one firm."""

    def __init__(self, firm: Firm) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._environment.globals.update(firm=firm, css=Markup(_CSS))

    def message(self, language: str, key: str) -> str:
        """A page that says one thing: `KEY.title` and `KEY.text` of the words."""
        return self.page("message.html", language, key=key)

    @staticmethod
    def knows(key: str) -> bool:
        """Whether there are words of that key."""
        return key in next(iter(WORDS.values()))

    def page(self, template: str, language: str, **values: Any) -> str:
        """A page from a template of ours, with a `word(key)` function for its language."""
        words = {**next(iter(WORDS.values())), **WORDS[language]}
        return self._environment.get_template(template).render(
            language=language, word=words.__getitem__, words=words, **values
        )
