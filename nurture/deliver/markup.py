"""The elements of a template before anything is made of it, each with its place; values stand as `VALUE`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from nurture.deliver.pieces import Joined, Piece, Tag, Text

VALUE, STATEMENT = "\x01", "\x02"

_ELEMENT = re.compile(
    r"<!--.*?-->"
    r"|<(?P<style>style|mj-style)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>(?P<sheet>.*?)</(?P=style)\s*>"
    r"|<(?P<name>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL)
_TAGS = re.compile(r"<[^>]*>")
_MEDIA = re.compile(r"@[\w-]+[^{;]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value as it was written, entities read; `at` is the offset of its first letter."""

    value: str
    at: int


@dataclass(frozen=True, slots=True)
class Element:
    """An element's beginning; `at` is its offset, `end` that behind its `>`."""

    name: str
    attributes: Mapping[str, Attribute]
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style sheet, what stands under conditions (@media) made blank."""

    text: str
    at: int


class Markup:
    """A flat template as text, with the way back to the files."""

    def __init__(self, body: Sequence[Piece]) -> None:
        self.tags = [(piece.code, piece) for piece in body if isinstance(piece, Tag)]
        self._joined = Joined([(_shown(piece), piece.spot) for piece in body])
        self.text = self._joined.text
        self.place = self._joined.place
        self.elements: list[Element] = []
        self.sheets: list[Sheet] = []
        for found in _ELEMENT.finditer(self.text):
            if found["name"]:
                self.elements.append(
                    Element(found["name"].lower(), _attributes(found), found.start(), found.end())
                )
            elif found["sheet"] is not None:
                blank = _MEDIA.sub(lambda rule: " " * len(rule[0]), found["sheet"])
                self.sheets.append(Sheet(blank, found.start("sheet")))

    def inside(self, element: Element) -> str:
        """The text of an element, without those in it."""
        end = re.compile(rf"</{re.escape(element.name)}\s*>", re.IGNORECASE).search(self.text, element.end)
        inner = self.text[element.end : end.start() if end else element.end]
        return " ".join(unescape(_TAGS.sub(" ", inner)).replace(STATEMENT, "").split())

    def find(self, text: str) -> int:
        """The offset of a text, or of its beginning; 0 where it is nowhere."""
        for length in (len(text), 24, 8):
            at = self.text.find(text[:length])
            if at >= 0:
                return at
        return 0

    def named(self, *names: str) -> Iterator[Element]:
        return (element for element in self.elements if element.name in names)


def _shown(piece: Piece) -> str:
    if isinstance(piece, Text):
        return piece.text
    return STATEMENT if piece.statement else VALUE


def _attributes(found: re.Match[str]) -> Mapping[str, Attribute]:
    start = found.start("attributes")
    return {
        each[1].lower(): Attribute(
            unescape(each[2] if each[2] is not None else each[3]),
            start + each.start(2 if each[2] is not None else 3),
        )
        for each in _ATTRIBUTE.finditer(found["attributes"])
    }
