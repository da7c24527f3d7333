"""What each relay, and each domain with a limit or in trouble, has had; shared by all who send.

A use is read and written back in one transaction that holds its row, so that two workers never give out the
same allowance. Names are `relay:NAME` and `domain:NAME`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.throttle import Tally, Use
from nurture.store import schema
from nurture.store.leases import give_up_leases

throttle, relay_hour = schema.throttle, schema.relay_hour

_FIELDS = ("day", "day_used", "minute", "minute_used", "rest_until", "strikes", "paused_why")
_USES = sa.select(throttle.c.name, *(throttle.c[name] for name in _FIELDS))
_COUNTS = ("tried", "blocked", "complained")
_REPLACED = "replaced"
_ADDED = "added"
_RELAY, _DOMAIN = "relay:", "domain:"


def relay_key(name: str) -> str:
    """The row of a relay."""
    return _RELAY + name


def domain_key(name: str) -> str:
    """The row of a domain of recipients."""
    return _DOMAIN + name


def uses(connection: sa.Connection, names: Collection[str]) -> dict[str, Use]:
    """The uses of `names`; one that was never written is a new one."""
    return _read(connection, names, _USES.where(throttle.c.name.in_(sorted(names))))


def held(connection: sa.Connection, names: Collection[str]) -> dict[str, Use]:
    """The uses of `names`, which nobody else changes before this transaction ends."""
    _make(connection, names)
    # In the order of names, so that two who hold several never wait for each other.
    statement = _USES.where(throttle.c.name.in_(sorted(names))).order_by(throttle.c.name)
    return _read(connection, names, statement.with_for_update())


def keep(connection: sa.Connection, changed: Mapping[str, Use]) -> None:
    """Writes held uses back: two rows or two hundred, one statement."""
    rows = [
        {"name": name, **{field: getattr(use, field) for field in _FIELDS}}
        for name, use in sorted(changed.items())
    ]
    if rows:
        _upsert(connection, throttle, rows, dict.fromkeys(_FIELDS, _REPLACED))


def troubled(connection: sa.Connection, domains: Collection[str]) -> dict[str, Use]:
    """The uses of those among `domains` that had trouble at the last attempt, by domain."""
    names = [domain_key(name) for name in sorted(domains)]
    statement = _USES.where(throttle.c.name.in_(names), throttle.c.strikes > 0)
    return {row[0].removeprefix(_DOMAIN): Use(*row[1:]) for row in connection.execute(statement)}


def find(connection: sa.Connection) -> dict[str, Use]:
    """All uses, by `relay:NAME` and `domain:NAME`."""
    return {row[0]: Use(*row[1:]) for row in connection.execute(_USES.order_by(throttle.c.name))}


def _read(connection: sa.Connection, names: Collection[str], statement: sa.Select[Any]) -> dict[str, Use]:
    found = {row[0]: Use(*row[1:]) for row in connection.execute(statement)}
    return {name: found.get(name, Use()) for name in names}


def _make(connection: sa.Connection, names: Collection[str]) -> None:
    if names:
        _upsert(connection, throttle, [{"name": name} for name in sorted(names)], {})


def pause(connection: sa.Connection, relay: str, why: str | None, now: datetime) -> bool:
    """Pauses a relay, or with None lets it go on; True where that changes anything.

    One that goes on begins with a clean record: what happened before does not pause it again.
    """
    _make(connection, [relay_key(relay)])
    was = throttle.c.paused_why
    done = connection.execute(
        sa.update(throttle)
        .where(throttle.c.name == relay_key(relay), was.is_(None) if why else was.is_not(None))
        .values(paused_why=why, paused_at=now if why else None)
    )
    if why is None and done.rowcount:
        connection.execute(sa.delete(relay_hour).where(relay_hour.c.relay == relay))
    return done.rowcount > 0


# --- what came of it --------------------------------------------------------------------------------


def count(connection: sa.Connection, tallies: Mapping[str, Tally], now: datetime) -> None:
    """Adds to the hour's numbers of each relay."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = [
        {"relay": relay, "hour": hour, **{name: getattr(one, name) for name in _COUNTS}}
        for relay, one in sorted(tallies.items())
        if one != Tally()
    ]
    if rows:
        _upsert(connection, relay_hour, rows, dict.fromkeys(_COUNTS, _ADDED))


def tally(connection: sa.Connection, relay: str, since: datetime) -> Tally:
    """What came of a relay's mails in the hours since then."""
    sums = (sa.func.coalesce(sa.func.sum(relay_hour.c[name]), 0) for name in _COUNTS)
    statement = sa.select(*sums).where(relay_hour.c.relay == relay, relay_hour.c.hour > since)
    return Tally(*map(int, connection.execute(statement).one()))


def relays_of(connection: sa.Connection, outbox_ids: Sequence[int]) -> dict[int, str]:
    """By which relay each mail went, where that is known."""
    outbox = schema.outbox
    statement = sa.select(outbox.c.id, outbox.c.relay).where(
        outbox.c.id.in_(outbox_ids), outbox.c.relay.is_not(None)
    )
    return {row.id: row.relay for row in connection.execute(statement)}


# --- places for batches -----------------------------------------------------------------------------


def take_place(
    connection: sa.Connection, domain: str, places: int, token: int, now: datetime, length: timedelta
) -> bool:
    """Takes one of the places that batches with mails for `domain` have at once; False when all are taken.

    A place is a lease, so that those of a dead worker come free by themselves.
    """
    lease = schema.lease
    names = [f"{domain_key(domain)}#{number}" for number in range(places)]
    _upsert(connection, lease, [{"name": name, "holder": "", "until": now - length} for name in names], {})
    free = (
        sa.select(lease.c.name)
        .where(lease.c.name.in_(names), lease.c.until <= now)
        .limit(1)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    taken = connection.execute(
        sa.update(lease)
        .where(lease.c.name.in_(sa.select(free.c.name)))
        .values(holder=str(token), until=now + length)
        .returning(lease.c.name)
    )
    return taken.first() is not None


def leave_places(connection: sa.Connection, token: int) -> None:
    """Gives the places of a batch back."""
    give_up_leases(connection, str(token))


def _upsert(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]], how: Mapping[str, str]
) -> None:
    """Inserts rows; of one that is there, `how` says which columns are replaced or added to."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(list(rows))
    keys = [column.name for column in table.primary_key]
    if not how:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
        return
    given = statement.excluded
    values = {
        name: given[name] if kind == _REPLACED else table.c[name] + given[name] for name, kind in how.items()
    }
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
