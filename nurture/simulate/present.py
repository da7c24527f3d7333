"""The people whom the workspace's database holds, copied as they stand; that database is only read.

They come with all that the engine goes by: what is known of them, consents, signals, where they stand in
which campaign, the mails they had, what sales said, and the addresses that never get mail again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from nurture.errors import NurtureError, StoreError
from nurture.settings import Settings
from nurture.simulate.wiring import SimulatedApp
from nurture.store import outbox, schema
from nurture.store.engine import Store, is_there
from nurture.store.migrate import schema_state
from nurture.tokens import Signer

CHUNK = 2_000
"""Rows in hand at once."""

TABLES = (
    *(schema.profile_version, schema.campaign_version, schema.campaign, schema.publication),
    *(schema.account, schema.contact, schema.identity, schema.consent, schema.signal),
    schema.preference,
    *(schema.journey, schema.enrolment, schema.outbox, schema.handover),
)
"""In an order in which nothing names what is not there yet."""

HELD = {"token": None, "lease_until": None, "attempts": 0}
"""Nobody holds anything in a simulation that has not begun."""


def people_there(settings: Settings) -> int:
    """How many people are in the workspace's database. Makes none where there is none.

    Raised when it does not answer, or has the tables of another version: StoreError.
    """
    if not is_there(settings.database_url):
        return 0
    store = Store(settings.database_url)
    try:
        state = schema_state(store)
        if state.empty:
            return 0
        if not state.up_to_date:
            raise StoreError(
                f"the people in the database cannot be simulated: it has schema {state.current}, and this "
                f"version needs {state.head}",
                hint="run: nurture migrate; or give a list of leads: --leads FILE",
            )
        with store.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(schema.contact)) or 0
    finally:
        store.close()


def copy_present(settings: Settings, app: SimulatedApp, start: datetime) -> int:
    """Copies everybody into the empty database of `app`, and answers how many there are.

    Raised when something has happened since `start`: NurtureError.
    """
    store = Store(settings.database_url)
    try:
        # One state of the database throughout, whatever goes on in it meanwhile.
        with store.read() as reader, app.store.write() as target:
            source = reader.execution_options(yield_per=CHUNK)
            _refuse_the_past(source, start)
            for table in TABLES:
                for rows in source.execute(sa.select(table)).mappings().partitions(CHUNK):
                    target.execute(sa.insert(table), [_free(table, dict(row)) for row in rows])
            real = Signer(settings.secret_key.get_secret_value())
            for hashes in _never_again(source, real, app.signer):
                target.execute(sa.insert(schema.suppression).prefix_with("OR IGNORE"), hashes)
            return target.scalar(sa.select(sa.func.count()).select_from(schema.contact)) or 0
    finally:
        store.close()


def _refuse_the_past(source: sa.Connection, start: datetime) -> None:
    moments = [
        source.scalar(sa.select(sa.func.max(column, type_=column.type)))
        for column in (schema.signal.c.received_at, schema.outbox.c.created_at, schema.enrolment.c.since)
    ]
    last = max((moment for moment in moments if moment is not None), default=None)
    if last is not None and last > start:
        raise NurtureError(
            f"the people in the database stand as they do since {last:%Y-%m-%d %H:%M} UTC: a simulation of "
            f"them cannot begin before that",
            hint="begin on a later day: --from DATE; or give a list of leads: --leads FILE",
        )


def _free(table: sa.Table, row: dict[str, object]) -> dict[str, object]:
    row |= {name: value for name, value in HELD.items() if name in table.c}
    if table is schema.outbox and row["state"] == outbox.State.CLAIMED:
        row["state"] = outbox.State.READY
    return row


def _never_again(source: sa.Connection, real: Signer, simulated: Signer) -> Iterator[list[dict[str, object]]]:
    """The suppressed addresses of the people, under the hash by which a simulation knows them."""
    suppressed = {row.address_hash: row for row in source.execute(sa.select(schema.suppression))}
    if not suppressed:
        return
    # One pass over all addresses: a hash does not tell whose it is.
    addresses = sa.select(schema.contact.c.email).where(schema.contact.c.email.is_not(None))
    for emails in source.execute(addresses).scalars().partitions(CHUNK):
        rows = [(email, suppressed.get(real.address_hash(email))) for email in emails]
        found = [
            {"address_hash": simulated.address_hash(email), "reason": row.reason, "at": row.at}
            for email, row in rows
            if row is not None
        ]
        if found:
            yield found
