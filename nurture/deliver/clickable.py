"""Whether there is anything to click in a mail, as far as its template tells before it is rendered.

What it tells is the finished HTML with both sides of each `if`. Where anything about it is unclear, there may
be a link.
"""

from __future__ import annotations

import re

from nurture.deliver.hiding import MARK, number_in
from nurture.deliver.pieces import Tag
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import TemplateError

SOMETHING, WAY_OUT = "\0", "\1"
"""What stands for a value that is not known yet, and for an address of our own pages."""

_LINK = re.compile(rf"""<(?:a|area)\s[^>]*?\bhref\s*=\s*["']?\s*(?:https?://|{SOMETHING})""", re.IGNORECASE)
"""As `links` finds them in the finished mail; a value may be a link as well."""
_OUR_PAGE = re.compile(r"\w+_url")
_CONSTANT = re.compile(r"""(["'])([^"'\\]*)\1""")
_MAY_HOLD_LINK = re.compile(r"\|\s*safe\b|^\w+(\.\w+)?\s*\(")


class _UnclearError(Exception):
    """Raised when a template does what cannot be foreseen."""


def has_link(library: TemplateLibrary, name: str) -> bool:
    """Whether the template has a link to the web in any of its locales, or might have."""
    try:
        return any(_LINK.search(_told(library, name, one)) for one in library.index().get(name, ()))
    except (_UnclearError, TemplateError):
        return True


def _told(library: TemplateLibrary, name: str, locale: str) -> str:
    for _ in library.trees(name, locale):
        pass  # read only to see that it can be
    page = library.composed(name, locale)
    return MARK.sub(lambda found: _printed(page.tags[number_in(found)]), page.html)


def _printed(tag: Tag) -> str:
    if tag.statement:
        if tag.word == "call":
            raise _UnclearError
        return ""
    if tag.verbatim:
        return tag.code
    if _OUR_PAGE.fullmatch(tag.code):
        return WAY_OUT
    if constant := _CONSTANT.fullmatch(tag.code):
        return constant[2]
    if _MAY_HOLD_LINK.search(tag.code):
        # A macro, or HTML of somebody else's.
        raise _UnclearError
    return SOMETHING
