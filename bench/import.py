# ruff: noqa: N999 - the benchmarks are called by what they measure: `python -m bench.import`
"""How fast leads come in: a CSV file of any length, received and sorted into contacts.

The limit is what the database must do for the same rows at least: on PostgreSQL raw COPY into a staging table
and one upsert a batch, on SQLite executemany. Both store one row a lead; an import stores, durably, the raw
record, the person, how they are recognised, their company and where they stand.
"""

from __future__ import annotations

import csv
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.clock import SystemClock
from nurture.core.profile import Profile, Requirement
from nurture.ingest.intake import Intake
from nurture.plug.contracts import Payload
from nurture.settings import Consent, Leads
from nurture.store import schema
from nurture.store.engine import Store
from nurture.tokens import Signer
from plugins.company_from_email_domain import CompanyFromEmailDomain
from plugins.csv_files import CsvFiles

HEADER = ("Voornaam", "Achternaam", "E-mailadres", "Telefoon", "Bedrijf", "Land", "Budget", "Opmerking")
BATCH = 10_000
"""Rows a transaction of the limit."""

_FIRST = (
    "Jan",
    "Piet",
    "An",
    "Sanne",
    "JOHAN",
    "Fatima",
    "Willem",
    "Joris",
    "Eva",
    "Mohammed",
    "jürgen",
    "Zoë",
)
_LAST = (
    "Jansen",
    "de Vries",
    "VAN DEN BERG",
    "Bakker",
    "Visser",
    "El Amrani",
    "Smit",
    "Meijer",
    "Müller",
    "Bos",
)
_LANDS = ("Nederland", "NL", "België", "Deutschland", "", "Holland")
_BUDGETS = ("", "5-10k", "10k+", "2500", "1-5k")


def leads(n: int, seed: int = 1) -> Iterator[tuple[str, ...]]:
    """Rows as real lists have them: a tenth tells of somebody again, some have no usable address."""
    chance = random.Random(seed)
    for number in range(n):
        again = number > 100 and chance.random() < 0.1
        who = chance.randrange(number) if again else number
        first, last = _FIRST[who % len(_FIRST)], _LAST[who // 7 % len(_LAST)]
        domain = "gmail.com" if who % 4 == 0 else f"bedrijf{who // 5}.nl"
        email = "n/a" if who % 50 == 7 else f"{first}.{who}@{domain}".replace("ü", "u").replace("ë", "e")
        phone = f"06{10_000_000 + who * 37 % 50_000_000}" if who % 3 else ""
        company = "" if who % 4 == 0 else f"Bedrijf {who // 5} B.V."
        note = f'sprak ons op de beurs, "stand {number % 40}"' if number % 9 == 0 else ""
        yield first, last, email, phone, company, chance.choice(_LANDS), chance.choice(_BUDGETS), note


def write_file(path: Path, n: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(leads(n))


def run(url: str, path: Path, workers: int) -> tuple[float, float]:
    """Seconds until the file was received, and until all of it was sorted.

    On PostgreSQL a thread receives while others sort, as `nurture import` and workers do: two threads of this
    process, and a thread of each further process. On SQLite, which has one writer, it is one after the other.
    """
    with closing(Store(url)) as store:
        with store.write() as connection:
            schema.metadata.create_all(connection)
        intake = _intake(store)
        context = multiprocessing.get_context("spawn")
        received, ready = context.Event(), context.Barrier(workers)
        others = [context.Process(target=_sorter, args=(url, ready, received)) for _ in range(workers - 1)]
        for other in others:
            other.start()
        ready.wait()
        start = time.perf_counter()
        receiving = _Receiving(intake, path, received)
        receiving.start()
        if store.is_postgresql:
            beside = threading.Thread(target=_sort_until, args=(intake, received))
            beside.start()
            _sort_until(intake, received)
            beside.join()
        receiving.join()
        _sort_until(intake, received)
        for other in others:
            other.join()
        return receiving.took, time.perf_counter() - start


def _sorter(url: str, ready: Barrier, received: Event) -> None:
    """Another process that sorts until nothing more comes."""
    with closing(Store(url)) as store:
        intake = _intake(store)
        ready.wait()
        _sort_until(intake, received)


def _sort_until(intake: Intake, received: Event) -> None:
    while True:
        complete = received.is_set()
        if not intake.sort_batch():
            if complete:
                return
            received.wait(0.01)


class _Receiving(threading.Thread):
    """Receives a file; `took` is the seconds it needed."""

    def __init__(self, intake: Intake, path: Path, received: Event) -> None:
        super().__init__()
        self._intake, self._path, self._received = intake, path, received
        self.took = 0.0

    def run(self) -> None:
        start = time.perf_counter()
        with self._path.open("rb") as file:
            self._intake.receive("csv", Payload(file, self._path.name))
        self.took = time.perf_counter() - start
        self._received.set()


def _intake(store: Store) -> Intake:
    enricher = CompanyFromEmailDomain()
    profile: dict[str, Any] = dict.fromkeys(Profile.__dataclass_fields__, ())
    profile |= {
        "name": "bench",
        "require": (Requirement(("name",)), Requirement(("email", "phone"))),
        "enrich": (enricher.name,),
    }
    sources: dict[str, Any] = {"csv": CsvFiles()}
    return Intake(
        store,
        SystemClock(),
        sources=sources,
        enrichers={enricher.name: enricher},
        profile=Profile(**profile),
        leads=Leads(),
        signer=Signer("bench" * 8),
        consent=Consent(),
        message_domain="firm.example",
    )


def limit(url: str, n: int) -> float:
    """Rows a second of the bare database."""
    columns = ", ".join(f"c{number} text" for number in range(len(HEADER)))
    with closing(Store(url)) as store:
        bare = _copy_and_upsert if store.is_postgresql else _executemany
        rows = [(str(number), *row) for number, row in enumerate(leads(n))]
        with store.write() as connection:
            connection.exec_driver_sql(f"CREATE TABLE bench_limit (id text PRIMARY KEY, {columns})")
        start = time.perf_counter()
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            with store.write() as connection:
                bare(connection.connection.driver_connection, batch)
        return n / (time.perf_counter() - start)


def _copy_and_upsert(driver: Any, batch: list[tuple[str, ...]]) -> None:
    with driver.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS bench_staging (LIKE bench_limit) ON COMMIT DELETE ROWS"
        )
        with cursor.copy("COPY bench_staging FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO bench_limit SELECT * FROM bench_staging "
            "ON CONFLICT (id) DO UPDATE SET c0 = excluded.c0"
        )


def _executemany(driver: Any, batch: list[tuple[str, ...]]) -> None:
    marks = ", ".join("?" * (len(HEADER) + 1))
    insert = f"INSERT INTO bench_limit VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - marks only
    driver.executemany(insert, batch)


def main() -> None:
    arguments = parser("import", n=100_000, about=__doc__)
    arguments.set_defaults(workers=2)  # as many as the machine that the targets are for has cores
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        path = Path(folder) / "leads.csv"
        write_file(path, args.n)
        workers = 1 if url.startswith("sqlite") else args.workers
        received, sorted_by = run(url, path, workers)
        peak = peak_rss_mb()
        least = limit(url, args.n)
    rate = args.n / sorted_by
    notes = [f"{workers} process(es); received after {received:.1f} s, sorted after {sorted_by:.1f} s"]
    report(Result("import", rate, "rows/s", least, rate / least, peak, args.n), args.json, notes)


if __name__ == "__main__":
    main()
