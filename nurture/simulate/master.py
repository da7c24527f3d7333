"""The list that a simulation is run over: imported and sorted once, then divided into shards.

Shards have a fixed size, whatever the machine, so that the result is the same on one core and on many. Each
copies its people, with the numbers that they have here, into a database in its own memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.campaign import Campaign
from nurture.core.model import Lifecycle, SignalKind
from nurture.errors import CampaignError, NurtureError, SourceError, did_you_mean
from nurture.ingest.mapping_file import load_mapping
from nurture.plug.contracts import Payload
from nurture.settings import Settings
from nurture.simulate.wiring import SimulatedApp, simulated_app
from nurture.store import schema
from nurture.store.engine import Store

SHARD = 5_000
"""People in one shard: enough that a step of the clock has a batch, few enough to fit into memory."""

SORT_BATCH = 1_000
"""Smaller than in production, where memory is not counted in the hundreds of megabytes."""

_SOURCES = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".vcf": "vcard", ".vcard": "vcard"}

contact, journey, account = schema.contact, schema.journey, schema.account


@dataclass(frozen=True, slots=True)
class Leads:
    """A file of leads, and the mapping to understand it with (None: as `nurture import` guesses)."""

    file: Path
    mapping: Path | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """Some of the people: contacts with ids from `first` up to and including `last`."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Master:
    """What was imported into the file `database`: `junk` is why → (people, one of them).

    `kinds` are the kinds of signals that anything in the workspace knows.
    """

    database: Path
    campaign: Campaign
    start: datetime
    received: int
    contacts: int
    junk_records: dict[str, int]
    junk: dict[str, tuple[int, str]]
    shards: tuple[Shard, ...]
    kinds: frozenset[str]


def prepare(
    settings: Settings,
    campaign: str,
    leads: Leads,
    start: datetime,
    database: Path,
    progress: Callable[[int], None] | None = None,
) -> Master:
    """Imports the list into a new SQLite file. A naive `start` is meant in the campaign's time zone.

    Raised when the campaign or the file is not there, or anything in them is wrong: NurtureError.
    """
    clock = VirtualClock(start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC))
    app = simulated_app(settings, f"sqlite:///{database}", clock)
    try:
        wanted = _campaign(app, campaign)
        if start.tzinfo is None:
            start = start.replace(tzinfo=ZoneInfo(wanted.timezone))
            app.clock = VirtualClock(start.astimezone(UTC))
        app.publish()
        intake = app.intake()
        source = _source(leads.file)
        mapping = load_mapping(leads.mapping) if leads.mapping else None
        try:
            with leads.file.open("rb") as stream:
                payload = Payload(stream, leads.file.name)
                receipt = intake.receive(source, payload, mapping, progress=progress)
        except OSError as error:
            raise SourceError(f"{leads.file} cannot be read: {error.strerror}") from error
        while intake.sort_batch(SORT_BATCH):
            pass
        outcome = intake.outcome(receipt.import_id)
        with app.store.read() as connection:
            ids = [row.contact_id for row in connection.execute(_contacts())]
            junk = _junk(connection)
        return Master(
            database=database,
            campaign=wanted,
            start=app.clock.now(),
            received=outcome.received,
            contacts=len(ids),
            junk_records=dict(sorted(outcome.junk.items())),
            junk=junk,
            shards=tuple(
                Shard(number, ids[first], ids[min(first + SHARD, len(ids)) - 1])
                for number, first in enumerate(range(0, len(ids), SHARD))
            ),
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
        people = (
            "SELECT contact_id FROM master.journey WHERE lifecycle = 'contact' AND contact_id BETWEEN ? AND ?"
        )
        span = (shard.first, shard.last)
        for name in ("profile_version", "campaign_version", "campaign"):
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
            ("signal", "contact_id"),
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
    compiled = {each.campaign.name: each.campaign for each in app.documents().campaigns}
    if name not in compiled:
        raise CampaignError(f"there is no campaign {name!r} without errors{did_you_mean(name, compiled)}")
    return compiled[name]


def _source(file: Path) -> str:
    source = _SOURCES.get(file.suffix.lower())
    if source is None:
        known = ", ".join(sorted(_SOURCES))
        raise NurtureError(f"{file}: leads are read from files that end in {known}")
    return source


def _contacts() -> sa.Select[tuple[int]]:
    return (
        sa.select(journey.c.contact_id)
        .where(journey.c.lifecycle == Lifecycle.CONTACT)
        .order_by(journey.c.contact_id)
    )


def _junk(connection: sa.Connection) -> dict[str, tuple[int, str]]:
    # One pass over those that are no contacts, the first of them for an example.
    rows = connection.execute(
        sa.select(contact.c.junk_reason, contact.c.name, contact.c.email, contact.c.phone)
        .where(contact.c.junk_reason.is_not(None))
        .order_by(contact.c.id)
    )
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for reason, *known in rows:
        counts[reason] += 1
        example.setdefault(reason, next((text for text in known if text), "(nothing usable)"))
    return {reason: (number, example[reason]) for reason, number in sorted(counts.items())}
