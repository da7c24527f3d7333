"""Hides a template's tags in its HTML, so that MJML and the CSS inliner carry them along untouched.

What hides a tag depends on where it stands: between elements it is a comment, which is allowed even between
the rows of a table; in an attribute or a style sheet a word; among attributes an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from nurture.deliver.pieces import Joined, Piece, Spot, Tag, Text, written
from nurture.errors import TemplateError

MARK = re.compile(
    r"<!--\s*jinja-(?P<comment>\d+)\s*-->"
    r"""|jinja-(?P<attribute>\d+)(?:-x)?=(?:""|'')"""
    r"|jinja(?P<word>\d+)x"
)
_WITHOUT_ELEMENTS = ("style", "script", "title", "textarea", "mj-style", "mj-title", "mj-preview")
_ENDS = {kind: re.compile(rf"</{kind}\s*>", re.IGNORECASE) for kind in _WITHOUT_ELEMENTS}
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][\w:-]*)")


class Where(Enum):
    """What surrounds a place in HTML."""

    CONTENT = "content"
    TAG = "a tag"
    VALUE = "an attribute"
    COMMENT = "a comment"
    RAW = "text without elements"


@dataclass(slots=True)
class Scanner:
    """Reads HTML as it comes and knows what surrounds its end.

    `path` are the MJML elements that are open; `attribute` and `began` are the name of the attribute that is
    open, and whether its value has begun for sure; whoever uses them sets `branched` at each `if` in it.
    """

    where: Where = Where.CONTENT
    quote: str = ""
    raw: str = ""
    attribute: str = ""
    began: bool = False
    branched: bool = False
    path: list[str] | None = None
    _element: str = ""

    def read(self, text: str) -> None:
        at = 0
        while at < len(text):
            at = getattr(self, f"_{self.where.name.lower()}")(text, at)

    def _content(self, text: str, at: int) -> int:
        start = text.find("<", at)
        if start < 0:
            return len(text)
        if text.startswith("<!--", start):
            self.where = Where.COMMENT
            return start + 4
        found = _TAG_NAME.match(text, start)
        if found is None:
            return start + 1
        self._element = found[2].lower()
        if found[1]:
            self._closed(self._element)
        else:
            self._opened(self._element)
        self.where, self.quote, self.attribute = Where.TAG, "", ""
        return found.end()

    def _opened(self, name: str) -> None:
        if name in _ENDS:
            self.raw = name
        if self.path is not None and name.startswith("mj"):
            self.path.append(name)

    def _closed(self, name: str) -> None:
        if self.path is not None and name in self.path:
            del self.path[len(self.path) - 1 - self.path[::-1].index(name) :]

    def _tag(self, text: str, at: int) -> int:
        while at < len(text):
            letter = text[at]
            if letter == ">":
                if text[at - 1 : at] == "/" and self.path:
                    self.raw = ""
                    self._closed(self._element)
                self.where = Where.RAW if self.raw else Where.CONTENT
                return at + 1
            if letter in "\"'" and text[:at].rstrip().endswith("="):
                named = re.search(r"([^\s=\"'<>/]+)\s*=\s*$", text[:at])
                self.attribute = named[1].lower() if named else ""
                self.where, self.quote, self.began, self.branched = Where.VALUE, letter, False, False
                return at + 1
            at += 1
        return at

    def _value(self, text: str, at: int) -> int:
        end = text.find(self.quote, at)
        if end < 0:
            self.began = True
            return len(text)
        self.where = Where.TAG
        return end + 1

    def _comment(self, text: str, at: int) -> int:
        end = text.find("-->", at)
        if end < 0:
            return len(text)
        self.where = Where.CONTENT
        return end + 3

    def _raw(self, text: str, at: int) -> int:
        found = _ENDS[self.raw].search(text, at)
        if found is None:
            return len(text)
        if self.path is not None:
            self._closed(self.raw)
        self.where, self.raw = Where.CONTENT, ""
        return found.end()


def mark(number: int, where: Where) -> str:
    """What hides the tag of that number."""
    match where:
        case Where.CONTENT:
            return f"<!--jinja-{number}-->"
        case Where.TAG:
            return f' jinja-{number}="" '
    return f"jinja{number}x"


def hidden(body: Iterable[Piece], scanner: Scanner | None = None) -> tuple[Joined, list[Tag]]:
    """HTML (or MJML, with a scanner that has a path) without tags, and the tags by their numbers.

    Raised when one stands where it cannot be kept: TemplateError.
    """
    scanner, found, tags = scanner or Scanner(), list[tuple[str, Spot]](), list[Tag]()
    for piece in body:
        if isinstance(piece, Text):
            scanner.read(piece.text)
            found.append((piece.text, piece.spot))
            continue
        if scanner.where is Where.TAG and found and found[-1][0].rstrip().endswith("="):
            raise _misplaced(piece, "put the value of the attribute in quotes")
        text = mark(len(tags), scanner.where)
        if scanner.path is not None and scanner.where is Where.CONTENT:
            text = _in_mjml(text, piece, scanner.path)
        found.append((text, piece.spot))
        tags.append(piece)
    return Joined(found), tags


def _in_mjml(text: str, tag: Tag, path: Sequence[str]) -> str:
    """Between MJML's own elements, what is not MJML stands in an mj-raw."""
    inside = path[-1] if path else ""
    if inside in _TEXT_INSIDE:
        return text
    if inside in _NO_TAGS:
        raise _misplaced(tag, f"directly in {inside or 'the document'} no tag can stand; in mj-body it can")
    return f"<mj-raw>{text}</mj-raw>"


_TEXT_INSIDE = frozenset(
    {"mj-text", "mj-button", "mj-raw", "mj-table", "mj-navbar-link", "mj-social-element"}
    | {"mj-accordion-title", "mj-accordion-text"}
)
_NO_TAGS = frozenset(
    {"", "mjml", "mj-head", "mj-attributes", "mj-html-attributes", "mj-selector"}
    | {"mj-navbar", "mj-social", "mj-accordion", "mj-carousel"}
)


def _misplaced(tag: Tag, hint: str) -> TemplateError:
    return TemplateError(
        f"{tag.spot.file}:{tag.spot.line}: {tag.code!r} stands where no tag can be kept", hint=hint
    )


def number_in(found: re.Match[str]) -> int:
    """Which tag a mark hides."""
    return int(found["comment"] or found["attribute"] or found["word"])


def shown(html: str, tags: Sequence[Tag]) -> list[Piece]:
    """The pieces of HTML with its tags in their places again.

    Raised when one is not there any more: TemplateError.
    """
    found: list[Piece] = []
    at, seen = 0, set[int]()
    here = Spot("", 1, 1)
    for each in MARK.finditer(html):
        found.append(Text(html[at : each.start()], here))
        number = number_in(each)
        seen.add(number)
        found.append(tags[number])
        here, at = tags[number].spot, each.end()
    found.append(Text(html[at:], here))
    for number, tag in enumerate(tags):
        if number not in seen:
            raise _misplaced(tag, "tags stand between elements, and in the values of attributes")
    return found


def source(prologue: Iterable[Piece], body: Iterable[Piece]) -> tuple[str, list[tuple[int, Tag]]]:
    """A template's source, and the line of each tag in it with the tag."""
    texts, line, origins = list[str](), 1, list[tuple[int, Tag]]()
    for piece in (*prologue, *body):
        text = written(piece)
        if isinstance(piece, Tag):
            origins.append((line if piece.verbatim else line + 1, piece))
        line += text.count("\n")
        texts.append(text)
    return "".join(texts), origins
