"""Web addresses that come out of lead data: never a script, whatever somebody filled in."""

from __future__ import annotations

import re
from html import unescape

from markupsafe import Markup

SCHEMES = ("http", "https", "mailto", "tel")
NOWHERE = "#"

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# Browsers leave these out of an address before they look at it (WHATWG URL, section 4.4).
_IGNORED = re.compile(r"[\x00-\x20\x7f-\x9f]+")


def web_address(value: object) -> str:
    """`value` as an address that may be clicked; `#` where it would be a script or data of its own."""
    text = _IGNORED.sub("", str(value))
    scheme = _SCHEME.match(unescape(text))
    if scheme is not None and scheme[1].lower() not in SCHEMES:
        return NOWHERE
    return Markup(text) if isinstance(value, Markup) else text
