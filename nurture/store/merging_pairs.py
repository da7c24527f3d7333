"""What compares a contact with others goes along in a merge: its keys, and the pairs that were in doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.store import match_keys, reviews, schema
from nurture.store.bulk import among, insert_rows
from nurture.store.keeping import dumped, loaded

Row = dict[str, Any]

review = schema.review
UNMERGED = "unmerged"
"""In `decided_by`: a merge was taken back, and these two are never merged by likeness again."""


def carry(connection: sa.Connection, documents: Mapping[tuple[int, int], Row]) -> None:
    """Gives keys and pairs of each (gone, kept) to the one that stays; what was goes into its document."""
    into = dict(documents.keys())
    ids = sorted({*into, *into.values()})
    keys, rows = match_keys.of(connection, ids), _involving(connection, ids)
    for (gone, kept), document in documents.items():
        document["keys"] = {"gone": sorted(keys.get(gone, ())), "kept": sorted(keys.get(kept, ()))}
        document["reviews"] = dumped(
            row for row in rows if {gone, kept} & {row["contact_id"], row["other_id"]}
        )
    new = {
        (key, kept) for gone, kept in into.items() for key in keys.get(gone, set()) - keys.get(kept, set())
    }
    match_keys.remove(connection, sorted(into))
    match_keys.add(connection, new)
    if rows:
        _delete(connection, [row["id"] for row in rows])
        _insert(connection, _renamed(rows, into))


def give_back(
    connection: sa.Connection, kept: int, former: int, document: Mapping[str, Any], now: datetime
) -> None:
    """Both have their own keys and pairs again; and are known to be two people."""
    theirs, own = {*document["keys"]["gone"]}, {*document["keys"]["kept"]}
    borrowed = schema.match_key.c.key.in_(sorted(theirs - own))
    connection.execute(sa.delete(schema.match_key).where(schema.match_key.c.contact_id == kept, borrowed))
    match_keys.add(connection, [(key, former) for key in theirs])
    before = loaded(review, document["reviews"])
    others = {id_ for row in before for id_ in (row["contact_id"], row["other_id"])}
    there = set(
        connection.scalars(
            sa.select(schema.contact.c.id).where(among(connection, schema.contact.c.id, sorted(others)))
        )
    )
    _delete(connection, [row["id"] for row in before])
    known = {_pair(row) for row in _involving(connection, [kept, former])}
    rows = [row for row in before if {*_pair(row)} <= there and _pair(row) not in known]
    _insert(connection, rows)
    reviews.keep_apart(connection, (kept, former), UNMERGED, now)


def _renamed(rows: Sequence[Row], into: Mapping[int, int]) -> list[Row]:
    """The pairs as they are called now: of two that are the same now the decided one stays."""
    found: dict[tuple[int, int], Row] = {}
    for row in sorted(rows, key=lambda row: (row["state"] != reviews.APART, row["id"])):
        first, second = sorted(into.get(id_, id_) for id_ in _pair(row))
        if first != second:
            found.setdefault((first, second), {**row, "contact_id": first, "other_id": second})
    return list(found.values())


def _pair(row: Row) -> tuple[int, int]:
    return row["contact_id"], row["other_id"]


def _involving(connection: sa.Connection, ids: Sequence[int]) -> list[Row]:
    theirs = sa.or_(among(connection, review.c.contact_id, ids), among(connection, review.c.other_id, ids))
    return [dict(row) for row in connection.execute(sa.select(review).where(theirs)).mappings()]


def _delete(connection: sa.Connection, ids: Collection[int]) -> None:
    connection.execute(sa.delete(review).where(among(connection, review.c.id, sorted(ids))))


def _insert(connection: sa.Connection, rows: Sequence[Row]) -> None:
    names = tuple(column.name for column in review.c)
    insert_rows(connection, review, names, [tuple(row[name] for name in names) for row in rows])
