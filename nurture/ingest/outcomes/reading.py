"""Reads outcomes from a file, batch by batch, each a transaction of its own: a crash loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from nurture.core.model import Record, Result, Unreadable
from nurture.core.outcomes import ToldOutcome
from nurture.ingest.outcomes.book import Applied, OutcomeBook
from nurture.ingest.outcomes.mapping import OutcomeMapping, UnusableRow
from nurture.plug.contracts import Payload, Source

BATCH = 5_000
LISTED = 1_000
"""So many rows are listed with what is wrong with them; all are counted."""

Line = tuple[int | None, str]


@dataclass(slots=True)
class Imported:
    """What became of a file's rows: `received` are all of them.

    `passed_over` said neither won nor lost. `unmatched` and `unreadable` list (line, reason), the first
    thousand. `moved` is lifecycle → how many contacts went there.
    """

    received: int = 0
    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    passed_over: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    unmatched_count: int = 0
    unreadable_count: int = 0
    unmatched: list[Line] = field(default_factory=list)
    unreadable: list[Line] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The shape that other programs rely on."""
        return {
            "received": self.received,
            "new": self.new.total(),
            "known": self.known,
            **{result.value: self.new[result.value] for result in Result},
            "moved": dict(self.moved),
            "passed_over": self.passed_over,
            "unmatched": [{"line": line, "reason": reason} for line, reason in self.unmatched],
            "unmatched_count": self.unmatched_count,
            "unreadable": [{"line": line, "reason": reason} for line, reason in self.unreadable],
            "unreadable_count": self.unreadable_count,
        }

    def count(self, applied: Applied) -> None:
        """Adds what became of one batch."""
        self.new.update(outcome.result.value for outcome in applied.outcomes)
        self.moved.update({lifecycle.value: count for lifecycle, count in applied.moved.items()})
        self.known += applied.known
        self.unmatched_count += len(applied.unmatched)
        _add(self.unmatched, ((one.told.line, one.reason) for one in applied.unmatched))

    def unusable(self, line: int | None, reason: str) -> None:
        """Adds a row that could not be read."""
        self.unreadable_count += 1
        _add(self.unreadable, [(line, reason)])


def import_outcomes(
    book: OutcomeBook,
    source: Source,
    payload: Payload,
    mapping: OutcomeMapping,
    progress: Callable[[int], None],
) -> Imported:
    """Applies a file's outcomes. `progress` is told how many rows were read, after each batch.

    Raised when the mapping names a column that is not there, before anything is stored: MappingError; when
    nothing can be read: SourceError.
    """
    found = Imported()
    rows = source.read(payload)
    first = list(islice(rows, BATCH))
    columns = {column for row in first if isinstance(row, Record) for column in row.fields}
    if columns:
        mapping.check_columns(columns, payload.name)
    for batch in chain([first], _batches(rows)):
        told = list(_told(batch, mapping, source.name, found))
        found.received += len(batch)
        if told:
            found.count(book.apply(told, payload.name))
        progress(found.received)
    return found


def _batches(rows: Iterator[Record | Unreadable]) -> Iterator[list[Record | Unreadable]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _told(
    batch: Iterable[Record | Unreadable], mapping: OutcomeMapping, source: str, found: Imported
) -> Iterator[ToldOutcome]:
    for row in batch:
        if isinstance(row, Unreadable):
            found.unusable(row.line, row.reason)
            continue
        try:
            told = mapping.told(row, source)
        except UnusableRow as error:
            found.unusable(row.line, str(error))
            continue
        if told is None:
            found.passed_over += 1
        else:
            yield told


def _add(listed: list[Line], more: Iterable[Line]) -> None:
    listed.extend(islice(more, LISTED - len(listed)))
