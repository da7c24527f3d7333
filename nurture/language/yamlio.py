"""Reads YAML into a small tree in which every key and value knows where it stands.

ruamel.yaml's events are turned into nodes here, without recursion, and scalars are understood by the core
schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema) without octal and hexadecimal numbers: so
`on`, `NO` and `12:30` stay texts, whatever version a file claims to be. Of everything wrong there is a
finding; nothing else ever comes out of here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from nurture.language import codes
from nurture.language.findings import Report, Spot
from nurture.language.yamlerrors import report_character, report_syntax

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_ALIASES = 100
MAX_NODES = 100_000
"""Nodes of one file, those behind aliases counted as often as they are used."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value. `plain`: without quotes. `verbatim`: in the file just as in `text`, but for quotes."""

    text: str
    plain: bool
    line: int
    column: int
    verbatim: bool = True

    @property
    def value(self) -> str | int | float | bool | None:
        """What a plain scalar means: nothing, a truth, a number, else a text; a quoted one is a text."""
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        return float(self.text) if _FLOAT.fullmatch(self.text) else self.text


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """A table: keys with their values, in order; a key that was given twice stands once."""

    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: its tree and the text that it alone was written as."""

    root: Node
    source: str


def read_text(path: Path, report: Report) -> str | None:
    """The text of a file, or None with a finding."""
    try:
        content = path.read_bytes()
    except OSError as error:
        report.add(codes.UNREADABLE, Spot(), f"the file cannot be read: {error.strerror or error}")
        return None
    if len(content) > MAX_BYTES:
        report.add(codes.UNREADABLE, Spot(), f"the file is {len(content):,} bytes; at most {MAX_BYTES:,}")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        report.add(
            codes.NOT_UTF8,
            Spot(line, column),
            f"the byte 0x{content[error.start]:02X} is not UTF-8",
            "save the file with the encoding UTF-8",
        )
        return None


def load_yaml(text: str, report: Report) -> list[Document]:
    """The documents of a file. Those before a place that cannot be read are still given."""
    loader = _Loader(text, report)
    try:
        for event in _events(text):
            loader.take(event)
    except _Stop:
        pass
    except MarkedYAMLError as error:
        report_syntax(error, text, report)
    except ReaderError as error:
        report_character(error, text, report)
    except Exception as error:  # ruamel's scanner raises errors of many kinds for odd text
        report.add(codes.NOT_YAML, Spot(), f"the text cannot be read as YAML: {error}")
    return loader.documents


def plain_data(node: Node) -> Any:
    """The tree as dicts, lists and values, without positions."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain_data(item) for item in node.items]
    return {key: plain_data(value) for key, (_, value) in node.entries.items()}


# --- scalars ----------------------------------------------------------------------------------------

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}(\.[0-9]{0,18})?)([eE][-+]?[0-9]{1,2})?", re.ASCII)


# --- events to nodes --------------------------------------------------------------------------------


class _Stop(Exception):
    """Raised when reading on makes no sense; the finding has been made."""


@dataclass(slots=True)
class _Open:
    """A collection that is being read: the key that waits for its value, and how it began."""

    node: Sequence | Mapping
    anchor: str | None
    size_before: int
    key: Scalar | None = None
    odd_key: bool = False


class _Loader:
    def __init__(self, text: str, report: Report) -> None:
        self.documents: list[Document] = []
        self._text = text
        self._report = report
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases = 0
        self._size = 0
        self._root: Node | None = None
        self._start = 0

    def take(self, event: Any) -> None:
        if isinstance(event, DocumentStartEvent):
            self._start = event.start_mark.index if self.documents or self._start else 0
            self._root, self._anchors = None, {}
        elif isinstance(event, DocumentEndEvent):
            self._finish(event.end_mark.index if event.explicit else event.start_mark.index)
        elif isinstance(event, NodeEvent):
            self._take_node(event)
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            opened = self._stack.pop()
            self._remember(opened.anchor, opened.node, self._size - opened.size_before)

    def _take_node(self, event: Any) -> None:
        place = Spot(event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, AliasEvent):
            self._add(self._resolve(event.anchor, place))
            return
        self._grow(1, place)
        if event.tag is not None:
            self._report.add(
                codes.NO_TAGS, place, f"the tag {_tag(event)} has no meaning here", "leave it out"
            )
        if isinstance(event, ScalarEvent):
            written = event.end_mark.index - event.start_mark.index
            verbatim = written == len(event.value) + (2 if event.style else 0) and "\n" not in event.value
            node = Scalar(event.value, not event.style, place.line, place.column, verbatim)
            self._remember(event.anchor, node, 1)
            self._add(node)
            return
        collection = (Sequence if isinstance(event, SequenceStartEvent) else Mapping)(
            place.line, place.column
        )
        self._add(collection)
        self._stack.append(_Open(collection, event.anchor, self._size - 1))
        if len(self._stack) > MAX_DEPTH:
            self._report.add(codes.TOO_DEEP, place, f"this is nested more than {MAX_DEPTH} deep")
            raise _Stop

    def _add(self, node: Node) -> None:
        """Puts a node where it belongs: under the key that waits, into the list, or at the top."""
        if not self._stack:
            self._root = node
            return
        opened = self._stack[-1]
        if isinstance(opened.node, Sequence):
            opened.node.items.append(node)
        elif opened.key is None and not opened.odd_key:
            self._add_key(opened, node)
        else:
            if opened.key is not None:
                opened.node.entries.setdefault(opened.key.text, (opened.key, node))
            opened.key, opened.odd_key = None, False

    def _add_key(self, opened: _Open, node: Node) -> None:
        assert isinstance(opened.node, Mapping)
        if not isinstance(node, Scalar):
            self._report.add(
                codes.ODD_KEY, node, "a list or table cannot be a key", "put a text with [ ] or { } in quotes"
            )
            opened.odd_key = True
            return
        if node.text in opened.node.entries:
            first = opened.node.entries[node.text][0]
            self._report.add(
                codes.DUPLICATE_KEY,
                node,
                f"the key {node.text} stands here twice; first in line {first.line}",
                "remove one of them",
            )
        opened.key = node

    def _remember(self, anchor: str | None, node: Node, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)

    def _resolve(self, anchor: str, place: Spot) -> Node:
        known = self._anchors.get(anchor)
        if known is None:
            self._report.add(
                codes.NOT_YAML,
                place,
                f"the alias *{anchor} has no anchor &{anchor} before it",
                "remove the *",
            )
            raise _Stop
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._report.add(codes.ALIASES, place, f"there are more than {MAX_ALIASES} aliases")
            raise _Stop
        self._grow(known[1], place)
        return known[0]

    def _grow(self, by: int, place: Spot) -> None:
        self._size += by
        if self._size > MAX_NODES:
            self._report.add(
                codes.ALIASES, place, f"with its aliases the file has more than {MAX_NODES:,} entries"
            )
            raise _Stop

    def _finish(self, end: int) -> None:
        if self._root is not None:
            source = self._text[self._start : end].removeprefix("---\n")
            self.documents.append(Document(self._root, source))
        self._start = max(end, 1)


def _events(text: str) -> Iterator[Any]:
    # The `safe` loader's pure parser gives the same events as the round-trip one, in half the time.
    return YAML(typ="safe", pure=True).parse(text)  # type: ignore[no-any-return]  # ruamel is untyped here


def _tag(event: Any) -> str:
    return str(event.tag).replace("tag:yaml.org,2002:", "!!")
