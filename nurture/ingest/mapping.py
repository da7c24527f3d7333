"""How the columns of one import are to be understood, where their names alone do not say it.

A mapping is a plain document, stored with its import, since sorting happens later and maybe in another
process. `mapping_file` reads and checks the YAML that people write; here it becomes values to work with.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nurture.core.model import SignalKind, Value
from nurture.errors import MappingError, Position, did_you_mean
from nurture.ingest.text import fold

NOW = "now"
"""In `at`: the time at which the record came in."""

ALL_COLUMNS = "*"
_REFERENCE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Composed:
    """A text made from columns: `literals` stand before, between and behind them (one more than columns)."""

    literals: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Composed:
        """`Country` is a column; a text with {braces} is composed from the columns in them."""
        parts = _REFERENCE.split(text)
        if len(parts) == 1:
            return cls(("", ""), (text,))
        return cls(tuple(parts[::2]), tuple(part.strip() for part in parts[1::2]))

    def read(self, cells: Mapping[str, str]) -> str | None:
        """The text; None when a column that it needs is empty.

        Where only blanks stand between the columns, what is there is enough ("{First} {Last}").
        """
        values = [cells.get(column, "") for column in self.columns]
        if not any(values) or (not all(values) and any(literal.strip() for literal in self.literals)):
            return None
        pairs = zip(self.literals, (*values, ""), strict=True)
        text = "".join(literal + value for literal, value in pairs)
        return text if all(values) else " ".join(text.split())


@dataclass(frozen=True, slots=True)
class ConsentFrom:
    """A purpose that is agreed to: always, or when the column says one of `granted_when`."""

    purpose: str
    column: str | None = None
    granted_when: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SignalFrom:
    """Something that happened when `column` holds one of `values`; without a column, always.

    `at` is `now` or the column of its time, which is written as `format` says (`strptime`), if it is given.
    """

    kind: str
    column: str | None = None
    values: frozenset[str] = frozenset()
    at: str = NOW
    format: str | None = None
    data: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping, ready for use. A field or an answer that is None is not to be taken from any column.

    All texts that cells are compared with are `said_as`.
    `values` is column (or `*`) → text → what it means (None: not answered). `positions` is where the
    file names each column, for messages; a stored mapping has none.
    """

    fields: Mapping[str, Composed | None]
    account: Mapping[str, Composed]
    answers: Mapping[str, Composed | None]
    external_id: Composed | None
    external_system: str | None
    values: Mapping[str, Mapping[str, str | None]]
    interests: tuple[str, ...]
    interest_columns: tuple[str, ...]
    consents: tuple[ConsentFrom, ...]
    signals: tuple[SignalFrom, ...]
    ignore: frozenset[str]
    document: Mapping[str, Any]
    positions: Mapping[str, Position] = field(default_factory=dict, compare=False)

    def check_columns(self, columns: Collection[str], name: str) -> None:
        """Raised when the mapping names a column that the file `name` does not have: MappingError."""
        check_columns(self._columns(), self.positions, columns, name)

    def _columns(self) -> Iterator[str]:
        composed: list[Composed | None] = [*self.fields.values(), *self.account.values(), self.external_id]
        for one in (*composed, *self.answers.values()):
            yield from one.columns if one else ()
        yield from (column for column in self.values if column != ALL_COLUMNS)
        yield from self.interest_columns
        yield from self.ignore
        told_by = [consent.column for consent in self.consents] + [signal.column for signal in self.signals]
        yield from (column for column in told_by if column)
        yield from (signal.at for signal in self.signals if signal.at != NOW)


def check_columns(
    named: Iterable[str], positions: Mapping[str, Position], columns: Collection[str], name: str
) -> None:
    """Raised when one of the `named` columns is not among those of the file `name`: MappingError."""
    known = {fold(column) for column in columns}
    for column in named:
        if fold(column) not in known:
            where = positions.get(column)
            raise MappingError(
                f"{f'{where}: ' if where else ''}{name} has no column {column!r}"
                f"{did_you_mean(column, columns)}",
                hint="a column is written as in the first row of the file; small and capitals are alike",
            )


def from_document(
    document: Mapping[str, Any] | None, positions: Mapping[str, Position] | None = None
) -> ColumnMapping:
    """The mapping of a document that has been checked; None is the empty one: names alone decide."""
    document = document or {}
    external = document.get("external_id")
    system, external_text = (
        (external["system"], external["from"]) if isinstance(external, dict) else (None, external)
    )
    interests = document.get("interests") or []
    columns = [entry["column"] for entry in interests if isinstance(entry, dict)]
    return ColumnMapping(
        fields=_told(document, "fields"),
        account={name: Composed.of(text) for name, text in _part(document, "account")},
        answers=_told(document, "answers"),
        external_id=Composed.of(external_text) if external_text else None,
        external_system=system,
        values={
            column: {said_as(text): meant for text, meant in meanings.items()}
            for column, meanings in _part(document, "values")
        },
        interests=tuple(entry for entry in interests if isinstance(entry, str)),
        interest_columns=tuple(columns),
        consents=tuple(_consent(purpose, rule) for purpose, rule in _part(document, "consent") if rule),
        signals=tuple(_signal(rule) for rule in document.get("signals") or ()),
        ignore=frozenset(document.get("ignore") or ()),
        document=document,
        positions=positions or {},
    )


def said_as(text: str) -> str:
    """A cell as it is compared with what a mapping names: capitals and blanks around it do not matter."""
    return text.strip().casefold()


def form_mapping(form: str) -> ColumnMapping:
    """For what was posted: its columns by their names, and a `submitted` signal with the form's name."""
    return from_document({"signals": [{"kind": SignalKind.SUBMITTED.value, "data": {"form": form}}]})


def _part(document: Mapping[str, Any], key: str) -> Collection[tuple[str, Any]]:
    return (document.get(key) or {}).items()


def _told(document: Mapping[str, Any], key: str) -> dict[str, Composed | None]:
    return {name: None if text is None else Composed.of(text) for name, text in _part(document, key)}


def _consent(purpose: str, rule: Any) -> ConsentFrom:
    if rule is True:
        return ConsentFrom(purpose)
    return ConsentFrom(purpose, rule["column"], frozenset(map(said_as, rule["granted_when"])))


def _signal(rule: Mapping[str, Any]) -> SignalFrom:
    return SignalFrom(
        kind=rule["kind"],
        column=rule.get("column"),
        values=frozenset(map(said_as, rule.get("value") or ())),
        at=rule.get("at") or NOW,
        format=rule.get("format"),
        data=rule.get("data") or {},
    )
