"""Takes a merge of accounts back: the account is there again, and everybody works where they worked.

Who came since goes where their address says, and stays where it says nothing; `Parted` tells of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.merging_accounts import parted_account
from nurture.core.model import DecisionRecord
from nurture.errors import NurtureError
from nurture.store import journey, records, schema
from nurture.store.bulk import among, insert_rows, update_rows
from nurture.store.keeping import loaded
from nurture.store.merging_accounts import called, hold
from nurture.store.merging_pairs import ACCOUNTS

account, contact, picture, former = (
    *(schema.account, schema.contact, schema.account_picture, schema.former_account),
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parted:
    """`account_id` is an account again, apart from `kept`, with as many `people`. `stays` came since and are
    `kept`'s; `newer` are fields of `kept` that were changed since, and stay."""

    account_id: int
    kept: int
    people: int
    stays: int
    newer: tuple[str, ...]


def unmerge_account(connection: sa.Connection, former_id: int, now: datetime) -> Parted:
    """Takes the merge of `former_id` back, in this transaction, with a fixed number of statements.

    Raised when there was no such merge, or a later one has to be taken back first: NurtureError.
    """
    hold(connection)
    merge = _find(connection, former_id)
    kept_id, document = merge.account_id, merge.kept
    (was,) = loaded(account, [document["gone"]])
    newer = _restore_values(connection, kept_id, document, now)
    insert_rows(connection, account, tuple(was), [tuple({**was, "updated_at": now}.values())])
    moved = _give_back(connection, kept_id, was, document["contacts"], merge.at)
    earlier = among(connection, former.c.id, document["formers"])
    connection.execute(sa.update(former).where(earlier).values(account_id=former_id))
    _restore_pictures(connection, kept_id, loaded(picture, document["pictures"]))
    connection.execute(sa.delete(former).where(former.c.id == former_id))
    ACCOUNTS.give_back(connection, kept_id, former_id, document, now)
    stays = connection.scalar(
        sa.select(sa.func.count()).where(contact.c.account_id == kept_id, contact.c.created_at > merge.at)
    )
    _tell(connection, was, kept_id, moved, now)
    journey.wake_accounts(connection, [kept_id, former_id], now)
    return Parted(former_id, kept_id, len(moved), stays or 0, tuple(newer))


def _find(connection: sa.Connection, former_id: int) -> Any:
    row = connection.execute(sa.select(former).where(former.c.id == former_id)).one_or_none()
    if row is None:
        raise NurtureError(
            f"account {former_id} was not merged into another one",
            hint="give the number that it had before; nurture accounts show NAME tells it",
        )
    first = row.kept["kept"]["id"]
    if first != row.account_id:
        raise NurtureError(
            f"account {former_id} was merged into {first}, which was merged into {row.account_id} since",
            hint=f"take that back first: nurture accounts unmerge {first}",
        )
    return row


def _restore_values(
    connection: sa.Connection, kept_id: int, document: Mapping[str, Any], now: datetime
) -> list[str]:
    query = sa.select(account).where(account.c.id == kept_id).with_for_update()
    now_is = dict(connection.execute(query).mappings().one())
    before, merged = loaded(account, [document["kept"], document["merged"]])
    parted, newer = parted_account(now_is, before, merged, now)
    columns = tuple(column.name for column in account.c if column.name != "id")
    update_rows(connection, account, "id", columns, [(kept_id, *(parted[name] for name in columns))])
    return newer


def _give_back(
    connection: sa.Connection, kept_id: int, was: Row, contacts: Sequence[int], at: datetime
) -> list[int]:
    """Who was moved and is still there, and who came since from the other one's domain."""
    theirs = among(connection, contact.c.id, contacts)
    if was["domain"]:
        from_there = contact.c.email.iendswith(f"@{was['domain']}", autoescape=True)
        theirs = sa.or_(theirs, sa.and_(contact.c.created_at > at, from_there))
    # Along the index by account: the people of one company, whoever of them it is.
    moving = sa.update(contact).where(contact.c.account_id == kept_id, theirs).values(account_id=was["id"])
    return sorted(connection.scalars(moving.returning(contact.c.id)))


def _restore_pictures(connection: sa.Connection, kept_id: int, before: Sequence[Row]) -> None:
    """What the other one had completed is its own again; what both complete now is reckoned anew."""
    rules = [row["rule"] for row in before]
    borrowed = sa.tuple_(picture.c.rule, picture.c.signal_id).in_(
        [(row["rule"], row["signal_id"]) for row in before]
    )
    if rules:
        connection.execute(sa.delete(picture).where(picture.c.account_id == kept_id, borrowed))
    names = tuple(column.name for column in picture.c)
    insert_rows(connection, picture, names, [tuple(row[name] for name in names) for row in before])


def _tell(connection: sa.Connection, was: Row, kept_id: int, moved: Sequence[int], now: datetime) -> None:
    reason = f"{called(was)} is a company of its own after all, apart from account {kept_id}"
    record = DecisionRecord("account_unmerged", reason, evidence={"account": was["id"], "former": kept_id})
    records.add_records(connection, [(contact_id, record) for contact_id in moved], now)
