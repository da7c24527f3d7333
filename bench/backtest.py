"""How fast `nurture backtest` replays people: 10,000 leads with 200,000 signals, two profiles, two processes.

The example firm's own rules are compared with others. Most people do little and some do much; one in ten was
won. The limit is one pass that only reads the same signals from the same database, in the same batches, and
does nothing with them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.advance import open_app
from bench.common import Result, database, parser, report
from bench.simulate import Memory
from nurture.app import App
from nurture.backtest.candidates import promoting_rules, published_candidate, read_candidate
from nurture.backtest.run import BATCH, Order, backtest
from nurture.core.words import visited_path
from nurture.store import pasts, schema
from nurture.store.bulk import insert_rows
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

SEED = 1
START, DAYS = datetime(2026, 1, 5, tzinfo=UTC), 180
END = START + timedelta(days=DAYS)
EACH = 20
"""Signals of a person on average; a few have many times as many."""

BLOCK = 5_000
NEW_RULES = (("prospect_at: 60", "prospect_at: 50"), ("engagement >= 25", "engagement >= 20"))
"""What the new rules say in place of the old ones."""

_PAGES = ("/", "/portfolio/bakery", "/how-it-works", "/prices", "/whats-included", "/quote")
_WEIGHTS = (40, 25, 15, 12, 6, 2)


def populate(app: App, n: int) -> int:
    """`n` contacts with their signals, one in ten of them won; answers with how many signals these are."""
    chance = Random(SEED)
    signals = 0
    for begin in range(1, n + 1, BLOCK):
        ids = range(begin, min(begin + BLOCK, n + 1))
        came = {id_: START + timedelta(minutes=chance.randrange(DAYS * 720)) for id_ in ids}
        rows = [row for id_ in ids for row in _signals(id_, came[id_], chance)]
        numbered = [(signals + number, *row) for number, row in enumerate(rows, 1)]
        signals += len(rows)
        with app.store.write() as connection:
            insert_rows(
                connection, schema.contact, _CONTACT, (_person(id_, came[id_], chance) for id_ in ids)
            )
            standing = ((id_, "contact", "orientation", came[id_]) for id_ in ids)
            insert_rows(
                connection, schema.journey, ("contact_id", "lifecycle", "stage", "stage_since"), standing
            )
            insert_rows(connection, schema.signal, _SIGNAL, numbered)
            won = [(id_, id_, "won", END, "bench", END) for id_ in ids if chance.random() < 0.1]
            insert_rows(connection, schema.outcome, _OUTCOME, won)
    return signals


_CONTACT = ("id", "email", "name", "country", "answers", "created_at", "updated_at")
_SIGNAL = ("id", "contact_id", "kind", "at", "received_at", "data", "classed", "path")
_OUTCOME = ("id", "contact_id", "result", "at", "source", "recorded_at")


def _person(id_: int, came: datetime, chance: Random) -> tuple[Any, ...]:
    answers = {
        "budget": chance.choice(("<2k", "2-5k", "5-10k", "10k+")),
        "role": chance.choice(("owner", "manager", "employee")),
    }
    country = chance.choice(("NL", "BE", "DE"))
    return id_, f"a{id_}@firm.example.com", f"An Jansen-{id_}", country, answers, came, came


def _signals(id_: int, came: datetime, chance: Random) -> Iterator[tuple[Any, ...]]:
    """As many as chance has it, each some days after the one before."""
    at = came
    for _ in range(1 + int(chance.expovariate(1 / (EACH - 0.5)))):
        kind = chance.choices(("opened", "clicked", "visited"), (40, 15, 45))[0]
        url = f"https://www.example.com{chance.choices(_PAGES, _WEIGHTS)[0]}"
        data = {"campaign": "new-website", "step": "welcome"} | ({} if kind == "opened" else {"url": url})
        yield id_, kind, at, at, data, "human", visited_path(kind, data)
        at += timedelta(minutes=chance.randrange(1, 6_000))


def bare(app: App) -> float:
    """Seconds that it takes one process to read the signals alone."""
    started = time.perf_counter()
    with app.store.read() as connection:
        starts = pasts.starts_of_batches(connection, BATCH)
        for first, before in zip(starts, [*starts[1:], None], strict=True):
            ids = pasts.ids_between(connection, first, before)
            for _ in pasts.signals_by_contact(connection, ids, END):
                pass
    return time.perf_counter() - started


def main() -> None:
    """Measures and prints."""
    arguments = parser("backtest", n=10_000, about=__doc__)
    arguments.set_defaults(workers=2)
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as temporary:
        folder = Path(temporary) / "workspace"
        create_workspace(folder)
        app = open_app(folder, url)
        upgrade(app.store)
        app.publish()
        signals = populate(app, args.n)
        text = (folder / "campaigns/profile.yaml").read_text(encoding="utf-8")
        for before, after in NEW_RULES:
            assert before in text
            text = text.replace(before, after)
        new = Path(temporary) / "new.yaml"
        new.write_text(text, encoding="utf-8")
        with app.store.read() as connection:
            old, rules = published_candidate(connection), promoting_rules(connection)
        order = Order(old, read_candidate(new, app.registry.rules), START, END, rules)
        started = time.perf_counter()
        with Memory() as memory:
            result = backtest(app.settings, order, processes=args.workers)
        seconds = time.perf_counter() - started
        limit = args.n / bare(app)
        app.close()
    rate = args.n / seconds
    notes = [
        f"{seconds:.1f} s for {signals:,} signals under two profiles, {args.workers} process(es); "
        f"{result.old.promoted:,} and {result.new.promoted:,} would have gone to sales",
        "the memory is that of all processes together",
    ]
    report(
        Result("backtest", rate, "leads/s", limit, rate / limit, memory.peak_mb, args.n),
        args.json,
        notes,
        {"seconds": seconds, "signals": signals},
    )


if __name__ == "__main__":
    main()
