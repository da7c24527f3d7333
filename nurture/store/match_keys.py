"""The keys by which people, and accounts, are found that may be the same: for whole batches at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from nurture.store import schema
from nurture.store.bulk import among, insert_rows
from nurture.store.types import encode_json

COMMON = 20
"""A key that more share says nothing: whoever has it is not compared with them."""


class Keys:
    """The keys of one kind of owners: `owner` is the column of the key table that says whose a key is."""

    def __init__(self, owner: sa.Column[int]) -> None:
        self._table = owner.table
        self._owner = owner

    def add(self, connection: sa.Connection, keys: Iterable[tuple[int, int]]) -> None:
        """Stores (key, owner's id) of those who have it not yet."""
        # In the order of the keys, so that a page of the index is written once for all of a batch.
        insert_rows(connection, self._table, ("key", self._owner.name), sorted(keys))

    def remove(self, connection: sa.Connection, owners: Sequence[int]) -> None:
        """Forgets by what these are found."""
        connection.execute(sa.delete(self._table).where(among(connection, self._owner, owners)))

    def take(self, connection: sa.Connection, owner: int, keys: Collection[int]) -> None:
        """Forgets some keys of one."""
        theirs = sa.and_(self._owner == owner, self._table.c.key.in_(sorted(keys)))
        connection.execute(sa.delete(self._table).where(theirs))

    def of(self, connection: sa.Connection, owners: Sequence[int]) -> dict[int, set[int]]:
        """The keys of these."""
        query = sa.select(self._table.c.key, self._owner).where(among(connection, self._owner, owners))
        found: dict[int, set[int]] = {}
        for key, owner in connection.execute(query):
            found.setdefault(owner, set()).add(key)
        return found

    def holders(self, connection: sa.Connection, keys: Collection[int]) -> dict[int, list[int]]:
        """Key → those that share it; keys of one alone, and those that are `COMMON`, are left out."""
        if not keys:
            return {}
        lookup = _lookup(self._owner, connection.dialect.name)
        rows = connection.execute(lookup, {"keys": encode_json(sorted(keys))})
        found = ((key, _listed(owners)) for key, owners in rows)
        return {key: owners for key, owners in found if len(owners) <= COMMON}


PEOPLE = Keys(schema.match_key.c.contact_id)
ACCOUNTS = Keys(schema.account_key.c.account_id)


def without(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """Contacts behind the id `after` that cannot be found by any key, in the order of their ids."""
    contact, match_key = schema.contact, schema.match_key
    lacks = ~sa.exists().where(match_key.c.contact_id == contact.c.id)
    wanted = sa.select(contact.c.id).where(contact.c.id > after, lacks).order_by(contact.c.id).limit(limit)
    return list(connection.scalars(wanted))


@cache
def _lookup(owner: sa.Column[int], dialect: str) -> sa.Select[Any]:
    """All keys as one JSON text, and for each at most one more than `COMMON` steps along the primary key: so
    the cost is the same however many people share one."""
    keys = sa.bindparam("keys", type_=sa.Text)
    key: sa.ColumnElement[int]
    together: Any
    if dialect == "postgresql":
        asked = sa.func.jsonb_array_elements_text(sa.cast(keys, JSONB)).table_valued("value", name="asked")
        key, together = sa.cast(asked.c.value, sa.BigInteger), sa.func.array_agg
    else:
        asked = sa.func.json_each(keys).table_valued("value", name="asked")
        key, together = asked.c.value, sa.func.json_group_array
    some = sa.select(owner).where(owner.table.c.key == key).limit(COMMON + 1)
    shared = some.correlate(asked).subquery("some")
    listed = sa.select(together(shared.c[owner.name])).scalar_subquery()
    found = sa.select(key.label("key"), listed.label("listed")).subquery("found")
    several = (
        sa.func.cardinality(found.c.listed) if dialect == "postgresql" else sa.func.instr(found.c.listed, ",")
    )
    least = 1 if dialect == "postgresql" else 0
    return sa.select(found.c.key, found.c.listed).where(several > least)


def _listed(contact_ids: Any) -> list[int]:
    return msgspec.json.decode(contact_ids) if isinstance(contact_ids, str) else list(contact_ids)
