"""The rows that merging two contacts reads and writes: all of a round at once.

Tables with rules of their own are read whole; of all others the rows are moved as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import DecisionRecord
from nurture.store import consents, merging_pairs, personal, records, schema
from nurture.store.bulk import among, insert_rows, repoint_rows, reserve_ids, update_rows
from nurture.store.merging_rounds import Merging

Row = dict[str, Any]

TABLES_OF_ITS_OWN = frozenset(
    {"contact", "journey", "consent", "preference", "identity", "match_key", "review"}
)
"""Tables of people with rules of their own; of all others the rows are simply moved, by their `id`."""

LEFT_BEHIND = frozenset({"lookup"})
"""What goes with the contact: enrichers are asked about the other one anyway."""

WITH_TIMES = ("enrolment", "outbox", "errand")
"""Tables whose rows are numbered by how often somebody was in a campaign."""

OF_THE_PERSON = ("asked for no mail at all", "complained", "erased on request")
"""Why an address is suppressed that tells of whoever reads it, and not of the address."""

ELSEWHERE = "the same mail had gone, or goes, to the contact that this one was merged with"
DONE_ELSEWHERE = "done already for the contact that this one was merged with"

Hash = Callable[[str], bytes]


@dataclass(slots=True)
class Both:
    """All rows of the contacts of one round: those that change, and of all others the ids by owner."""

    contact: Mapping[int, Row]
    journey: Mapping[int, Row]
    consent: Mapping[int, list[Row]]
    preference: Mapping[int, list[Row]]
    identity: Mapping[int, list[Row]]
    numbered: Mapping[str, Mapping[int, list[Row]]]
    others: Mapping[str, Mapping[int, list[int]]]


@dataclass(slots=True)
class Work:
    """What one round writes."""

    contacts: list[Row] = field(default_factory=list)
    journeys: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    former_consents: list[tuple[Row, Row]] = field(default_factory=list)
    preferences: list[Row] = field(default_factory=list)
    enrolments: list[Row] = field(default_factory=list)
    times: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    withheld: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    kept: list[tuple[Merging, Row]] = field(default_factory=list)


def moved_tables() -> list[sa.Table]:
    """The tables whose rows go to the other contact as they are."""
    names = personal.OF_PEOPLE.keys() - TABLES_OF_ITS_OWN - LEFT_BEHIND
    return [personal.OF_PEOPLE[name] for name in sorted(names) if "contact_id" in personal.OF_PEOPLE[name].c]


# --- gathering --------------------------------------------------------------------------------------


def gather(connection: sa.Connection, ids: Sequence[int]) -> Both:
    numbered = {name: _rows(connection, personal.OF_PEOPLE[name], ids) for name in WITH_TIMES}
    others = {
        table.name: _ids(connection, table, ids) for table in moved_tables() if table.name not in WITH_TIMES
    }
    one_each = {
        table.name: {id_: rows[0] for id_, rows in _rows(connection, table, ids).items()}
        for table in (schema.contact, schema.journey)
    }
    return Both(
        contact=one_each["contact"],
        journey=one_each["journey"],
        consent=_rows(connection, schema.consent, ids),
        preference=_rows(connection, schema.preference, ids),
        identity=_rows(connection, schema.identity, ids),
        numbered=numbered,
        others=others,
    )


def _rows(connection: sa.Connection, table: sa.Table, ids: Sequence[int]) -> dict[int, list[Row]]:
    column = table.c.id if table is schema.contact else table.c.contact_id
    # Along the index by contact, for the whole round at once.
    query = sa.select(table).where(among(connection, column, ids)).order_by(*table.primary_key.columns)
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row[column.name]].append(dict(row))
    return found


def _ids(connection: sa.Connection, table: sa.Table, ids: Sequence[int]) -> dict[int, list[int]]:
    query = sa.select(table.c.contact_id, table.c.id).where(among(connection, table.c.contact_id, ids))
    found: dict[int, list[int]] = defaultdict(list)
    for contact_id, id_ in connection.execute(query.order_by(table.c.id)):
        found[contact_id].append(id_)
    return found


# --- writing ----------------------------------------------------------------------------------------


def write(connection: sa.Connection, work: Work, both: Both, now: datetime) -> None:
    into = {one.gone: one.kept for one, _ in work.kept}
    ids = sorted({*into, *into.values()})
    _take_back(connection, ids)
    for name in WITH_TIMES:
        renumber(connection, personal.OF_PEOPLE[name], _all_times(name, work), into)
    _replace(connection, schema.enrolment, work.enrolments, ("state", "ended_at", "done"))
    _withhold(connection, work, now)
    for name, by_owner in both.others.items():
        rows = [(id_, kept) for gone, kept in into.items() for id_ in by_owner.get(gone, ())]
        update_rows(connection, personal.OF_PEOPLE[name], "id", ("contact_id",), rows)
    _rewrite(connection, schema.consent, ids, work.consents)
    _rewrite(connection, schema.preference, ids, work.preferences)
    _insert(connection, schema.former_consent, _with_ids(connection, work))
    owned = [{**row, "contact_id": kept} for gone, kept in into.items() for row in both.identity[gone]]
    connection.execute(
        sa.delete(schema.identity).where(among(connection, schema.identity.c.contact_id, sorted(into)))
    )
    _insert(connection, schema.identity, owned)
    _replace(connection, schema.contact, work.contacts, _but(schema.contact, "id"))
    _replace(connection, schema.journey, work.journeys, _but(schema.journey, "contact_id"), "contact_id")
    merging_pairs.PEOPLE.carry(connection, {(one.gone, one.kept): document for one, document in work.kept})
    _keep(connection, work, now)
    # What is left of them hangs on the contact (ON DELETE CASCADE).
    connection.execute(sa.delete(schema.contact).where(among(connection, schema.contact.c.id, sorted(into))))


def _with_ids(connection: sa.Connection, work: Work) -> list[Row]:
    """The statements that gave way, with ids by which they are found again."""
    ids = reserve_ids(connection, schema.former_consent, len(work.former_consents))
    rows = []
    for id_, (document, row) in zip(ids, work.former_consents, strict=True):
        document["former_consents"].append(id_)
        rows.append({"id": id_, **row})
    return rows


def _all_times(name: str, work: Work) -> Sequence[tuple[int, int]]:
    if name == "enrolment":
        return [(row["id"], row["occurrence"]) for row in work.enrolments]
    return work.times[name]


def renumber(
    connection: sa.Connection, table: sa.Table, times: Sequence[tuple[int, int]], into: Mapping[int, int]
) -> None:
    """Gives rows their new times, and their new owners.

    By way of numbers that nobody has: whoever swaps two would have both at the same for a moment.
    """
    update_rows(connection, table, "id", ("occurrence",), out_of_the_way(times))
    repoint_rows(connection, table, "contact_id", [*into.items()])
    update_rows(connection, table, "id", ("occurrence",), times)


def out_of_the_way(times: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same rows with numbers that nobody else has."""
    return [(id_, -n) for n, (id_, _) in enumerate(times, start=1)]


def _take_back(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Whoever is about to send or decide for one of them finds that it does not hold them any more."""
    outbox, journey = schema.outbox, schema.journey
    mine = sa.and_(among(connection, outbox.c.contact_id, ids), outbox.c.state == "claimed")
    connection.execute(sa.update(outbox).where(mine).values(state="ready", token=None, lease_until=None))
    held = sa.select(journey.c.contact_id).where(among(connection, journey.c.contact_id, ids))
    connection.execute(held.order_by(journey.c.contact_id).with_for_update())


def _withhold(connection: sa.Connection, work: Work, now: datetime) -> None:
    for name, state, reply in (("outbox", "withheld", ELSEWHERE), ("errand", "done", DONE_ELSEWHERE)):
        rows = [(id_, state, reply, now) for id_ in work.withheld[name]]
        update_rows(connection, personal.OF_PEOPLE[name], "id", ("state", "reply", "done_at"), rows)


def suppress(connection: sa.Connection, work: Work, both: Both, address_hash: Hash, now: datetime) -> None:
    """Who wanted no mail at all at one address gets none at their others either."""
    hashes: dict[int, set[bytes]] = {}
    for one, _ in work.kept:
        rows = [both.contact[id_] for id_ in (one.gone, one.kept)]
        owned = [row for id_ in (one.gone, one.kept) for row in both.identity[id_]]
        emails = {row["email"] for row in rows} | {row["value"] for row in owned if row["kind"] == "email"}
        hashes[one.gone] = {address_hash(email) for email in emails if email}
    table = schema.suppression
    every = sorted(set().union(*hashes.values()))
    found: dict[bytes, str] = {}
    for some in _portions(every):
        query = sa.select(table.c.address_hash, table.c.reason).where(table.c.address_hash.in_(some))
        found |= {bytes(row.address_hash): row.reason for row in connection.execute(query)}
    new: dict[bytes, str] = {}
    for one, kept in work.kept:
        theirs = hashes[one.gone]
        why = next((found[each] for each in sorted(theirs) if found.get(each) in OF_THE_PERSON), None)
        if why is not None:
            added = sorted(theirs - found.keys())
            new |= dict.fromkeys(added, why)
            kept["suppressed"] = [[each.hex(), why] for each in added]
    consents.suppress_all(connection, new, now)


def _portions(values: Sequence[bytes], size: int = 10_000) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _keep(connection: sa.Connection, work: Work, now: datetime) -> None:
    columns = ("id", "contact_id", "matched_by", "score", "reasons", "kept", "at")
    rows = [
        (one.gone, one.kept, one.matched_by, one.score, list(one.reasons), kept, now)
        for one, kept in work.kept
    ]
    insert_rows(connection, schema.former_contact, columns, rows)
    records.add_records(connection, [(one.kept, _record(one, kept)) for one, kept in work.kept], now)


def _record(one: Merging, kept: Row) -> DecisionRecord:
    who = kept["gone"]["contact"]
    called = ", ".join(str(who[name]) for name in ("name", "email", "phone") if who[name])
    why = f": {'; '.join(one.reasons)}" if one.reasons else ""
    evidence = {"former_id": one.gone, "score": one.score}
    reason = f"contact {one.gone} ({called}) is the same person{why}"
    return DecisionRecord("merged", reason, rule=one.matched_by, evidence=evidence)


def _rewrite(connection: sa.Connection, table: sa.Table, ids: Sequence[int], rows: Sequence[Row]) -> None:
    connection.execute(sa.delete(table).where(among(connection, table.c.contact_id, ids)))
    _insert(connection, table, rows)


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    if rows:
        names = tuple(rows[0])
        insert_rows(connection, table, names, [tuple(row[name] for name in names) for row in rows])


def _replace(
    connection: sa.Connection,
    table: sa.Table,
    rows: Sequence[Row],
    columns: Sequence[str],
    key: str = "id",
) -> None:
    values = [(row[key], *(row[name] for name in columns)) for row in rows]
    update_rows(connection, table, key, columns, values)


def _but(table: sa.Table, *names: str) -> tuple[str, ...]:
    return tuple(column.name for column in table.c if column.name not in names)
