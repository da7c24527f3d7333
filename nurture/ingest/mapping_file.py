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

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from nurture.errors import Position
from nurture.ingest.checked_yaml import CheckedYaml, parse, read_text
from nurture.ingest.mapping import NOW, ColumnMapping, from_document
from nurture.ingest.text import slug

FIELDS = (
    *("email", "phone", "name", "first_name", "last_name", "company", "country", "locale", "timezone"),
    *("job_title", "website", "city"),
)
"""What `fields` may name: the fields of a lead that a column can fill."""

_SIGNAL_KEYS = ("column", "value", "kind", "at", "format", "data")


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a file. Raised when there is none, or anything in it is wrong: MappingError."""
    return read_mapping(read_text(path), str(path))


def read_mapping(text: str, file: str) -> ColumnMapping:
    """The mapping in a text; `file` is its name in messages. Raised when it is wrong: MappingError."""
    return _Checker(file).mapping(parse(text, file))


class _Checker(CheckedYaml):
    """Walks the document, copies what is right into plain values, stops at the first thing that is wrong."""

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
            raise self.wrong(start, "the mapping is empty", "begin with: fields:")
        document = {}
        for key, value, where in self.entries(root, start, known=parts, what="part"):
            document[key] = parts[key](value, where)
        return from_document(document, self.positions)

    # --- the parts --------------------------------------------------------------------------------------

    def _fields(self, node: Any, where: Position) -> dict[str, str | None]:
        return {
            key: None if value is None else self.composed(value, at)
            for key, value, at in self.entries(node, where, known=FIELDS, what="field")
        }

    def _account(self, node: Any, where: Position) -> dict[str, str]:
        return {key: self.composed(value, at) for key, value, at in self.entries(node, where)}

    def _answers(self, node: Any, where: Position) -> dict[str, str | None]:
        found = {}
        for key, value, at in self.entries(node, where):
            if key != slug(key):
                raise self.wrong(at, f"{key!r} is no name of an answer", f"write: {slug(key)}")
            found[key] = None if value is None else self.composed(value, at)
        return found

    def _external_id(self, node: Any, where: Position) -> Any:
        if not isinstance(node, CommentedMap):
            return self.composed(node, where)
        entries = {k: (v, at) for k, v, at in self.entries(node, where, known=("system", "from"))}
        self.need(entries, ("system", "from"), where)
        return {"system": self.text(*entries["system"]), "from": self.composed(*entries["from"])}

    def _values(self, node: Any, where: Position) -> dict[str, dict[str, str | None]]:
        found = {}
        for column, meanings, at in self.entries(node, where):
            self.positions.setdefault(column, at)
            found[column] = {
                said: None if meant is None else self.text(meant, place)
                for said, meant, place in self.entries(meanings, at)
            }
        return found

    def _interests(self, node: Any, where: Position) -> list[Any]:
        found: list[Any] = []
        for entry, at in self.items(node, where):
            if isinstance(entry, CommentedMap):
                entries = {k: (v, place) for k, v, place in self.entries(entry, at, known=("column",))}
                self.need(entries, ("column",), at)
                found.append({"column": self.column(*entries["column"])})
            else:
                found.append(self.text(entry, at))
        return found

    def _consents(self, node: Any, where: Position) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for purpose, rule, at in self.entries(node, where):
            if isinstance(rule, bool):
                found[purpose] = rule
                continue
            entries = {k: (v, p) for k, v, p in self.entries(rule, at, known=("column", "granted_when"))}
            self.need(entries, ("column", "granted_when"), at)
            found[purpose] = {
                "column": self.column(*entries["column"]),
                "granted_when": self.texts(*entries["granted_when"]),
            }
        return found

    def _signals(self, node: Any, where: Position) -> list[dict[str, Any]]:
        return [self._signal(entry, at) for entry, at in self.items(node, where)]

    def _signal(self, node: Any, where: Position) -> dict[str, Any]:
        entries = {k: (v, at) for k, v, at in self.entries(node, where, known=_SIGNAL_KEYS)}
        self.need(entries, ("kind",), where)
        if ("column" in entries) != ("value" in entries):
            raise self.wrong(where, "column and value belong together", "write both, or neither")
        found: dict[str, Any] = {"kind": self.text(*entries["kind"])}
        if "column" in entries:
            found["column"] = self.column(*entries["column"])
            found["value"] = self.texts(*entries["value"])
        if "at" in entries and entries["at"][0] != NOW:
            found["at"] = self.column(*entries["at"])
        if "format" in entries:
            found["format"] = self.text(*entries["format"])
        if "data" in entries:
            found["data"] = {k: self.text(v, at) for k, v, at in self.entries(*entries["data"])}
        return found

    def _ignored(self, node: Any, where: Position) -> list[str]:
        return [self.column(entry, at) for entry, at in self.items(node, where)]
