"""The keys by which people are found who may be the same: written and looked up for whole batches."""

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
"""A key that more people share says nothing: whoever has it is not compared with them."""

match_key = schema.match_key


def add(connection: sa.Connection, keys: Iterable[tuple[int, int]]) -> None:
    """Stores (key, contact id) of people who have none yet."""
    # In the order of the keys, so that a page of the index is written once for all of a batch.
    insert_rows(connection, match_key, ("key", "contact_id"), sorted(keys))


def remove(connection: sa.Connection, contact_ids: Sequence[int]) -> None:
    """Forgets by what these people are found."""
    connection.execute(sa.delete(match_key).where(among(connection, match_key.c.contact_id, contact_ids)))


def of(connection: sa.Connection, contact_ids: Sequence[int]) -> dict[int, set[int]]:
    """The keys of these people."""
    wanted = among(connection, match_key.c.contact_id, contact_ids)
    found: dict[int, set[int]] = {}
    for key, contact_id in connection.execute(
        sa.select(match_key.c.key, match_key.c.contact_id).where(wanted)
    ):
        found.setdefault(contact_id, set()).add(key)
    return found


def without(connection: sa.Connection, after: int, limit: int) -> list[int]:
    """Contacts behind the id `after` that cannot be found by any key, in the order of their ids."""
    contact = schema.contact
    lacks = ~sa.exists().where(match_key.c.contact_id == contact.c.id)
    wanted = sa.select(contact.c.id).where(contact.c.id > after, lacks).order_by(contact.c.id).limit(limit)
    return list(connection.scalars(wanted))


def holders(connection: sa.Connection, keys: Collection[int]) -> dict[int, list[int]]:
    """Key → the contacts that share it; keys of one alone, and those that are `COMMON`, are left out."""
    if not keys:
        return {}
    rows = connection.execute(_lookup(connection.dialect.name), {"keys": encode_json(sorted(keys))})
    found = ((key, _listed(contact_ids)) for key, contact_ids in rows)
    return {key: contact_ids for key, contact_ids in found if len(contact_ids) <= COMMON}


@cache
def _lookup(dialect: str) -> sa.Select[Any]:
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
    some = sa.select(match_key.c.contact_id).where(match_key.c.key == key).limit(COMMON + 1)
    shared = some.correlate(asked).subquery("some")
    listed = sa.select(together(shared.c.contact_id)).scalar_subquery()
    found = sa.select(key.label("key"), listed.label("listed")).subquery("found")
    several = (
        sa.func.cardinality(found.c.listed) if dialect == "postgresql" else sa.func.instr(found.c.listed, ",")
    )
    least = 1 if dialect == "postgresql" else 0
    return sa.select(found.c.key, found.c.listed).where(several > least)


def _listed(contact_ids: Any) -> list[int]:
    return msgspec.json.decode(contact_ids) if isinstance(contact_ids, str) else list(contact_ids)
