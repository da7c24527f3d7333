"""The texts of a mail that are hard to read, by the colours in its inlined styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from nurture.deliver.colours import Colour, colour, contrast
from nurture.deliver.hiding import MARK

ENOUGH, ENOUGH_FOR_LARGE = 4.5, 3.0
_LARGE, _LARGE_IF_BOLD = 24.0, 18.66

_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"})
_UNREAD = frozenset({"head", "style", "script", "title"})
_HEADINGS = {"h1": 32.0, "h2": 24.0, "h3": 18.72}
_SIZE = re.compile(r"([\d.]+)\s*(px|pt|em|rem|%)")
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}


@dataclass(frozen=True, slots=True)
class HardToRead:
    """A text with the contrast that it has, and should have."""

    text: str
    ratio: float
    needed: float
    colour: Colour
    background: Colour


@dataclass(frozen=True, slots=True)
class _Look:
    """How text looks within an element; None where it cannot be known."""

    name: str = ""
    colour: Colour | None = (0, 0, 0)
    background: Colour | None = (255, 255, 255)
    size: float = 16.0
    bold: bool = False
    unseen: bool = False


def hard_to_read(html: str) -> Sequence[HardToRead]:
    """Each text of `html`, whose tags may be hidden, that is too near to its background; each once."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return list(dict.fromkeys(reader.found))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Look()]
        self.found: list[HardToRead] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(_look(self._open[-1], tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(look.name == tag for look in self._open[1:]):
            while self._open.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._judge(data)

    def handle_comment(self, data: str) -> None:
        if MARK.fullmatch(f"<!--{data}-->"):
            self._judge(f"<!--{data}-->")

    def _judge(self, text: str) -> None:
        look = self._open[-1]
        if look.unseen or not text.strip() or look.colour is None or look.background is None:
            return
        large = look.size >= _LARGE or (look.bold and look.size >= _LARGE_IF_BOLD)
        needed = ENOUGH_FOR_LARGE if large else ENOUGH
        ratio = contrast(look.colour, look.background)
        if ratio < needed:
            self.found.append(HardToRead(text.strip(), ratio, needed, look.colour, look.background))


def _look(around: _Look, tag: str, attributes: dict[str, str]) -> _Look:
    """What an element makes of the look around it."""
    look = replace(
        around, name=tag, size=_HEADINGS.get(tag, around.size), bold=around.bold or tag in ("b", "strong")
    )
    if tag == "a":
        look = replace(look, colour=(0, 0, 238))
    if "color" in attributes:
        look = replace(look, colour=colour(attributes["color"]))
    if "bgcolor" in attributes:
        look = replace(look, background=colour(attributes["bgcolor"]))
    if "background" in attributes:
        look = replace(look, background=None)
    for name, value in declarations(attributes.get("style", "")):
        look = _styled(look, around, name, value)
    return replace(look, unseen=look.unseen or tag in _UNREAD or "hidden" in attributes)


def _styled(look: _Look, around: _Look, name: str, value: str) -> _Look:
    match name:
        case "color":
            return replace(look, colour=around.colour if value == "inherit" else colour(value))
        case "background-color" | "background" if value not in ("transparent", "none", "inherit"):
            return replace(look, background=colour(value))
        case "background-image" if value != "none":
            return replace(look, background=None)
        case "font-size" if (found := _SIZE.fullmatch(value)) is not None:
            number, unit = float(found[1]), found[2]
            scale = _UNITS.get(unit) or around.size / (100 if unit == "%" else 1)
            return replace(look, size=number * scale, unseen=around.unseen or number == 0)
        case "font-weight":
            return replace(look, bold=value in ("bold", "bolder", "600", "700", "800", "900"))
        case "display" if value == "none":
            return replace(look, unseen=True)
    return look


def declarations(style: str) -> Iterator[tuple[str, str]]:
    """Name and value of each declaration of a style attribute, in order."""
    for one in style.split(";"):
        name, colon, value = one.partition(":")
        if colon:
            yield name.strip().lower(), value.replace("!important", "").strip().lower()
