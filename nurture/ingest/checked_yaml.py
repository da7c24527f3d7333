"""YAML that people write for an import: read, and each piece checked as it is taken, with its place.

What is wrong is a MappingError with file, line and column, and what was meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken

from nurture.errors import MappingError, Position, did_you_mean
from nurture.ingest.mapping import Composed

LARGEST = 1_048_576


def read_text(path: Path) -> str:
    """The text of a mapping file. Raised when there is none that can be read: MappingError."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise MappingError(f"there is no file {path}", hint="--map names a YAML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} cannot be read: {error}", hint="write it in UTF-8") from error
    if len(content) > LARGEST:
        raise MappingError(f"{path} is larger than {LARGEST:,} bytes", hint="is it really a mapping?")
    return text


def parse(text: str, file: str) -> Any:
    """The document in a text; `file` is its name in messages. Raised when it is no YAML: MappingError."""
    try:
        if any(isinstance(token, AliasToken) for token in YAML(typ="rt", pure=True).scan(text)):
            raise MappingError(
                f"{file}: aliases (*name) are not used in a mapping", hint="write the value out"
            )
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(file, mark.line + 1, mark.column + 1) if mark else file
        raise MappingError(f"{where}: not valid YAML: {error.problem or error.context}") from error
    except YAMLError as error:
        raise MappingError(f"{file}: not valid YAML: {error}") from error


class CheckedYaml:
    """The pieces of one document, each checked when it is taken; to inherit from.

    `positions` is where the file names each column.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.positions: dict[str, Position] = {}

    def entries(
        self, node: Any, where: Position, known: Collection[str] = (), what: str = "key"
    ) -> list[tuple[str, Any, Position]]:
        """Key, value and place of each entry of a table; with `known` no other keys may be there."""
        if not isinstance(node, CommentedMap):
            raise self.wrong(where, f"expected `name: value` entries, not {node!r}")
        found = []
        for key, value in node.items():
            line, column = node.lc.key(key)
            at = Position(self._file, line + 1, column + 1)
            name = self.text(key, at)
            if known and name not in known:
                raise self.wrong(at, f"there is no {what} {name!r}{did_you_mean(name, known)}")
            found.append((name, value, at))
        return found

    def items(self, node: Any, where: Position) -> list[tuple[Any, Position]]:
        """The entries of a list, with their places."""
        if not isinstance(node, CommentedSeq):
            raise self.wrong(where, f"expected a list, not {node!r}", "write: [one, two]")
        places = (node.lc.item(number) for number in range(len(node)))
        return [
            (entry, Position(self._file, line + 1, column + 1))
            for entry, (line, column) in zip(node, places, strict=True)
        ]

    def need(self, entries: Mapping[str, Any], keys: Collection[str], where: Position) -> None:
        """Raised when one of the keys is not there: MappingError."""
        for key in keys:
            if key not in entries:
                raise self.wrong(where, f"{key} is missing")

    def text(self, value: Any, where: Position) -> str:
        """A single value as the text that it is written as."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        raise self.wrong(where, f"expected a text, not {value!r}")

    def texts(self, value: Any, where: Position) -> list[str]:
        """One text, or a list of them."""
        if isinstance(value, CommentedSeq):
            return [self.text(entry, at) for entry, at in self.items(value, where)]
        return [self.text(value, where)]

    def column(self, value: Any, where: Position) -> str:
        """The name of a column, whose place is remembered."""
        column = self.text(value, where)
        self.positions.setdefault(column, where)
        return column

    def composed(self, value: Any, where: Position) -> str:
        """A column, or a text with {columns} in it."""
        text = self.text(value, where)
        if not text.strip() or text.count("{") != text.count("}"):
            raise self.wrong(
                where,
                f"{text!r} is no column and no text with {{columns}}",
                'write: "{First name} {Last name}"',
            )
        for column in Composed.of(text).columns:
            self.positions.setdefault(column, where)
        return text

    def wrong(self, where: Position, problem: str, hint: str = "") -> MappingError:
        """The error that says what is wrong at a place."""
        return MappingError(f"{where}: {problem}", hint=hint)
