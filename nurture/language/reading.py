"""Reads typed values out of the YAML tree; whatever does not fit becomes a finding, and reads as None.

So the readers of documents are written as if all were well, and every problem of a file is found at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from nurture.core.predicate import Condition
from nurture.errors import ConditionError
from nurture.language import codes
from nurture.language.codes import Code
from nurture.language.conditions import parse
from nurture.language.findings import Report, Spot
from nurture.language.names import CONTACT_NAMES, NameTable, close_to, did_you_mean
from nurture.language.values import parse_duration
from nurture.language.yamlio import Mapping, Node, Scalar, Sequence

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_MERGE = "<<"
_MERGE_HINT = "tables are not merged here: leave << out, and write the keys themselves"
_DURATION_HINT = "write a number and a unit: 2w, 3d, 4h, 30m"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name for something outside the document (a template, a team), to be looked up by `lint`."""

    kind: str
    name: str
    place: Spot


class Reader:
    """Reads the values of one document; `rules` are the plugin rules that conditions may call (None: any).

    `mentions` and `conditions` remember where things outside are spoken of, for `lint`.
    """

    def __init__(self, report: Report, rules: Collection[str] | None) -> None:
        self.report = report
        self.mentions: list[Mention] = []
        self.conditions: list[tuple[Condition, Scalar]] = []
        self._rules = rules

    @property
    def published(self) -> bool:
        """Whether the text comes back from the database: what only checks it is not read again."""
        return self._rules is None

    def mention(self, kind: str, name: str | None, node: Node | None) -> None:
        """Remembers that `name` was written at `node`; nothing if there was no usable name."""
        if name is not None and node is not None:
            self.mentions.append(Mention(kind, name, Spot(node.line, node.column)))

    # --- collections ------------------------------------------------------------------------------------

    def table(self, node: Node | None, what: str, keys: Collection[str]) -> Table | None:
        """A table in which only `keys` may stand."""
        table = self.open_table(node, what)
        if table is not None:
            for key, (at, value) in table.node.entries.items():
                if key not in keys:
                    hint = _unknown_key_hint(key, value, keys)
                    self.report.add(codes.UNKNOWN_KEY, at, f"{what} has no key {key}", hint)
                    table.meant.add(close_to(key, keys))
        return table

    def open_table(self, node: Node | None, what: str) -> Table | None:
        """A table whose keys are the author's own."""
        if node is None:
            return None
        if isinstance(node, Mapping):
            return Table(self, node, what)
        self.wrong(node, what, "a table (keys with values)")
        return None

    def items(self, node: Node | None, what: str) -> list[Node]:
        """A list."""
        if node is None:
            return []
        if isinstance(node, Sequence):
            return node.items
        self.wrong(node, what, "a list, as in [a, b]")
        return []

    # --- values -----------------------------------------------------------------------------------------

    def text(self, node: Node | None, what: str, hint: str = "") -> str | None:
        """A text that is not empty; a number is taken as written. `hint` says what to write instead."""
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text.strip() and node.value is not None:
            return node.text
        self.wrong(node, what, "a text", hint)
        return None

    def name(self, node: Node | None, what: str) -> str | None:
        """A name or an id."""
        text = self.text(node, what)
        if text is None or node is None or _NAME.fullmatch(text):
            return text
        self.report.add(
            codes.BAD_NAME,
            node,
            f"{what} is {text!r}, which is no name",
            "use letters, digits, - and _, 64 at most: "
            + (re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-") or "x"),
        )
        return None

    def whole(self, node: Node | None, what: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`."""
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(node, what, "a whole number")
            return None
        if not low <= value <= high:
            self.report.add(
                codes.OUT_OF_RANGE, node, f"{what} is {value}", f"from {low} to {high} is possible"
            )
            return None
        return value

    def flag(self, node: Node | None, what: str) -> bool | None:
        """true or false."""
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.wrong(node, what, "true or false")
        return None

    def choice(self, node: Node | None, what: str, names: Collection[str], code: Code) -> str | None:
        """One of `names`; `code` is the finding for any other."""
        text = self.text(node, what)
        if text is None or node is None or text in names:
            return text
        self.report.add(code, node, f"{what}: there is no {text}", did_you_mean(text, names))
        return None

    def parsed(
        self, node: Node | None, what: str, parser: Callable[[str], T | None], code: Code, hint: str
    ) -> T | None:
        """What `parser` makes of a text; None from it is a finding."""
        text = self.text(node, what)
        if text is None or node is None:
            return None
        value = parser(text)
        if value is None:
            self.report.add(code, node, f"{what} is {text!r}", hint)
        return value

    def duration(self, node: Node | None, what: str) -> timedelta | None:
        return self.parsed(node, what, parse_duration, codes.BAD_DURATION, _duration_hint(node))

    def condition(self, node: Node | None, what: str, names: NameTable = CONTACT_NAMES) -> Condition | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.wrong(node, what, "a condition", "put it between single quotes")
            return None
        try:
            condition = parse(node.text, rules=self._rules, names=names)
        except ConditionError as error:
            self.report.add(
                codes.BAD_CONDITION, inside(node, error.column), f"{what}: {error.message}", error.hint
            )
            return None
        self.conditions.append((condition, node))
        return condition

    def wrong(self, node: Node, what: str, expected: str, hint: str = "") -> None:
        """A finding: another type of value is needed."""
        self.report.add(codes.WRONG_TYPE, node, f"{what} must be {expected}, not {_shape(node)}", hint)


def _unknown_key_hint(key: str, value: Node, keys: Collection[str]) -> str:
    if key == _MERGE:
        return _MERGE_HINT
    if " " in key.strip() and isinstance(value, Scalar) and value.value is None:
        return "a comma ends a text between { and }: put the text that it belongs to between quotes"
    return did_you_mean(key, keys)


def _duration_hint(node: Node | None) -> str:
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if text.isdigit():
        return f"add the unit: {text}d are days, {text}h hours, {text}m minutes, {text}w weeks"
    clock = re.fullmatch(r"(?P<days>[a-z, -]*)(?P<time>\d{1,2}:\d{2})", text, re.ASCII | re.IGNORECASE)
    if clock is None:
        return _DURATION_HINT
    moment = f"{clock['days'].strip() or 'mon-sun'} {clock['time']}"
    return f"a time of day is a moment, no duration: write wait: {{until: {moment}}}; a duration is 9h"


class Table:
    """A table that is being read. `meant` are keys that stand there misspelt, and so are not missing too."""

    def __init__(self, reader: Reader, node: Mapping, what: str) -> None:
        self.node = node
        self.what = what
        self.meant: set[str | None] = set()
        self._reader = reader

    def get(self, key: str) -> Node | None:
        """What stands under a key, if it is there."""
        entry = self.node.entries.get(key)
        return None if entry is None else entry[1]

    def need(self, key: str, hint: str = "") -> Node | None:
        """The same, and a finding where it is not."""
        if key not in self and key not in self.meant:
            self._reader.report.add(codes.MISSING_KEY, self.node, f"{self.what} has no {key}", hint)
        return self.get(key)

    def at(self, key: str) -> Spot:
        """Where a key that is there stands."""
        key_node = self.node.entries[key][0]
        return Spot(key_node.line, key_node.column)

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.node.entries.values())


def inside(node: Scalar, column: int) -> Spot:
    """Where the character at `column` of a scalar's text stands in the file.

    Of a text over several lines, or one with escapes, only the start is known.
    """
    if not node.verbatim:
        return Spot(node.line, node.column)
    return Spot(node.line, node.column + column - (1 if node.plain else 0))


def _shape(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a table"
    if node.value is None:
        return "nothing"
    return f"{node.text[:40]!r}"
