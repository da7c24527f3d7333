"""How many bytes of decision records a contact costs: `python -m bench.decisions`.

A list as a small firm has it is imported and followed for a few weeks, the production way, on a virtual
clock; the people, the post and sales are those of `nurture simulate`. What is measured is the room that the
database gives the records, with their indexes. The limit is the least that a table of them could take: the
same decisions as a number for the person, a moment and a short code each, with one index, on the same
database. Here less is better, and `ratio` is how often the limit.
"""

from __future__ import annotations

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.advance import open_app
from bench.common import Result, database, parser, peak_rss_mb, report
from bench.simulate import SEED, START, write_leads
from nurture.app import App
from nurture.clock import VirtualClock
from nurture.deliver.relays import Relays
from nurture.deliver.sender import Sender
from nurture.plug.contracts import Payload
from nurture.simulate.acts import Act, record_acts
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.post import RecordingTransport, Scribe
from nurture.simulate.readers import Readers
from nurture.simulate.sales import Sales
from nurture.store import journey, records
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

STEP = timedelta(hours=1)
"""The clock stands at multiples of this: what comes in between is decided on together."""

TABLES = ("decision", "ground")
"""Where decision records are kept."""

BARE = "bare_decision"


class Weeks:
    """The app of a workspace, and people who read what it sends until the end of the last day."""

    def __init__(self, app: App, days: int) -> None:
        self.app = app
        self.clock = VirtualClock(START)
        app.clock = self.clock
        self.end = START + timedelta(days=days)
        behaviour = Behaviour()
        scribe = Scribe(app.templates, app.signer, app.settings)
        readers = Readers(behaviour, SEED, "Europe/Amsterdam")
        post = RecordingTransport(scribe, self.clock, readers, self._plan)
        self.sender = Sender(
            app.store,
            self.clock,
            Relays.only(post),
            app.templates,
            app.signer,
            settings=app.settings,
            campaign_of=app.plans.campaign,
        )
        self.sender.writer = scribe
        self.sales = Sales(behaviour.sales, SEED, app)
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()

    def pass_by(self) -> None:
        """From the start to the end: what is due is done, then people act, and the clock goes on."""
        while True:
            while self.app.advance_batch() or self.sender.send_batch().claimed:
                pass
            self.sales.notice()
            upcoming = self._next()
            if upcoming >= self.end:
                return
            self.clock.set(upcoming)
            acts = list(self._due())
            if acts:
                with self.app.store.write() as connection:
                    record_acts(connection, acts, "marketing", upcoming, self.app.signer)
            self.sales.answer(upcoming)

    def _plan(self, act: Act) -> None:
        heapq.heappush(self._acts, (act.at, next(self._order), act))

    def _next(self) -> datetime:
        with self.app.store.read() as connection:
            moments = [journey.next_due(connection), self.sales.next_answer()]
        moments.append(self._acts[0][0] if self._acts else None)
        soonest = min((moment for moment in moments if moment is not None), default=self.end)
        return START + max(-((START - soonest) // STEP), (self.clock.now() - START) // STEP + 1) * STEP

    def _due(self) -> Iterable[Act]:
        while self._acts and self._acts[0][0] <= self.clock.now():
            yield heapq.heappop(self._acts)[2]


def bytes_of(store: Store, tables: Sequence[str]) -> int:
    """What the database gives these tables with their indexes, once it has tidied up."""
    tidied = store.engine.raw_connection()
    if store.is_postgresql:
        psycopg_connection: Any = tidied.driver_connection
        psycopg_connection.autocommit = True
    tidied.cursor().execute("VACUUM")
    tidied.close()
    sizes = (
        sa.select(sa.func.sum(sa.func.pg_total_relation_size(sa.column("relid"))))
        .select_from(sa.table("pg_stat_user_tables"))
        .where(sa.column("relname").in_(tables))
        if store.is_postgresql
        else sa.text(
            "SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) WHERE tbl_name IN :tables"
        ).bindparams(sa.bindparam("tables", list(tables), expanding=True))
    )
    with store.read() as connection:
        return int(connection.scalar(sizes) or 0)


def bare(store: Store, people: int, kept: int) -> int:
    """Bytes of as many decisions when nothing is told of them but whom, when and which."""
    table = sa.Table(
        BARE,
        sa.MetaData(),
        sa.Column("contact_id", sa.Integer, index=True),
        sa.Column("at", sa.Integer),
        sa.Column("code", sa.SmallInteger),
    )
    with store.write() as connection:
        table.create(connection)
        at = int(START.timestamp())
        rows = ((n % people, at + n, n % 100) for n in range(kept))
        insert_rows(connection, table, ("contact_id", "at", "code"), rows)
    return bytes_of(store, [BARE])


def main() -> None:
    """Measures and prints."""
    arguments = parser("decisions", n=2_000, about=__doc__)
    arguments.add_argument("--days", type=int, default=28, help="how many days (default 28)")
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as temporary:
        folder = Path(temporary)
        create_workspace(folder / "workspace")
        write_leads(folder / "leads.csv", args.n)
        app = open_app(folder / "workspace", url)
        upgrade(app.store)
        weeks = Weeks(app, args.days)
        app.publish()
        with (folder / "leads.csv").open("rb") as stream:
            app.intake().receive("csv", Payload(stream, "leads.csv"))
        app.sort_all()
        weeks.pass_by()
        with app.store.read() as connection:
            people = journey.count_judged(connection)
            kept = records.count(connection)
        size, least = bytes_of(app.store, TABLES), bare(app.store, people, kept)
        app.close()
    result = Result(
        "decisions", size / people, "bytes/contact", least / people, size / least, peak_rss_mb(), args.n
    )
    notes = [
        f"{people:,} contacts followed for {args.days} days on {app.store.engine.dialect.name}; "
        f"{kept / people:.1f} records each, of {size / kept:.0f} bytes",
    ]
    report(result, args.json, notes)


if __name__ == "__main__":
    main()
