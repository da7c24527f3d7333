"""How many due contacts a second are decided on and moved, the production way: `python -m bench.advance`.

Each contact has an account, answers, consent, five signals and a place in the example campaign at a step that
sends: so each look is the dear kind, with a move, an outbox row and a decision record. The limit is the bare
database work for the same rows, set-based: the UPDATE of the journey and the enrolment, the INSERT of the
outbox and of the record, with nothing decided.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.core.words import visited_path
from nurture.memory import collect_seldom
from nurture.settings import load_settings
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=1)
SIGNALS_EACH = 5
BLOCK = 20_000
PAGES = [
    (data, visited_path("visited", data))
    for data in ({"url": f"https://www.example.com/portfolio/{k}"} for k in range(SIGNALS_EACH))
]


def open_app(folder: Path, url: str) -> App:
    settings = load_settings(folder)
    settings = settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
    return build_app(settings, VirtualClock(NOW))


def populate(app: App, n: int) -> None:
    """`n` contacts due now, in blocks so that memory stays flat."""
    with app.store.write() as connection:
        version = connection.scalar(
            sa.select(schema.campaign.c.version_id).where(schema.campaign.c.name == "new-website")
        )
        account = ["id", "name", "domain", "country", "employees", "created_at", "updated_at"]
        rows = [
            (i, f"Firm {i}", f"firm{i}.example.com", "NL", i % 300, BEFORE, BEFORE) for i in range(1, 1001)
        ]
        insert_rows(connection, schema.account, account, rows)
    for start in range(1, n + 1, BLOCK):
        ids = range(start, min(start + BLOCK, n + 1))
        with app.store.write() as connection:
            _insert_block(connection, ids, version)


def _insert_block(connection: sa.Connection, ids: range, version: int | None) -> None:
    answers = {"budget": "2-5k", "role": "owner", "goal": "more visitors"}
    insert_rows(
        connection,
        schema.contact,
        [
            "id",
            "account_id",
            "email",
            "name",
            "first_name",
            "country",
            "locale",
            "interests",
            "answers",
            "created_at",
            "updated_at",
        ],
        (
            (
                i,
                i % 1000 + 1,
                f"lead-{i}@example.com",
                f"An {i}",
                "An",
                "NL",
                "nl",
                ["website"],
                answers,
                BEFORE,
                BEFORE,
            )
            for i in ids
        ),
    )
    insert_rows(
        connection,
        schema.consent,
        ["contact_id", "purpose", "granted", "basis", "at"],
        ((i, "marketing", True, "consent", BEFORE) for i in ids),
    )
    insert_rows(
        connection,
        schema.signal,
        ["contact_id", "kind", "at", "received_at", "data", "classed", "path"],
        ((i, "visited", BEFORE, BEFORE, data, "human", path) for i in ids for data, path in PAGES),
    )
    insert_rows(
        connection,
        schema.journey,
        ["contact_id", "lifecycle", "stage", "stage_since", "due_at"],
        ((i, "contact", "orientation", BEFORE, BEFORE) for i in ids),
    )
    insert_rows(
        connection,
        schema.enrolment,
        [
            "contact_id",
            "campaign",
            "version_id",
            "occurrence",
            "track",
            "step",
            "since",
            "entered_at",
            "done",
            "state",
        ],
        ((i, "new-website", version, 1, "orientation", "welcome", BEFORE, BEFORE, [], "active") for i in ids),
    )


def work(
    folder: str,
    url: str,
    results: Queue[tuple[int, float]],
    ready: Barrier,
) -> None:
    """One worker: advances until nothing is due."""
    app = open_app(Path(folder), url)
    app.advance_batch()  # compiles the plan and opens the connections: start-up is not what is measured
    collect_seldom()
    ready.wait()
    done = 0
    while moved := app.advance_batch():
        done += moved
    app.close()
    results.put((done, peak_rss_mb()))


def measure(folder: Path, url: str, workers: int) -> tuple[int, float, float]:
    """Contacts moved, seconds, and the largest worker's memory."""
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[int, float]] = context.Queue()
    ready = context.Barrier(workers + 1)
    arguments = (str(folder), url, results, ready)
    processes = [context.Process(target=work, args=arguments) for _ in range(workers)]
    for process in processes:
        process.start()
    ready.wait()
    started = time.perf_counter()
    finished = [results.get() for _ in processes]
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    return sum(done for done, _ in finished), seconds, max(memory for _, memory in finished)


def bare(app: App, n: int) -> float:
    """Seconds for the same rows written set-based, 1,000 a transaction, with nothing decided."""
    journey, enrolment, outbox, decision = schema.journey, schema.enrolment, schema.outbox, schema.decision
    with app.store.write() as connection:
        for table in (outbox, decision):
            connection.execute(sa.delete(table))
    started = time.perf_counter()
    for start in range(1, n + 1, 1000):
        block = (start, min(start + 999, n))
        with app.store.write() as connection:
            connection.execute(
                sa.update(journey).where(journey.c.contact_id.between(*block)).values(fit=1, due_at=NOW)
            )
            connection.execute(
                sa.update(enrolment).where(enrolment.c.contact_id.between(*block)).values(step="settle")
            )
            people = sa.select(enrolment.c.contact_id).where(enrolment.c.contact_id.between(*block))
            mail = {
                "campaign": "bare",
                "version_id": 1,
                "step": "welcome",
                "occurrence": 1,
                "template": "t",
                "purpose": "marketing",
                "locale": "nl",
                "message_id": "m",
                "state": "ready",
            }
            when = {"created_at": NOW, "not_before": NOW}
            columns = [*mail, *when]
            values = [sa.literal(value, outbox.c[name].type) for name, value in (mail | when).items()]
            connection.execute(
                sa.insert(outbox).from_select(["contact_id", *columns], people.add_columns(*values))
            )
            note = {"at": NOW, "ground_id": 1}
            told = [sa.literal(value, decision.c[name].type) for name, value in note.items()]
            connection.execute(
                sa.insert(decision).from_select(["contact_id", *note], people.add_columns(*told))
            )
    return time.perf_counter() - started


def main() -> None:
    arguments = parser("advance", n=40_000, about=__doc__)
    arguments.set_defaults(workers=2)  # as many as the machine that the targets are for has cores
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as temporary:
        folder = Path(temporary) / "workspace"
        create_workspace(folder)
        app = open_app(folder, url)
        upgrade(app.store)
        app.publish()
        populate(app, args.n)
        done, seconds, memory = measure(folder, url, args.workers)
        limit = args.n / bare(app, args.n)
        app.close()
    rate = done / seconds
    result = Result("advance", rate, "contacts/s", limit, rate / limit, memory, done)
    report(result, args.json, [f"{args.workers} worker process(es)"])


if __name__ == "__main__":
    main()
