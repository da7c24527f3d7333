"""Decision records: why things were decided, each kept in a few bytes; the only place that knows how.

What thousands of records have in common stands once, in `ground`: the rule, the version, the step, and the
reason too where it is the same for many. A record is then a person, a moment and the number of a ground. What
is said of one person alone stands in their own record, and is deleted with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.model import DecisionRecord, Value
from nurture.store import schema
from nurture.store.bulk import among, chunks, insert_rows
from nurture.store.types import encode_json

SHARED_BY = 20
"""A reason stands in a ground once it was given to so many people: by then it tells of none of them."""

THE_PLANS_WORDS = frozenset(
    {
        *("sent", "not_sent", "split", "done", "not_done", "not_waited", "timed_out", "track_ended"),
        *("stopped", "not_enrolled", "not_handed_over"),
    }
)
"""What is decided with words that only the campaign has chosen: they stand in a ground from the first on."""

_MOST_MET = 2_000
"""So many reasons are counted by person; then the count begins anew, so that memory stays flat."""

_DIGESTS_AT_ONCE = 1_000
_MADE_IN = "nurture_grounds_made_in"

decision, ground = schema.decision, schema.ground


@dataclass(frozen=True, slots=True)
class Told:
    """A record with its person and its moment."""

    contact_id: int
    at: datetime
    record: DecisionRecord


def told(
    connection: sa.Connection, contact_ids: Sequence[int], whats: Collection[str] = ()
) -> Iterator[Told]:
    """The records of these contacts, as they were kept one after the other; of all kinds, or of some."""
    wanted = [among(connection, decision.c.contact_id, contact_ids)]
    wanted += [ground.c.what.in_(whats)] if whats else []
    # Along the index by contact; grounds are few and stay in the database's memory.
    rows = connection.execute(
        sa.select(decision, *(ground.c[name] for name in Ground._fields))
        .join(ground, ground.c.id == decision.c.ground_id)
        .where(*wanted)
        .order_by(decision.c.id)
    )
    return map(_told, rows)


def count(connection: sa.Connection) -> int:
    """How many records there are, in one pass."""
    return connection.scalar(sa.select(sa.func.count()).select_from(decision)) or 0


def people_by_what(connection: sa.Connection) -> Mapping[str, int]:
    """What was decided → for how many people, at least once."""
    # One pass, grouped in the database, so that only the figures travel.
    query = (
        sa.select(ground.c.what, sa.func.count(decision.c.contact_id.distinct()))
        .join(ground, ground.c.id == decision.c.ground_id)
        .group_by(ground.c.what)
        .order_by(ground.c.what)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def add_records(
    connection: sa.Connection, records: Sequence[tuple[int, DecisionRecord]], at: datetime
) -> None:
    """Keeps why things were decided; each record goes with its contact's id.

    One insert for all of them; grounds that are new to this process are looked up, or made, together.
    """
    if not records:
        return
    wholes = [_whole(record) for _, record in records]
    placed = _book_of(connection.engine).place(
        connection, zip((contact_id for contact_id, _ in records), wholes, strict=True)
    )
    rows = (
        (contact_id, at, record.next_at, ground_id, _said(record) if apart else None)
        for (contact_id, record), (ground_id, apart) in zip(
            records, (placed[whole] for whole in wholes), strict=True
        )
    )
    insert_rows(connection, decision, ("contact_id", "at", "next_at", "ground_id", "said"), rows)


# --- grounds ----------------------------------------------------------------------------------------


class Ground(NamedTuple):
    """What records have in common. `reason` None: each record says its own, and its own evidence.

    `evidence` is JSON: a ground is looked up by its values.
    """

    what: str
    campaign: str | None
    version: str | None
    step: str | None
    rule: str | None
    reason: str | None
    evidence: str | None

    @property
    def digest(self) -> bytes:
        """By what the database tells grounds apart: a rule can be longer than an index takes."""
        return sha256(encode_json(self).encode()).digest()[:16]

    @property
    def bare(self) -> Ground:
        return self._replace(reason=None, evidence=None)


class _Book:
    """The grounds of one database that this process knows, and who has been given the reasons of others."""

    def __init__(self) -> None:
        self._ids: dict[Ground, int] = {}
        self._met: dict[Ground, set[int]] = {}

    def place(
        self, connection: sa.Connection, wholes: Iterable[tuple[int, Ground]]
    ) -> Mapping[Ground, tuple[int, bool]]:
        """Whole ground → the id of the one to refer to, and whether the record must say its reason itself."""
        people: dict[Ground, set[int]] = {}
        for contact_id, whole in wholes:
            people.setdefault(whole, set()).add(contact_id)
        ids = {whole: self._ids[whole] for whole in people if whole in self._ids}
        fresh = [whole for whole in people if whole not in ids]
        if fresh:
            # Those met before were asked for then: whoever shares them since has its own count.
            ids |= self._look_up(connection, [whole for whole in fresh if whole not in self._met])
            fresh = [whole for whole in fresh if whole not in ids]
        wanted = {whole: whole if self._is_shared(whole, people[whole]) else whole.bare for whole in fresh}
        ids |= {each: self._ids[each] for each in wanted.values() if each in self._ids}
        missing = {each for each in wanted.values() if each not in ids}
        if missing:
            ids |= self._make(connection, missing)
        return {whole: (ids[wanted.get(whole, whole)], wanted.get(whole, whole) != whole) for whole in people}

    def _is_shared(self, whole: Ground, people: set[int]) -> bool:
        if whole.what in THE_PLANS_WORDS:
            return True
        if len(self._met) >= _MOST_MET:
            self._met.clear()
        met = self._met.setdefault(whole, set())
        met |= people
        return len(met) >= SHARED_BY

    def _make(self, connection: sa.Connection, missing: Collection[Ground]) -> dict[Ground, int]:
        """Their ids, whoever makes them first. Another worker that has just made one is waited for."""
        found = self._look_up(connection, missing)
        rows = [
            {**each._asdict(), "digest": each.digest, "evidence": _decoded(each.evidence)}
            for each in missing
            if each not in found
        ]
        if not rows:
            return found
        connection.info[_MADE_IN] = connection.get_transaction()
        # In one order, so that two workers never wait for each other.
        rows.sort(key=lambda row: row["digest"])
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        connection.execute(insert(ground).on_conflict_do_nothing(index_elements=["digest"]), rows)
        return found | self._look_up(connection, [each for each in missing if each not in found])

    def _look_up(self, connection: sa.Connection, wanted: Iterable[Ground]) -> dict[Ground, int]:
        digests = {each.digest: each for each in wanted}
        found: dict[Ground, int] = {}
        for some in chunks(list(digests), _DIGESTS_AT_ONCE):
            rows = connection.execute(
                sa.select(ground.c.digest, ground.c.id).where(ground.c.digest.in_(some))
            )
            found |= {digests[bytes(digest)]: id_ for digest, id_ in rows}
        if connection.info.get(_MADE_IN) is not connection.get_transaction():
            # What this transaction makes itself is remembered by a later one, when it is sure to stay.
            self._ids |= found
        return found


_books: WeakKeyDictionary[sa.Engine, _Book] = WeakKeyDictionary()


def _book_of(engine: sa.Engine) -> _Book:
    return _books.setdefault(engine, _Book())


# --- to and fro -------------------------------------------------------------------------------------


def _whole(record: DecisionRecord) -> Ground:
    evidence = encode_json(dict(record.evidence)) if record.evidence else None
    return Ground(
        record.what, record.campaign, record.version, record.step, record.rule, record.reason, evidence
    )


def _said(record: DecisionRecord) -> list[Any]:
    return [record.reason, dict(record.evidence) or None]


def _told(row: sa.Row[Any]) -> Told:
    reason, evidence = (row.reason, row.evidence) if row.said is None else row.said
    record = DecisionRecord(
        what=row.what,
        reason=reason,
        campaign=row.campaign,
        version=row.version,
        step=row.step,
        rule=row.rule,
        evidence={name: _value(value) for name, value in (evidence or {}).items()},
        next_at=row.next_at,
    )
    return Told(row.contact_id, row.at, record)


def _value(value: Any) -> Value:
    return tuple(_value(each) for each in value) if isinstance(value, list) else value


def _decoded(evidence: str | None) -> Any:
    return None if evidence is None else msgspec.json.decode(evidence)
