"""What Outlook on Windows, which draws mails with Word, leaves out of a style; and what to write instead.

After Microsoft's list of what Word renders (learn.microsoft.com, "Word 2007 HTML and CSS rendering
capabilities in Outlook 2007", which holds for those after it) and caniemail.com. What only looks plainer
there (round corners, shadows) is not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ignored:
    """A declaration that has no effect: `value` is a pattern for its value. Not told where the mail has what
    `unless` finds."""

    name: str
    value: str
    instead: str
    unless: str = ""


IGNORED = (
    Ignored("display", r"(inline-)?flex", "cells of a table beside each other"),
    Ignored("display", r"(inline-)?grid", "a table"),
    Ignored("position", r"absolute|relative|fixed|sticky", "a place in a table"),
    Ignored("float", r"left|right", "cells of a table, or `align` on the table"),
    Ignored("background-image", r".", "a plain background too, or VML: <v:fill src=…>", "v:fill"),
    Ignored("background", r"url\(", "a plain background too, or VML: <v:fill src=…>", "v:fill"),
    Ignored("max-width", r".", "in <!--[if mso]> a table with a width around it", r"\[if .*mso"),
    Ignored("min-width", r".", "`width`"),
    Ignored("max-height", r"(?!0)", "`height`"),
    Ignored("width|height|padding|margin", r"calc\(", "a number of pixels, or per cent"),
    Ignored("transform", r".", "a picture of it"),
    Ignored("animation", r".", "an animated GIF; Outlook shows its first picture"),
    Ignored("opacity", r"0?\.\d", "the lighter colour itself"),
    Ignored("object-fit", r".", "a picture of the right size"),
    Ignored("gap|row-gap|column-gap", r".", "padding of the cells"),
    Ignored(r"(color|background|background-color)", r"var\(", "the colour itself"),
)  # fmt: skip
"""The table, in the order in which it is shown."""

_DECLARATION = re.compile(r"(?P<name>[a-zA-Z-]+)\s*:\s*(?P<value>[^;{}]*)")
_RULES = [(re.compile(rule.name), re.compile(rule.value), rule) for rule in IGNORED]


def ignored(style: str, mail: str) -> Iterator[tuple[int, str, Ignored]]:
    """(offset, declaration, rule) for each declaration in `style` that Outlook would ignore in this mail."""
    if re.search(r"display\s*:\s*none", style):
        return
    for found in _DECLARATION.finditer(style):
        name, value = found["name"].lower(), found["value"].strip().lower()
        for names, values, rule in _RULES:
            if (
                names.fullmatch(name)
                and values.match(value)
                and not (rule.unless and re.search(rule.unless, mail))
            ):
                yield found.start(), f"{name}: {value}", rule
                break
