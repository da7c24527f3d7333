"""Takes a merge back: the contact that was merged is there again, and both are as they were.

What came since then stays with the contact that it came to; `Unmerged` tells how much that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.model import DecisionRecord, EnrolmentState
from nurture.errors import NurtureError
from nurture.store import (
    consents,
    former_accounts,
    journey,
    merging_pairs,
    personal,
    records,
    schema,
    settling,
    turns,
)
from nurture.store.bulk import among, insert_rows, update_rows
from nurture.store.keeping import dumped, loaded
from nurture.store.merging_rows import DONE_ELSEWHERE, ELSEWHERE, WITH_TIMES, out_of_the_way

Row = dict[str, Any]

_SINCE = {
    "inbox": ("received_at", "records"),
    "signal": ("received_at", "signals"),
    "outbox": ("created_at", "mails"),
    "handover": ("created_at", "hand-overs"),
}
_MOMENTS = frozenset({"updated_at", "due_at", "wakes", "token", "lease_until", "attempts", "stuck"})
"""Columns that are set anew anyway, and tell of nobody."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """`contact_id` is a contact again, apart from `kept`. `stays` is what came since and is `kept`'s, by
    kind; `newer` are fields of `kept` that were changed since, and stay."""

    contact_id: int
    kept: int
    stays: Mapping[str, int]
    newer: tuple[str, ...]


def unmerge(connection: sa.Connection, former_id: int, now: datetime) -> Unmerged:
    """Takes the merge of `former_id` back, in this transaction, with a fixed number of statements.

    Raised when there was no such merge, or a later one has to be taken back first: NurtureError.
    """
    turns.publishing(connection)
    merge = _find(connection, former_id)
    kept_id, document = merge.contact_id, merge.kept
    settling.hold_handovers(connection, [kept_id])
    connection.execute(sa.select(schema.contact.c.id).where(schema.contact.c.id == kept_id).with_for_update())
    consents.hold(connection, [kept_id])
    stays = _since(connection, kept_id, merge.at)
    _stand_up(connection, former_id, document["gone"], now)
    newer = _restore_values(connection, kept_id, document, now)
    _restore_journey(connection, kept_id, document, now)
    _restore_consents(connection, kept_id, former_id, document, merge.at)
    _restore_preferences(connection, kept_id, former_id, document)
    _give_back(connection, kept_id, former_id, document, merge.at)
    lifted: dict[str, list[bytes]] = {}
    for digest, why in document["suppressed"]:
        lifted.setdefault(why, []).append(bytes.fromhex(digest))
    for why, hashes in lifted.items():
        consents.lift(connection, hashes, why)
    connection.execute(sa.delete(schema.former_contact).where(schema.former_contact.c.id == former_id))
    merging_pairs.PEOPLE.give_back(connection, kept_id, former_id, document, now)
    _tell(connection, former_id, kept_id, stays, now)
    journey.wake(connection, [former_id, kept_id], now)
    return Unmerged(former_id, kept_id, stays, newer)


def _find(connection: sa.Connection, former_id: int) -> Any:
    table = schema.former_contact
    row = connection.execute(sa.select(table).where(table.c.id == former_id).with_for_update()).one_or_none()
    if row is None:
        raise NurtureError(
            f"contact {former_id} was not merged into another one",
            hint="give the number that it had before; nurture explain NAME tells it",
        )
    first = row.kept["kept"]["contact"]["id"]
    if first != row.contact_id:
        raise NurtureError(
            f"contact {former_id} was merged into {first}, which was merged into {row.contact_id} since",
            hint=f"take that back first: nurture contacts unmerge {first}",
        )
    return row


def _since(connection: sa.Connection, contact_id: int, at: datetime) -> dict[str, int]:
    found = {}
    for name, (column, called) in _SINCE.items():
        table = personal.OF_PEOPLE[name]
        newer = sa.and_(table.c.contact_id == contact_id, table.c[column] > at)
        if n := connection.scalar(sa.select(sa.func.count()).select_from(table).where(newer)):
            found[called] = n
    return found


# --- the two of them --------------------------------------------------------------------------------


def _stand_up(connection: sa.Connection, former_id: int, gone: Mapping[str, Any], now: datetime) -> None:
    """The contact itself and its journey; its company only where that is still there."""
    (contact,) = loaded(schema.contact, [gone["contact"]])
    there = former_accounts.current_account(connection, contact["account_id"])
    _insert(connection, schema.contact, [{**contact, "account_id": there, "updated_at": now}])
    (stood,) = loaded(schema.journey, [gone["journey"]])
    free = {"token": None, "lease_until": None, "attempts": 0, "wakes": stood["wakes"] + 1}
    _insert(connection, schema.journey, [{**stood, **free}])
    assert contact["id"] == former_id


def _restore_values(
    connection: sa.Connection, kept_id: int, document: Mapping[str, Any], now: datetime
) -> tuple[str, ...]:
    """What the merge changed and nothing changed since is as before; answers with what is newer."""
    table = schema.contact
    before, merged = document["kept"]["contact"], document["merged"]["contact"]
    row = connection.execute(sa.select(table).where(table.c.id == kept_id)).mappings().one()
    current = dumped([dict(row)])[0]
    changed = [name for name in before.keys() & current.keys() - _MOMENTS if before[name] != merged[name]]
    newer = sorted(name for name in changed if current[name] != merged[name])
    values = {name: before[name] for name in changed if name not in newer}
    if "account_id" in values:
        values["account_id"] = former_accounts.current_account(connection, values["account_id"])
    (typed,) = loaded(table, [values])
    connection.execute(sa.update(table).where(table.c.id == kept_id).values(**typed, updated_at=now))
    return tuple(newer)


def _restore_journey(
    connection: sa.Connection, kept_id: int, document: Mapping[str, Any], now: datetime
) -> None:
    """Where it stood, unless it has gone on since; it is looked at anew, and nobody holds it."""
    table = schema.journey
    before, merged = document["kept"]["journey"], document["merged"]["journey"]
    row = connection.execute(sa.select(table).where(table.c.contact_id == kept_id).with_for_update())
    current = dumped([dict(row.mappings().one())])[0]
    standing = ("lifecycle", "stage", "stage_since", "recycle_at")
    unmoved = all(current[name] == merged[name] for name in standing)
    values = {name: before[name] for name in standing} if unmoved else {}
    (typed,) = loaded(table, [values])
    connection.execute(
        sa.update(table)
        .where(table.c.contact_id == kept_id)
        .values(**typed, token=None, lease_until=None, attempts=0, wakes=table.c.wakes + 1)
    )


def _restore_consents(
    connection: sa.Connection, kept_id: int, former_id: int, document: Mapping[str, Any], at: datetime
) -> None:
    """Each has their own words again; a no that came since is believed of both."""
    table = schema.consent
    query = sa.select(table).where(table.c.contact_id == kept_id)
    current = [dict(row) for row in connection.execute(query).mappings()]
    merged = {row["purpose"]: row for row in document["merged"]["consent"]}
    before = {row["purpose"]: row for row in loaded(table, document["kept"]["consent"])}
    theirs = {row["purpose"]: row for row in loaded(table, document["gone"]["consent"])}
    for row in current:
        purpose = row["purpose"]
        if dumped([row])[0] == merged.get(purpose):
            continue
        before[purpose] = row
        if not row["granted"] and row["at"] > at:
            theirs[purpose] = {**row, "contact_id": former_id}
    connection.execute(sa.delete(table).where(table.c.contact_id == kept_id))
    _insert(connection, table, [*before.values(), *theirs.values()])
    former = schema.former_consent
    gave_way = among(connection, former.c.id, document["former_consents"])
    connection.execute(sa.delete(former).where(gave_way))


def _restore_preferences(
    connection: sa.Connection, kept_id: int, former_id: int, document: Mapping[str, Any]
) -> None:
    table = schema.preference
    query = sa.select(table).where(table.c.contact_id == kept_id)
    current = [dict(row) for row in connection.execute(query).mappings()]
    if dumped(current) == document["merged"]["preference"]:
        current = loaded(table, document["kept"]["preference"])
    connection.execute(sa.delete(table).where(table.c.contact_id == kept_id))
    _insert(connection, table, [*current, *loaded(table, document["gone"]["preference"])])


# --- what hangs on them -----------------------------------------------------------------------------


def _give_back(
    connection: sa.Connection, kept_id: int, former_id: int, document: Mapping[str, Any], at: datetime
) -> None:
    moved: Mapping[str, Sequence[int]] = document["moved"]
    for name, ids in moved.items():
        # A table may have gone since, with a version of the program.
        if name in personal.OF_PEOPLE and name not in WITH_TIMES:
            table = personal.OF_PEOPLE[name]
            mine = sa.and_(among(connection, table.c.id, ids), table.c.contact_id == kept_id)
            connection.execute(sa.update(table).where(mine).values(contact_id=former_id))
    identity = schema.identity
    for row in document["gone"]["identity"]:
        same = sa.and_(identity.c.kind == row["kind"], identity.c.value == row["value"])
        mine = sa.and_(same, identity.c.contact_id == kept_id)
        connection.execute(sa.update(identity).where(mine).values(contact_id=former_id))
    changed = {
        name: loaded(personal.OF_PEOPLE[name], document["changed"].get(name, ())) for name in WITH_TIMES
    }
    places = _places(connection, kept_id, former_id, changed["enrolment"])
    for name in WITH_TIMES:
        times = {row["id"]: row["occurrence"] for row in changed[name]}
        if name != "enrolment":
            times |= _times_since(connection, personal.OF_PEOPLE[name], kept_id, moved, times, places)
        own = moved.get(name, ())
        _return_rows(connection, personal.OF_PEOPLE[name], own, former_id, times)
    _restore_places(connection, kept_id, changed["enrolment"], at)
    for name, reply in (("outbox", ELSEWHERE), ("errand", DONE_ELSEWHERE)):
        _release(connection, personal.OF_PEOPLE[name], changed[name], reply)


def _places(
    connection: sa.Connection, kept_id: int, former_id: int, before: Iterable[Row]
) -> dict[tuple[str, int], int]:
    """(Campaign, time as it is now) → the time that it was, for the enrolments that stay."""
    table = schema.enrolment
    was = {row["id"]: row for row in before if row["contact_id"] == kept_id}
    query = sa.select(table.c.id, table.c.campaign, table.c.occurrence)
    rows = connection.execute(query.where(among(connection, table.c.id, sorted(was))))
    return {(row.campaign, row.occurrence): was[row.id]["occurrence"] for row in rows}


def _times_since(
    connection: sa.Connection,
    table: sa.Table,
    kept_id: int,
    moved: Mapping[str, Sequence[int]],
    known: Mapping[int, int],
    places: Mapping[tuple[str, int], int],
) -> dict[int, int]:
    """The old times of rows that were added since: those of the enrolments that they came from."""
    if not places:
        return {}
    query = sa.select(table.c.id, table.c.campaign, table.c.occurrence)
    rows = connection.execute(query.where(table.c.contact_id == kept_id))
    passed = {*moved.get(table.name, ()), *known}
    return {
        row.id: places[row.campaign, row.occurrence]
        for row in rows
        if row.id not in passed and (row.campaign, row.occurrence) in places
    }


def _return_rows(
    connection: sa.Connection, table: sa.Table, own: Sequence[int], former_id: int, times: Mapping[int, int]
) -> None:
    listed = sorted(times.items())
    update_rows(connection, table, "id", ("occurrence",), out_of_the_way(listed))
    update_rows(connection, table, "id", ("contact_id",), [(id_, former_id) for id_ in own])
    update_rows(connection, table, "id", ("occurrence",), listed)


def _restore_places(connection: sa.Connection, kept_id: int, before: Sequence[Row], at: datetime) -> None:
    """Each goes on where they were; what was done since the merge is done for who stays.

    The place of theirs that went on meanwhile is where it is now.
    """
    table = schema.enrolment
    had = {(row["campaign"], step) for row in before for step in row["done"]}
    wanted = among(connection, table.c.id, sorted(row["id"] for row in before))
    current = {row.id: row for row in connection.execute(sa.select(table).where(wanted).order_by(table.c.id))}
    since: dict[str, list[str]] = {}
    for now in current.values():
        since.setdefault(now.campaign, []).extend(x for x in now.done if (now.campaign, x) not in had)
    rows = []
    for row in before:
        stays = row["contact_id"] == kept_id
        if stays and row["state"] != EnrolmentState.ACTIVE:
            continue
        now = current[row["id"]]
        place = row if not stays or now.ended_at == at else now._mapping
        done = list(dict.fromkeys([*row["done"], *(since[row["campaign"]] if stays else ())]))
        rows.append((row["id"], *(place[name] for name in ("state", "ended_at", "step", "since")), done))
    update_rows(connection, table, "id", ("state", "ended_at", "step", "since", "done"), rows)


def _release(connection: sa.Connection, table: sa.Table, before: Sequence[Row], reply: str) -> None:
    """What was held back because of the merge waits again."""
    rows = [(row["id"], row["state"], row["reply"]) for row in before if row["state"] == "ready"]
    update_rows(
        connection,
        table,
        "id",
        ("state", "reply"),
        rows,
        only_if=f"t.reply = '{reply}'",
        overrides={"done_at": "NULL"},
    )


def _tell(
    connection: sa.Connection, former_id: int, kept_id: int, stays: Mapping[str, int], now: datetime
) -> None:
    what = ", ".join(f"{n} {called}" for called, n in stays.items())
    came = f"; what came since stays with {kept_id} ({what})" if what else ""
    reason = f"contacts {kept_id} and {former_id} are two people after all{came}"
    evidence = {"kept": kept_id, "former_id": former_id}
    told = DecisionRecord("unmerged", reason, evidence=evidence)
    records.add_records(connection, [(kept_id, told), (former_id, told)], now)


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    if rows:
        names = tuple(rows[0])
        insert_rows(connection, table, names, [tuple(row[name] for name in names) for row in rows])
