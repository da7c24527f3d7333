"""The text part of a mail, made of its HTML: once per template, with the tags carried along.

Paragraphs with an empty line between them, lists with their marks, links with their addresses, what is hidden
left out, lines of at most 72 characters (a value counted as twelve). An author who wants another text writes
one: NAME.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from nurture.deliver.hiding import MARK, number_in
from nurture.deliver.pieces import Piece, Spot, Tag, Text

WIDTH = 72
_VALUE_WIDTH = 12

_NOT_READ = frozenset({"head", "style", "script", "title", "noscript", "template"})
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "source", "wbr"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table"})
_LINES = frozenset(
    {"div", "tr", "li", "section", "article", "header", "footer", "center", "figure"}
    | {"figcaption", "address", "body", "html", "tbody", "thead", "dl", "dt", "dd", "main", "nav", "form"}
)
_CELLS = frozenset({"td", "th"})
_GAP = "\u00a0\u00a0"
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px)?\s*;.*max-height\s*:\s*0"
)
_FILLERS = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u034f\u00ad]")
_ONLY_LINK = re.compile(r"^([^<>]*[^<>:\s]):? <([^<> ]+)>$")
"""A line that is a link and nothing else: its address goes below."""
_SPACE = re.compile(r"[ \t\n\r\f]+")
_ONE_MARK = "\ue000"
"""Stands on both sides of a tag's number in a line."""
_MARKED = re.compile(f"{_ONE_MARK}(\\d+){_ONE_MARK}")


@dataclass(slots=True)
class _Open:
    """An element that is open."""

    name: str
    hidden: bool = False
    href: str = ""
    started: int = 0
    number: int = 0
    layout: bool = False


@dataclass(slots=True)
class _Writer:
    """Lines as they grow: `words` of the one that is open, with what stands before it."""

    tags: Sequence[Tag]
    out: list[str] = field(default_factory=list)
    line: str = ""
    newlines: int = 2
    indent: str = ""
    bullet: str = ""

    def text(self, text: str) -> None:
        text = _SPACE.sub(" ", _FILLERS.sub("", text))
        if not self._begun() or self.line.endswith((" ", "\n")):
            text = text.lstrip(" ")
        self.line += text

    def _begun(self) -> bool:
        return bool(self.line)

    def tag(self, number: int) -> None:
        """A value belongs to its line; so does a statement in the midst of one. Between blocks a statement
        stands by itself, and adds no line of its own."""
        tag = self.tags[number]
        if tag.statement and not self.line.strip():
            self.line = ""
            self.out.append(f"{_ONE_MARK}{number}{_ONE_MARK}")
        else:
            self.line += f"{_ONE_MARK}{number}{_ONE_MARK}"

    def end_line(self) -> None:
        """Ends the line that is open, if there is anything in it."""
        line = self.line.strip(" ")
        self.line = ""
        if line:
            line = "\n".join(_ONLY_LINK.sub(r"\1:\n\2", each.strip(" ")) for each in line.split("\n"))
            first, later = self.indent + self.bullet, self.indent + " " * len(self.bullet)
            if self.bullet:
                self.bullet = ""
            self.out.append("\n".join(self._wrapped(line, first, later)) + "\n")
            self.newlines = 1

    def end_paragraph(self) -> None:
        self.end_line()
        if self.newlines < 2:
            self.out.append("\n")
            self.newlines = 2

    def _wrapped(self, line: str, first: str, later: str) -> Iterator[str]:
        """Lines of at most WIDTH; no tag is torn apart."""
        for number, part in enumerate(line.split("\n")):
            indent = first if number == 0 else later
            current, width = indent, len(indent)
            for word in filter(None, part.split(" ")):
                room = len(_MARKED.sub(self._room, word))
                if width > len(indent) and width + 1 + room > WIDTH:
                    yield current.rstrip()
                    indent = later
                    current, width = indent, len(indent)
                glue = " " if width > len(indent) else ""
                current += glue + word
                width += len(glue) + room
            yield current.rstrip()

    def _room(self, found: re.Match[str]) -> str:
        return "" if self.tags[int(found[1])].statement else "x" * _VALUE_WIDTH


class _Reader(HTMLParser):
    def __init__(self, tags: Sequence[Tag]) -> None:
        super().__init__(convert_charrefs=True)
        self.writer = _Writer(tags)
        self._open: list[_Open] = []

    @property
    def _hidden(self) -> bool:
        return any(one.hidden for one in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            if not self._hidden:
                self._void(tag, values)
            return
        hidden = tag in _NOT_READ or bool(_HIDDEN.search(values.get("style", ""))) or "hidden" in values
        one = _Open(tag, hidden, layout=values.get("role") == "presentation")
        self._open.append(one)
        if self._hidden:
            return
        writer = self.writer
        if tag in _PARAGRAPHS and tag != "table":
            writer.end_paragraph() if not self._in_list() else writer.end_line()
        elif tag in _CELLS:
            self._next_cell()
        elif tag in _PARAGRAPHS or tag in _LINES:
            writer.end_line()
        if tag in ("ul", "ol"):
            writer.indent += "  " if self._in_list(2) else ""
        elif tag == "li":
            writer.bullet = self._bullet()
        elif tag == "blockquote":
            writer.indent += "> "
        elif tag == "a":
            one.href, one.started = values.get("href", ""), len(writer.line)

    def _void(self, tag: str, values: dict[str, str]) -> None:
        match tag:
            case "br":
                self.writer.line += "\n"
            case "hr":
                self.writer.end_paragraph()
                self.writer.text("-" * 24)
                self.writer.end_paragraph()
            case "img" if values.get("alt", "").strip():
                self._marked(f"[{values['alt'].strip()}]")

    def handle_endtag(self, tag: str) -> None:
        if not any(one.name == tag for one in self._open):
            return
        while True:
            hidden = self._hidden
            one = self._open.pop()
            if not hidden:
                self._closed(one)
            if one.name == tag:
                return

    def _closed(self, one: _Open) -> None:
        writer = self.writer
        if one.name == "a":
            self._address(one)
        elif one.name in ("ul", "ol"):
            writer.end_line()
            writer.indent = writer.indent[:-2] if self._in_list() else writer.indent
            if not self._in_list():
                writer.end_paragraph()
        elif one.name == "blockquote":
            writer.end_paragraph()
            writer.indent = writer.indent[:-2]
        elif one.name in _CELLS:
            if self._in_layout():
                writer.end_paragraph()
        elif one.name in _PARAGRAPHS:
            writer.end_line() if self._in_list() else writer.end_paragraph()
        elif one.name in _LINES:
            writer.end_line()

    def _address(self, one: _Open) -> None:
        """Behind a link's text its address: on a line of its own where the link is all of its paragraph."""
        href, writer = one.href.strip(), self.writer
        text = writer.line[one.started :].strip()
        if not href or href.startswith("#"):
            return
        plain = href.removeprefix("mailto:").removeprefix("tel:")
        if text in (href, plain, href.removeprefix("https://").rstrip("/")):
            return
        address = plain if href.startswith(("mailto:", "tel:")) else href
        self._marked(f" <{address}>" if text else address)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._marked(data, fold=True)

    def handle_comment(self, data: str) -> None:
        found = MARK.fullmatch(f"<!--{data}-->")
        if found and (not self._hidden or self.writer.tags[number_in(found)].statement):
            self.writer.tag(number_in(found))

    def _marked(self, text: str, *, fold: bool = False) -> None:
        """Text in which words may stand for tags."""
        at = 0
        for found in MARK.finditer(text):
            self._plain(text[at : found.start()], fold)
            self.writer.line += f"{_ONE_MARK}{number_in(found)}{_ONE_MARK}"
            at = found.end()
        self._plain(text[at:], fold)

    def _plain(self, text: str, fold: bool) -> None:
        if fold:
            self.writer.text(text)
        else:
            self.writer.line += text

    def _next_cell(self) -> None:
        """Cells that lay a mail out are paragraphs; those of a table of data stand beside each other."""
        if self._in_layout():
            self.writer.end_line()
        elif self.writer.line.strip():
            self.writer.line = self.writer.line.rstrip() + _GAP

    def _in_layout(self) -> bool:
        return next((one.layout for one in reversed(self._open) if one.name == "table"), True)

    def _in_list(self, depth: int = 1) -> bool:
        return sum(one.name in ("ul", "ol") for one in self._open) >= depth

    def _bullet(self) -> str:
        for one in reversed(self._open):
            if one.name == "ol":
                one.number += 1
                return f"{one.number}. "
            if one.name == "ul":
                break
        return "* "


def text_of_html(html: str, tags: Sequence[Tag]) -> list[Piece]:
    """The pieces of the text part of `html`, in which `tags` are hidden."""
    reader = _Reader(tags)
    reader.feed(html)
    reader.close()
    reader.writer.end_line()
    text = "".join(reader.writer.out).strip("\n") + "\n"
    found: list[Piece] = []
    at, here = 0, Spot("", 1, 1)
    for each in _MARKED.finditer(text):
        found.append(Text(text[at : each.start()], here))
        tag = tags[int(each[1])]
        found.append(tag)
        here, at = tag.spot, each.end()
    found.append(Text(text[at:], here))
    # No line was broken at these; now they are spaces like others.
    return [
        Text(one.text.replace("\u00a0", " "), one.spot) if isinstance(one, Text) else one for one in found
    ]
