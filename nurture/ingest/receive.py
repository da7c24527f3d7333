"""Receiving: a source's records lie in the inbox, each once, before anything judges them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import msgspec

from nurture.core.model import Record, Unreadable
from nurture.ingest.mapping import ColumnMapping
from nurture.ingest.quiet import no_collecting
from nurture.plug.contracts import Payload
from nurture.store import inbox
from nurture.store.engine import Store
from nurture.store.inbox import NewItem

BATCH = 5_000
SHOWN = 100
"""How many unreadable pieces a receipt lists; all are in the inbox."""

LONGEST_RAW = 100_000

_encode = msgspec.json.Encoder().encode
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came in: `received` = `new` + `duplicate` + `unreadable_count`.

    `unreadable` lists (line, reason), the first hundred; `notice` says what was done otherwise than asked.
    """

    import_id: int
    source: str
    received: int
    new: int
    duplicate: int
    unreadable_count: int
    unreadable: tuple[tuple[int | None, str], ...] = ()
    notice: str = ""


def receive(
    store: Store,
    source: str,
    payload: Payload,
    records: Iterable[Record | Unreadable],
    mapping: ColumnMapping | None,
    now: datetime,
    *,
    progress: Progress | None = None,
) -> Receipt:
    """Stores the records in batches, each a transaction of its own, so that a crash loses nothing read.

    Raised when the mapping names a column that no record has: MappingError, before anything is stored.
    """
    batches = _batches(records)
    first = next(batches, [])
    posted = payload.media_type is not None
    scope = _delivery(payload.name, now) if posted else b""
    origin = _encode(_storable_fields(payload.origin)).decode() if payload.origin else None
    if mapping is not None and not posted and first:
        mapping.check_columns(_columns(first), payload.name)
    document = mapping.document if mapping is not None else None
    name = _storable(payload.name)
    with store.write() as connection:
        import_id = inbox.open_import(connection, source, name, document, now, resume=posted)
    received = new = unread = 0
    shown: list[tuple[int | None, str]] = []
    for batch in _chain(first, batches):
        with no_collecting():
            items, pieces = _items(batch, scope, origin)
        with store.write() as connection:
            new += inbox.add_items(connection, import_id, source, items, now)
            unread += inbox.add_items(connection, import_id, source, pieces, now)
        received += len(batch)
        shown.extend((piece.line, piece.reason or "") for piece in pieces[: SHOWN - len(shown)])
        if progress is not None:
            progress(received)
    return Receipt(import_id, source, received, new, received - new - unread, unread, tuple(shown))


def _batches(records: Iterable[Record | Unreadable]) -> Iterator[list[Record | Unreadable]]:
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _chain(
    first: list[Record | Unreadable], rest: Iterator[list[Record | Unreadable]]
) -> Iterator[list[Record | Unreadable]]:
    if first:
        yield first
    yield from rest


def _columns(batch: Iterable[Record | Unreadable]) -> Collection[str]:
    return {column for record in batch if isinstance(record, Record) for column in record.fields}


def _delivery(form: str, now: datetime) -> bytes:
    """What the content of a post is compared within: its form and the hour in which it came in.

    Two clicks of a nervous hand are one delivery; who sends the same form next week means it again.
    """
    return f"{form}\0{now.astimezone(UTC):%Y-%m-%dT%H}\0".encode("utf-8", "replace")


def _items(
    batch: Iterable[Record | Unreadable], scope: bytes, origin: str | None
) -> tuple[list[NewItem], list[NewItem]]:
    """Items for the records, and those for the unreadable pieces."""
    items, pieces = [], []
    for one in batch:
        if isinstance(one, Record):
            items.append(_item(one, scope)._replace(origin=origin))
        else:
            raw = _storable(one.raw)[:LONGEST_RAW]
            reason = _storable(one.reason)
            key = _digest(b"unreadable", _encode((one.line, reason, raw)))
            pieces.append(NewItem(key, one.line, raw=raw, reason=reason))
    return items, pieces


def _item(record: Record, scope: bytes) -> NewItem:
    """The item of a record; its key is the delivery's own, else made from its content in any order.

    `scope` says within what the same content is the same item; empty: within all of the source.
    """
    fields: Mapping[str, str] = record.fields
    try:
        encoded = _encode(fields)
        content = _encode(sorted([pair for pair in fields.items() if pair[1]]))
    except UnicodeEncodeError:
        fields = _storable_fields(fields)
        return _item(Record(fields, record.line, record.key), scope)
    if b"\\u0000" in encoded:
        fields = _storable_fields(fields)
        encoded = _encode(fields)
    key = (
        _digest(b"posted" if scope else b"content", scope + content)
        if record.key is None
        else _digest(b"key", _storable(record.key).encode())
    )
    return NewItem(key, record.line, encoded.decode())


def _storable_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Every value stays, even where two names become the same one."""
    kept: dict[str, str] = {}
    for name, value in fields.items():
        storable = _storable(name)
        while storable in kept:
            storable += f"_{len(kept)}"
        kept[storable] = _storable(value)
    return kept


def _digest(kind: bytes, content: bytes) -> bytes:
    return hashlib.sha256(kind + b"\0" + content).digest()


def _storable(text: str) -> str:
    """Text without what no database stores: NUL, and halves of characters (lone surrogates)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
