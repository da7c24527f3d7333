"""The people over whom a simulation is run: brought together once, then divided into shards.

Shards have a fixed size, whatever the machine, so that the result is the same on one core and on many. Each
copies its people, with the numbers that they have here, into a database in its own memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.clock import SystemClock, VirtualClock
from nurture.core.campaign import Campaign
from nurture.core.model import Lifecycle, SignalKind
from nurture.errors import CampaignError, did_you_mean
from nurture.settings import Settings
from nurture.simulate.lists import Leads, take_in
from nurture.simulate.present import copy_present
from nurture.simulate.result import PeopleFrom
from nurture.simulate.wiring import SimulatedApp, simulated_app
from nurture.store import schema
from nurture.store.engine import Store

SHARD = 5_000
"""People in one shard: enough that a step of the clock has a batch, few enough to fit into memory."""

TAKING_PART = (Lifecycle.CONTACT, Lifecycle.RECYCLED)
"""Those whom nurturing is for: the others are with sales, or beyond it."""

WHY_APART = {
    Lifecycle.PROSPECT: "with sales already",
    Lifecycle.ACCEPTED: "with sales already",
    Lifecycle.CUSTOMER: "a customer already",
    Lifecycle.LOST: "lost to sales already",
    Lifecycle.DISQUALIFIED: "disqualified already",
}

contact, journey, account = schema.contact, schema.journey, schema.account


@dataclass(frozen=True, slots=True)
class Shard:
    """Some of the people: those who take part from `first` up to and including `last`.

    These are their ids; or with `by_firm` those of the first of their firm, so that no firm is divided.
    """

    number: int
    first: int
    last: int
    by_firm: bool = False


@dataclass(frozen=True, slots=True)
class Master:
    """Who is in the file `database`: `apart` is why somebody takes no part → (people, one of them).

    `kinds` are the kinds of signals that anything in the workspace knows.
    """

    database: Path
    campaign: Campaign
    start: datetime
    people: PeopleFrom
    files: tuple[str, ...]
    received: int
    contacts: int
    junk_records: dict[str, int]
    apart: dict[str, tuple[int, str]]
    shards: tuple[Shard, ...]
    kinds: frozenset[str]


def starts_at(start: datetime | None, zone: ZoneInfo, now: datetime) -> datetime:
    """When it begins: without a zone in the campaign's, without a start at the next midnight there."""
    if start is None:
        return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
    return start if start.tzinfo else start.replace(tzinfo=zone)


def prepare(
    settings: Settings,
    campaign: str,
    people: PeopleFrom,
    lists: Sequence[Leads],
    start: datetime | None,
    database: Path,
    progress: Callable[[str], None] = lambda words: None,
) -> Master:
    """Brings the people into a new SQLite file. `start` as in `simulate.run.Order`.

    Raised when the campaign or a list is not there, or anything in them is wrong: NurtureError.
    """
    now = SystemClock().now()
    clock = VirtualClock(starts_at(start, ZoneInfo("UTC"), now).astimezone(UTC))
    app = simulated_app(settings, f"sqlite:///{database}", clock)
    try:
        wanted = _campaign(app, campaign)
        start = starts_at(start, ZoneInfo(wanted.timezone), now)
        app.clock = VirtualClock(start.astimezone(UTC))
        if people is PeopleFrom.DATABASE:
            progress("reading the people in the database")
            received, junk = copy_present(settings, app, app.clock.now()), None
            app.publish()
        else:
            app.publish()
            known = lists if people is PeopleFrom.FILE else _readable(app, lists)
            taken = take_in(app, known, progress)
            received, junk = taken.received, dict(sorted(taken.junk.items()))
        with app.store.read() as connection:
            # Whoever rules about several people of a firm are about must be together in a shard.
            by_firm = any(rule.people is not None for rule in app.profile().signals)
            ids = [row[0] for row in connection.execute(_first_of_firms() if by_firm else _taking_part())]
            apart = _apart(connection)
            junk = _junk(connection) if junk is None else junk
        return Master(
            database=database,
            campaign=wanted,
            start=app.clock.now(),
            people=people,
            files=tuple(one.file.name for one in lists),
            received=received,
            contacts=len(ids),
            junk_records=junk,
            apart=apart,
            shards=tuple(_shards(ids, by_firm=by_firm)),
            kinds=frozenset(map(str, SignalKind)) | {rule.on for rule in app.profile().signals},
        )
    finally:
        app.close()


def copy_shard(store: Store, database: Path, shard: Shard) -> None:
    """Copies the plans, and of the people those of the shard, into the empty database of `store`."""
    connection = store.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("ATTACH DATABASE ? AS master", (str(database),))
        cursor.execute("BEGIN")
        part = ", ".join(f"'{lifecycle}'" for lifecycle in TAKING_PART)
        key = "first_of_firm" if shard.by_firm else "contact_id"
        table = f"({_FIRST_OF_FIRM})" if shard.by_firm else "master.journey"
        people = (
            f"SELECT contact_id FROM {table} WHERE lifecycle IN ({part}) "  # noqa: S608 - own words
            f"AND {key} BETWEEN ? AND ?"
        )
        span = (shard.first, shard.last)
        for name in ("profile_version", "campaign_version", "campaign", "publication", "suppression"):
            cursor.execute(f"INSERT INTO main.{name} SELECT * FROM master.{name}")  # noqa: S608 - own names
        firms = f"SELECT account_id FROM master.contact WHERE id IN ({people})"  # noqa: S608 - own text
        cursor.execute(
            f"INSERT INTO main.account SELECT * FROM master.account WHERE id IN ({firms})",  # noqa: S608
            span,
        )
        for name, key in (
            ("contact", "id"),
            ("journey", "contact_id"),
            ("consent", "contact_id"),
            ("preference", "contact_id"),
            ("signal", "contact_id"),
            ("enrolment", "contact_id"),
            ("outbox", "contact_id"),
            ("handover", "contact_id"),
        ):
            # By primary key or its index; all columns, since both databases were made by the same schema.
            cursor.execute(
                f"INSERT INTO main.{name} SELECT * FROM master.{name} WHERE {key} IN ({people})",  # noqa: S608
                span,
            )
        cursor.execute("COMMIT")
        cursor.execute("DETACH DATABASE master")
    finally:
        connection.close()


def _campaign(app: SimulatedApp, name: str) -> Campaign:
    compiled = {each.campaign.name: each.campaign for each in app.sound_documents().campaigns}
    if name not in compiled:
        raise CampaignError(f"there is no campaign {name!r}{did_you_mean(name, compiled)}")
    return compiled[name]


def _taking_part() -> sa.Select[Any]:
    return (
        sa.select(journey.c.contact_id)
        .where(journey.c.lifecycle.in_(TAKING_PART))
        .order_by(journey.c.contact_id)
    )


_FIRST_OF_FIRM = (
    "SELECT contact_id, lifecycle, min(id) OVER (PARTITION BY coalesce(account_id, -id)) AS first_of_firm "
    "FROM master.contact JOIN master.journey ON contact_id = id"
)
"""For everybody the first contact of their firm; themselves where none is known."""


def _first_of_firms() -> sa.Select[Any]:
    """The same for all who take part, in order."""
    of_firm = sa.func.coalesce(contact.c.account_id, -contact.c.id)
    first = sa.func.min(contact.c.id).over(partition_by=of_firm).label("first")
    both = (
        sa.select(first, journey.c.lifecycle).join(journey, journey.c.contact_id == contact.c.id).subquery()
    )
    return sa.select(both.c.first).where(both.c.lifecycle.in_(TAKING_PART)).order_by(both.c.first)


def _shards(ids: Sequence[int], *, by_firm: bool) -> Iterator[Shard]:
    """Runs of `SHARD` people; the same number (that of a firm) is never in two."""
    start, number = 0, 0
    while start < len(ids):
        end = bisect_right(ids, ids[min(start + SHARD, len(ids)) - 1])
        yield Shard(number, ids[start], ids[end - 1], by_firm)
        start, number = end, number + 1


def _apart(connection: sa.Connection) -> dict[str, tuple[int, str]]:
    # One pass over those that take no part, the first of them for an example.
    rows = connection.execute(
        sa.select(
            contact.c.junk_reason, journey.c.lifecycle, contact.c.name, contact.c.email, contact.c.phone
        )
        .join(journey, journey.c.contact_id == contact.c.id, isouter=True)
        .where(sa.or_(journey.c.lifecycle.is_(None), journey.c.lifecycle.not_in(TAKING_PART)))
        .order_by(contact.c.id)
    )
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for junk, lifecycle, *known in rows:
        why = f"junk: {junk}" if junk else WHY_APART.get(lifecycle, "not sorted yet")
        counts[why] += 1
        example.setdefault(why, next((text for text in known if text), "(nothing usable)"))
    return {why: (number, example[why]) for why, number in sorted(counts.items())}


def _junk(connection: sa.Connection) -> dict[str, int]:
    reason = contact.c.junk_reason
    rows = connection.execute(sa.select(reason, sa.func.count()).group_by(reason).order_by(reason))
    return {why: number for why, number in rows if why is not None}


def _readable(app: SimulatedApp, lists: Sequence[Leads]) -> list[Leads]:
    """Of the made-up lists those for which the workspace has a plugin."""
    return [one for one in lists if one.source in app.registry.sources]
