"""A template's source in pieces: text, and the tags between it, each with the place where it stands.

White space is settled here, as Jinja would (`trim_blocks`, `lstrip_blocks`, `-` and `+` in tags), so that
what is put together of the pieces needs none of that any more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import Environment

_WORD = re.compile(r"\w+")
_NEWLINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in a mail as it is."""

    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Tag:
    """`{{ code }}`, or `{% code %}` where it is a `statement`. `verbatim` is what a raw block holds."""

    code: str
    spot: Spot
    statement: bool = False
    verbatim: bool = False

    @property
    def word(self) -> str:
        """The first word of a statement: if, block, endif; empty for a value."""
        found = _WORD.match(self.code)
        return found[0] if found and self.statement else ""


Piece: TypeAlias = Text | Tag


def pieces(environment: Environment, source: str, name: str, file: str) -> Iterator[Piece]:
    """The pieces of `source`, comments left out.

    Raised when a tag is not closed: jinja2.TemplateSyntaxError.
    """
    source = _NEWLINE.sub("\n", source)
    starts = [0, *(found.end() for found in re.finditer("\n", source))]

    def spot(offset: int) -> Spot:
        line = bisect_right(starts, offset)
        return Spot(file, line, offset - starts[line - 1] + 1)

    at, begun, code, kind = 0, 0, "", ""
    for _, token, value in environment.lexer.tokeniter(source, name, file):
        # What the lexer leaves out is white space only, so that each value is the next of its kind.
        start = source.index(value, at)
        at = start + len(value)
        match token:
            case "data":
                if kind == "raw":
                    yield Tag(value, spot(start), verbatim=True)
                else:
                    yield Text(value, spot(start))
            case "raw_begin" | "raw_end":
                kind = "raw" if token == "raw_begin" else ""
            case "variable_begin" | "block_begin":
                begun, code, kind = start, "", token
            case "variable_end" | "block_end":
                yield Tag(code.strip(), spot(begun), statement=kind == "block_begin")
                kind = ""
            case "comment_begin" | "comment" | "comment_end":
                pass
            case _:
                code += value


def written(piece: Piece) -> str:
    """A piece as source again."""
    if isinstance(piece, Text):
        return literal(piece.text)
    if piece.verbatim:
        return "{% raw %}" + piece.code + "{% endraw %}"
    # A line of its own for each tag tells where it came from when it fails; white space is settled already.
    return f"{{%+\n{piece.code} +%}}" if piece.statement else f"{{{{\n{piece.code} }}}}"


def literal(text: str) -> str:
    """Text as a template that prints just that."""
    return re.sub(r"\{(?=[{%#]|\Z)", '{{ "{" }}', text) if "{" in text else text


class Joined:
    """Texts with their places put together to one, and the way from an offset in it back to a file."""

    def __init__(self, parts: Sequence[tuple[str, Spot]]) -> None:
        self._starts, self._spots, at = list[int](), list[Spot](), 0
        for text, spot in parts:
            self._starts.append(at)
            self._spots.append(spot)
            at += len(text)
        self.text = "".join(text for text, _ in parts)

    def place(self, offset: int) -> Spot:
        """Where the letter at `offset` stands."""
        index = max(0, bisect_right(self._starts, offset) - 1)
        if not self._spots:
            return Spot("", 1, 1)
        spot, before = self._spots[index], self.text[self._starts[index] : offset]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else spot.column + len(before)
        return Spot(spot.file, spot.line + lines, column)
