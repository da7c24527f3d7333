"""How fast `nurture simulate` goes over a list: the example campaigns, 90 days, two processes.

The limit is SQLite in one process, in memory, that only takes the rows which such a simulation leaves behind:
a row for each mail and each signal, and an update of somebody's place for each of them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bench.common import Result, parser, report
from nurture.settings import load_settings
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.lists import Leads
from nurture.simulate.result import SimulationResult
from nurture.simulate.run import Order, simulate
from nurture.simulate.summary import as_json
from nurture.workspace import create_workspace

START = datetime(2026, 3, 2, tzinfo=UTC)
SEED = 1
LOOK_SECONDS = 0.1


def write_leads(file: Path, n: int) -> None:
    """A list as a small firm has it: most ask for a website, some agreed to nothing, some have no name."""
    chance = Random(SEED)
    budgets, roles = ("<2k", "2-5k", "5-10k", "10k+", ""), ("owner", "manager", "employee", "")
    with file.open("w", encoding="utf-8") as out:
        out.write("name,email,company,city,country,interests,consent,budget,role\n")
        for number in range(n):
            name = "" if chance.random() < 0.02 else f"Anneliese Jansen-{number}"
            interests = chance.choices(("website", "webshop", ""), (75, 20, 5))[0]
            consent = "marketing" if chance.random() < 0.9 else ""
            answers = f"{chance.choice(budgets)},{chance.choice(roles)}"
            out.write(
                f"{name},a{number}@firma{number // 2}.example,Firma {number // 2},Utrecht,"
                f"{chance.choice(('NL', 'NL', 'BE', 'DE'))},{interests},{consent},{answers}\n"
            )


class Memory:
    """Looks how much memory all processes of this program have together; shared pages counted once (PSS)."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(map(_pss_mb, _family())))


def _family() -> list[str]:
    """This process and all below it."""
    parents: dict[str, list[str]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = status.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        parents.setdefault(parent, []).append(status.parent.name)
    found = [Path("/proc/self").resolve().name]
    for process in found:
        found += parents.get(process, [])
    return found


def _pss_mb(process: str) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except (OSError, StopIteration):
        return 0.0


def bare(result: SimulationResult) -> float:
    """Seconds that SQLite needs to take the rows alone."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE place (id INTEGER PRIMARY KEY, at TEXT)")
    database.execute(
        "CREATE TABLE row (id INTEGER PRIMARY KEY, place INTEGER, kind TEXT, at TEXT, data TEXT)"
    )
    database.execute("CREATE INDEX row_place ON row (place, at)")
    database.executemany(
        "INSERT INTO place VALUES (?, ?)", ((number, "2026") for number in range(result.contacts))
    )
    rows = result.mails + sum(result.signals.values())
    started = time.perf_counter()
    moment, data = "2026-03-02 10:00:00.000000", '{"campaign": "new-website", "step": "welcome"}'
    database.executemany(
        "INSERT INTO row (place, kind, at, data) VALUES (?, ?, ?, ?)",
        ((number % max(result.contacts, 1), "mail", moment, data) for number in range(rows)),
    )
    database.executemany(
        "UPDATE place SET at = ? WHERE id = ?",
        ((moment, number % max(result.contacts, 1)) for number in range(rows)),
    )
    database.commit()
    return time.perf_counter() - started


def main() -> None:
    """Measures and prints."""
    arguments = parser("simulate", n=10_000, about=__doc__)
    arguments.add_argument("--days", type=int, default=90, help="how many days (default 90)")
    arguments.set_defaults(workers=2)
    args = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        workspace, leads = Path(folder) / "workspace", Path(folder) / "leads.csv"
        create_workspace(workspace)
        write_leads(leads, args.n)
        order = Order("new-website", [Leads(leads)], START, args.days, SEED, Behaviour())
        started = time.perf_counter()
        with Memory() as memory:
            result = simulate(load_settings(workspace), order, processes=args.workers)
        seconds = time.perf_counter() - started
    rate, limit = args.n / seconds, args.n / bare(result)
    digest = hashlib.sha256(json.dumps(as_json(result)).encode()).hexdigest()[:16]
    notes = [
        f"{seconds:.1f} s, {args.days} days, {args.workers} process(es); {result.mails:,} mails, "
        f"{sum(result.signals.values()):,} signals; SHA-256 of the result {digest}",
        "the memory is that of all processes together",
    ]
    report(Result("simulate", rate, "leads/s", limit, rate / limit, memory.peak_mb, args.n), args.json, notes)


if __name__ == "__main__":
    main()
