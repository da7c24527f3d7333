"""The YAML of `--map FILE`: read, checked, and refused with file, line, column and what was meant.

fields:                 # field: column, or a text composed from columns; null: take it from nowhere
  email: "lead-{Lead Number}@example.com"
  name: "{First} {Last}"
account: {employees: Company size}
answers:                # answer: column, or a composed text; null: leave out the answer of that name
  role: Rol
  budget: "{Min} - {Max}"
external_id: Lead Number              # or {system: crm, from: Lead Number}
values:                 # what texts mean: in all columns ("*"), or in one; null is "not answered"
  "*": {Select: null}
  Country: {Holland: NL}
interests: [website]                  # constants, and {column: …}
consent:
  marketing: {column: Do Not Email, granted_when: ["No"]}     # or: marketing: true
signals:
  - {column: Last Activity, value: Email Link Clicked, kind: clicked, at: now}
ignore: [Tags]          # columns that are kept in the inbox only
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.tokens import AliasToken

from nurture.errors import MappingError, Position, did_you_mean
from nurture.ingest.mapping import NOW, ColumnMapping, Composed, from_document
from nurture.ingest.text import slug

LARGEST = 1_048_576

FIELDS = (
    *("email", "phone", "name", "first_name", "last_name", "company", "country", "locale", "timezone"),
    *("job_title", "website", "city"),
)
"""What `fields` may name: the fields of a lead that a column can fill."""

_SIGNAL_KEYS = ("column", "value", "kind", "at", "format", "data")


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a file. Raised when there is none, or anything in it is wrong: MappingError."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise MappingError(f"there is no file {path}", hint="--map names a YAML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} cannot be read: {error}", hint="write it in UTF-8") from error
    if len(content) > LARGEST:
        raise MappingError(f"{path} is larger than {LARGEST:,} bytes", hint="is it really a mapping?")
    return read_mapping(text, str(path))


def read_mapping(text: str, file: str) -> ColumnMapping:
    """The mapping in a text; `file` is its name in messages. Raised when it is wrong: MappingError."""
    try:
        if any(isinstance(token, AliasToken) for token in YAML(typ="rt", pure=True).scan(text)):
            raise MappingError(
                f"{file}: aliases (*name) are not used in a mapping", hint="write the value out"
            )
        root = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Position(file, mark.line + 1, mark.column + 1) if mark else file
        raise MappingError(f"{where}: not valid YAML: {error.problem or error.context}") from error
    except YAMLError as error:
        raise MappingError(f"{file}: not valid YAML: {error}") from error
    return _Checker(file).mapping(root)


class _Checker:
    """Walks the document, copies what is right into plain values, stops at the first thing that is wrong."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._positions: dict[str, Position] = {}

    def mapping(self, root: Any) -> ColumnMapping:
        parts: dict[str, Callable[[Any, Position], Any]] = {
            "fields": self._fields,
            "account": self._account,
            "answers": self._answers,
            "external_id": self._external_id,
            "values": self._values,
            "interests": self._interests,
            "consent": self._consents,
            "signals": self._signals,
            "ignore": self._ignored,
        }
        start = Position(self._file, 1)
        if root is None:
            raise self._wrong(start, "the mapping is empty", "begin with: fields:")
        document = {}
        for key, value, where in self._entries(root, start, known=parts, what="part"):
            document[key] = parts[key](value, where)
        return from_document(document, self._positions)

    # --- the parts --------------------------------------------------------------------------------------

    def _fields(self, node: Any, where: Position) -> dict[str, str | None]:
        return {
            key: None if value is None else self._composed(value, at)
            for key, value, at in self._entries(node, where, known=FIELDS, what="field")
        }

    def _account(self, node: Any, where: Position) -> dict[str, str]:
        return {key: self._composed(value, at) for key, value, at in self._entries(node, where)}

    def _answers(self, node: Any, where: Position) -> dict[str, str | None]:
        found = {}
        for key, value, at in self._entries(node, where):
            if key != slug(key):
                raise self._wrong(at, f"{key!r} is no name of an answer", f"write: {slug(key)}")
            found[key] = None if value is None else self._composed(value, at)
        return found

    def _external_id(self, node: Any, where: Position) -> Any:
        if not isinstance(node, CommentedMap):
            return self._composed(node, where)
        entries = {k: (v, at) for k, v, at in self._entries(node, where, known=("system", "from"))}
        self._need(entries, ("system", "from"), where)
        return {"system": self._text(*entries["system"]), "from": self._composed(*entries["from"])}

    def _values(self, node: Any, where: Position) -> dict[str, dict[str, str | None]]:
        found = {}
        for column, meanings, at in self._entries(node, where):
            self._positions.setdefault(column, at)
            found[column] = {
                said: None if meant is None else self._text(meant, place)
                for said, meant, place in self._entries(meanings, at)
            }
        return found

    def _interests(self, node: Any, where: Position) -> list[Any]:
        found: list[Any] = []
        for entry, at in self._items(node, where):
            if isinstance(entry, CommentedMap):
                entries = {k: (v, place) for k, v, place in self._entries(entry, at, known=("column",))}
                self._need(entries, ("column",), at)
                found.append({"column": self._column(*entries["column"])})
            else:
                found.append(self._text(entry, at))
        return found

    def _consents(self, node: Any, where: Position) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for purpose, rule, at in self._entries(node, where):
            if isinstance(rule, bool):
                found[purpose] = rule
                continue
            entries = {k: (v, p) for k, v, p in self._entries(rule, at, known=("column", "granted_when"))}
            self._need(entries, ("column", "granted_when"), at)
            found[purpose] = {
                "column": self._column(*entries["column"]),
                "granted_when": self._texts(*entries["granted_when"]),
            }
        return found

    def _signals(self, node: Any, where: Position) -> list[dict[str, Any]]:
        return [self._signal(entry, at) for entry, at in self._items(node, where)]

    def _signal(self, node: Any, where: Position) -> dict[str, Any]:
        entries = {k: (v, at) for k, v, at in self._entries(node, where, known=_SIGNAL_KEYS)}
        self._need(entries, ("kind",), where)
        if ("column" in entries) != ("value" in entries):
            raise self._wrong(where, "column and value belong together", "write both, or neither")
        found: dict[str, Any] = {"kind": self._text(*entries["kind"])}
        if "column" in entries:
            found["column"] = self._column(*entries["column"])
            found["value"] = self._texts(*entries["value"])
        if "at" in entries and entries["at"][0] != NOW:
            found["at"] = self._column(*entries["at"])
        if "format" in entries:
            found["format"] = self._text(*entries["format"])
        if "data" in entries:
            found["data"] = {k: self._text(v, at) for k, v, at in self._entries(*entries["data"])}
        return found

    def _ignored(self, node: Any, where: Position) -> list[str]:
        return [self._column(entry, at) for entry, at in self._items(node, where)]

    # --- what they are made of --------------------------------------------------------------------------

    def _entries(
        self, node: Any, where: Position, known: Collection[str] = (), what: str = "key"
    ) -> list[tuple[str, Any, Position]]:
        if not isinstance(node, CommentedMap):
            raise self._wrong(where, f"expected `name: value` entries, not {node!r}")
        found = []
        for key, value in node.items():
            line, column = node.lc.key(key)
            at = Position(self._file, line + 1, column + 1)
            name = self._text(key, at)
            if known and name not in known:
                raise self._wrong(at, f"there is no {what} {name!r}{did_you_mean(name, known)}")
            found.append((name, value, at))
        return found

    def _items(self, node: Any, where: Position) -> list[tuple[Any, Position]]:
        if not isinstance(node, CommentedSeq):
            raise self._wrong(where, f"expected a list, not {node!r}", "write: [one, two]")
        places = (node.lc.item(number) for number in range(len(node)))
        return [
            (entry, Position(self._file, line + 1, column + 1))
            for entry, (line, column) in zip(node, places, strict=True)
        ]

    def _need(self, entries: Mapping[str, Any], keys: Collection[str], where: Position) -> None:
        for key in keys:
            if key not in entries:
                raise self._wrong(where, f"{key} is missing")

    def _text(self, value: Any, where: Position) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        raise self._wrong(where, f"expected a text, not {value!r}")

    def _texts(self, value: Any, where: Position) -> list[str]:
        if isinstance(value, CommentedSeq):
            return [self._text(entry, at) for entry, at in self._items(value, where)]
        return [self._text(value, where)]

    def _column(self, value: Any, where: Position) -> str:
        column = self._text(value, where)
        self._positions.setdefault(column, where)
        return column

    def _composed(self, value: Any, where: Position) -> str:
        text = self._text(value, where)
        if not text.strip() or text.count("{") != text.count("}"):
            raise self._wrong(
                where,
                f"{text!r} is no column and no text with {{columns}}",
                'write: "{First name} {Last name}"',
            )
        for column in Composed.of(text).columns:
            self._positions.setdefault(column, where)
        return text

    def _wrong(self, where: Position, problem: str, hint: str = "") -> MappingError:
        return MappingError(f"{where}: {problem}", hint=hint)
