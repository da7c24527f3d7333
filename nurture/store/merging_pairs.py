"""What compares one with others goes along in a merge: its keys, and the pairs that were in doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.store import match_keys, pairs, schema
from nurture.store.bulk import among
from nurture.store.keeping import dumped, loaded
from nurture.store.match_keys import Keys
from nurture.store.pairs import APART, Pairs

Row = dict[str, Any]

UNMERGED = "unmerged"
"""In `decided_by`: a merge was taken back, and these two are never merged by likeness again."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What one kind of owners is compared by, and where its doubts stand."""

    owner: sa.Table
    keys: Keys
    pairs: Pairs

    def carry(self, connection: sa.Connection, documents: Mapping[tuple[int, int], Row]) -> None:
        """Gives keys and pairs of each (gone, kept) to the one that stays, and what was to its document."""
        into = dict(documents.keys())
        ids = sorted({*into, *into.values()})
        keys, rows = self.keys.of(connection, ids), self.pairs.involving(connection, ids)
        for (gone, kept), document in documents.items():
            document["keys"] = {"gone": sorted(keys.get(gone, ())), "kept": sorted(keys.get(kept, ()))}
            document["reviews"] = dumped(row for row in rows if {gone, kept} & {*self.pairs.of(row)})
        new = {
            (key, kept)
            for gone, kept in into.items()
            for key in keys.get(gone, set()) - keys.get(kept, set())
        }
        self.keys.remove(connection, sorted(into))
        self.keys.add(connection, new)
        if rows:
            self.pairs.replace(connection, [row["id"] for row in rows], self._renamed(rows, into))

    def give_back(
        self, connection: sa.Connection, kept: int, former: int, document: Mapping[str, Any], now: datetime
    ) -> None:
        """Both have their own keys and pairs again; and are known to be two."""
        theirs, own = {*document["keys"]["gone"]}, {*document["keys"]["kept"]}
        self.keys.take(connection, kept, theirs - own)
        self.keys.add(connection, [(key, former) for key in theirs])
        before = loaded(self.pairs.table, document["reviews"])
        others = sorted({id_ for row in before for id_ in self.pairs.of(row)})
        query = sa.select(self.owner.c.id).where(among(connection, self.owner.c.id, others))
        there = set(connection.scalars(query))
        old = {row["id"] for row in before}
        since = self.pairs.involving(connection, [kept, former])
        known = {self.pairs.of(row) for row in since if row["id"] not in old}
        rows = [row for row in before if {*self.pairs.of(row)} <= there and self.pairs.of(row) not in known]
        self.pairs.replace(connection, old, rows)
        self.pairs.keep_apart(connection, (kept, former), UNMERGED, now)

    def _renamed(self, rows: Sequence[Row], into: Mapping[int, int]) -> list[Row]:
        """The pairs as they are called now: of two that are the same now the decided one stays."""
        found: dict[tuple[int, int], Row] = {}
        for row in sorted(rows, key=lambda row: (row["state"] != APART, row["id"])):
            first, second = sorted(into.get(id_, id_) for id_ in self.pairs.of(row))
            if first != second:
                names = {self.pairs.first.name: first, "other_id": second}
                found.setdefault((first, second), {**row, **names})
        return list(found.values())


PEOPLE = Compared(schema.contact, match_keys.PEOPLE, pairs.PEOPLE)
ACCOUNTS = Compared(schema.account, match_keys.ACCOUNTS, pairs.ACCOUNTS)
