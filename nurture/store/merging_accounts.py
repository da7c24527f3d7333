"""Merges accounts: everybody of the one works for the other, and what it was is kept, to undo it by.

`merge_accounts` is the way in. The number of statements depends neither on the accounts nor on their people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.merging_accounts import merged_account
from nurture.core.model import DecisionRecord
from nurture.errors import NurtureError
from nurture.store import former_accounts, inbox, journey, records, schema, turns
from nurture.store.bulk import among, insert_rows, repoint_rows, update_rows
from nurture.store.keeping import dumped
from nurture.store.merging_pairs import ACCOUNTS
from nurture.store.merging_rounds import Merging, take_round

account, contact, picture, former = (
    *(schema.account, schema.contact, schema.account_picture, schema.former_account),
)
Row = dict[str, Any]

BY_LIKENESS, BY_HAND = "likeness", "hand"
"""Why two accounts were merged: they have one domain, or a person said so."""

_ACCOUNT = tuple(column.name for column in account.c if column.name != "id")


@dataclass(frozen=True, slots=True)
class Joined:
    """What was merged, and who came along."""

    joining: Merging
    contacts: tuple[int, ...]


def merge_accounts(connection: sa.Connection, wanted: Sequence[Merging], now: datetime) -> list[Joined]:
    """Merges each `gone` into its `kept`, in this transaction; answers with what was done.

    An account that was merged before counts as the one that it is now. Two that are one already, and accounts
    that are not there, are passed over. `unmerging_accounts.unmerge_account` takes it back.
    """
    hold(connection)
    done: list[Joined] = []
    waiting = list(wanted)
    while waiting:
        ids = {id_ for one in waiting for id_ in (one.gone, one.kept)}
        known = former_accounts.now_known_as(connection, ids)
        rows = _rows(connection, {known.get(id_, id_) for id_ in ids})
        taking, waiting = take_round(waiting, known, rows.keys())
        done += _merge(connection, taking, rows, now) if taking else []
    return done


def merge_one_account(connection: sa.Connection, one: Merging, now: datetime) -> Joined:
    """Merges two accounts. Raised when they are one already, or one is not there: NurtureError."""
    known = former_accounts.now_known_as(connection, [one.gone, one.kept])
    gone, kept = (known.get(id_, id_) for id_ in (one.gone, one.kept))
    if gone == kept:
        raise NurtureError(f"accounts {one.gone} and {one.kept} are one and the same already")
    done = merge_accounts(connection, [one], now)
    if not done:
        raise NurtureError(
            f"accounts {one.gone} and {one.kept} cannot be merged: one of them is not there",
            hint="nurture accounts show NAME finds the id of an account",
        )
    return done[0]


def hold(connection: sa.Connection) -> None:
    """Until the commit nobody else gives people to accounts, or judges what their people do."""
    inbox.take_turn(connection)
    turns.publishing(connection)


def _rows(connection: sa.Connection, ids: Collection[int]) -> dict[int, Row]:
    query = sa.select(account).where(among(connection, account.c.id, sorted(ids))).order_by(account.c.id)
    return {row["id"]: dict(row) for row in connection.execute(query.with_for_update()).mappings()}


def _merge(
    connection: sa.Connection, taking: Sequence[Merging], rows: Mapping[int, Row], now: datetime
) -> list[Joined]:
    into = {one.gone: one.kept for one in taking}
    people = _by_account(connection, contact, into)
    formers = _by_account(connection, former, into)
    pictures = _pictures(connection, into)
    merged = {one.kept: merged_account(rows[one.kept], rows[one.gone], now) for one in taking}
    documents: dict[tuple[int, int], Row] = {}
    for one in taking:
        gone, kept, became = dumped([rows[one.gone], rows[one.kept], merged[one.kept]])
        documents[one.gone, one.kept] = {
            "gone": gone,
            "kept": kept,
            "merged": became,
            "contacts": people[one.gone],
            "formers": formers[one.gone],
            "pictures": dumped(pictures[one.gone]),
        }
    repoint_rows(connection, contact, "account_id", [*into.items()])
    _keep_old_pictures(connection, [*into.items()])
    ACCOUNTS.carry(connection, documents)
    _keep(connection, taking, rows, documents, now)
    # First the other one goes, since no two accounts have one domain. Its pictures hang on it.
    connection.execute(sa.delete(account).where(among(connection, account.c.id, sorted(into))))
    values = [(id_, *(row[name] for name in _ACCOUNT)) for id_, row in merged.items()]
    update_rows(connection, account, "id", _ACCOUNT, values)
    _tell(connection, taking, rows, people, now)
    journey.wake_accounts(connection, into.values(), now)
    return [Joined(one, tuple(people[one.gone])) for one in taking]


def _by_account(connection: sa.Connection, table: sa.Table, into: Mapping[int, int]) -> dict[int, list[int]]:
    """The ids of what hangs on those that go."""
    wanted = among(connection, table.c.account_id, sorted(into))
    query = sa.select(table.c.account_id, table.c.id).where(wanted).order_by(table.c.id)
    found: dict[int, list[int]] = defaultdict(list)
    for account_id, id_ in connection.execute(query):
        found[account_id].append(id_)
    return found


def _pictures(connection: sa.Connection, into: Mapping[int, int]) -> dict[int, list[Row]]:
    query = sa.select(picture).where(among(connection, picture.c.account_id, sorted(into)))
    found: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(query.order_by(picture.c.account_id, picture.c.rule)).mappings():
        found[row["account_id"]].append(dict(row))
    return found


def _keep_old_pictures(connection: sa.Connection, into: Sequence[tuple[int, int]]) -> None:
    """What the other one completed is not news: of rules that the one that stays has not completed."""
    has = "EXISTS (SELECT 1 FROM account_picture AS h WHERE h.account_id = {to} AND h.rule = t.rule)"
    repoint_rows(connection, picture, "account_id", into, only_if=f"NOT {has}")


def _keep(
    connection: sa.Connection,
    taking: Sequence[Merging],
    rows: Mapping[int, Row],
    documents: Mapping[tuple[int, int], Row],
    now: datetime,
) -> None:
    # What had become part of the other one is part of this one now.
    repoint_rows(connection, former, "account_id", [(one.gone, one.kept) for one in taking])
    names = ("name", "name_key", "domain")
    columns = ("id", "account_id", *names, "matched_by", "score", "reasons", "kept", "at")
    kept = [
        (
            *(one.gone, one.kept, *(rows[one.gone][name] for name in names), one.matched_by, one.score),
            *(list(one.reasons), documents[one.gone, one.kept], now),
        )
        for one in taking
    ]
    insert_rows(connection, former, columns, kept)


def _tell(
    connection: sa.Connection,
    taking: Sequence[Merging],
    rows: Mapping[int, Row],
    people: Mapping[int, Sequence[int]],
    now: datetime,
) -> None:
    told = []
    for one in taking:
        why = f": {'; '.join(one.reasons)}" if one.reasons else ""
        same = f"{called(rows[one.gone])} is the same company as {called(rows[one.kept])}{why}"
        evidence = {"former_account": one.gone, "account": one.kept, "score": one.score}
        record = DecisionRecord("account_merged", same, rule=one.matched_by, evidence=evidence)
        told += [(contact_id, record) for contact_id in people[one.gone]]
    records.add_records(connection, told, now)


def called(row: Mapping[str, Any]) -> str:
    """What to call an account: with its number, since two of one name are told apart by it."""
    known = ", ".join(str(row[name]) for name in ("name", "domain") if row[name])
    return f"account {row['id']} ({known})" if known else f"account {row['id']}"
