"""How fast everybody is judged anew by a changed profile, the production way: `python -m bench.evaluate`.

A million contacts with a company, answers, three signals and a place in the example campaign. The profile's
fit rules, points and half-life are changed and published: fit and engagement of everybody change, and those
who change stage, become prospects or are disqualified are decided on, with all that follows (records, mails,
hand-overs). The clock stops when nobody is due any more.

The limits, in the same run: score and stage alone as one bare aggregate, and the bare UPDATE of as many rows.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.advance import BLOCK, NOW, measure, open_app
from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.app import App
from nurture.core.words import visited_path
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.migrate import upgrade
from nurture.store.reevaluation import reevaluate
from nurture.workspace import create_workspace

ACCOUNTS = 50_000
SIGNALS_EACH = 3
SEED = 20261127
BEFORE = NOW - timedelta(days=60)
HOST = "https://www.example.com"

DEEDS: list[tuple[str, dict[str, Any], int]] = [
    ("visited", {"url": f"{HOST}/"}, 30),
    ("visited", {"url": f"{HOST}/portfolio/3"}, 30),
    ("visited", {"url": f"{HOST}/how-it-works"}, 10),
    ("opened", {"campaign": "new-website", "step": "welcome"}, 15),
    ("clicked", {"campaign": "new-website", "step": "welcome", "url": f"{HOST}/portfolio/1"}, 6),
    ("visited", {"url": f"{HOST}/prices"}, 5),
    ("visited", {"url": f"{HOST}/quote"}, 2),
    ("submitted", {"form": "brochure", "answers": {}}, 2),
]
"""What people did: kind, data, and how often, in a hundred."""

CHANGES = (
    ("points: 35, about", "points: 40, about"),
    ("points: 25, about", "points: 20, about"),
    ("half_life: 21d", "half_life: 28d"),
    ("stage: comparison, points: 6}", "stage: comparison, points: 12}"),
    ("promote: fit >= 60 and engagement >= 25", "promote: fit >= 50 and engagement >= 15"),
)
"""What is changed in the example profile."""

BARE_AGGREGATE = """
SELECT count(*), sum(score), sum(CASE WHEN evidence >= 10 THEN 1 END) FROM (
  SELECT contact_id,
    sum((CASE kind WHEN 'visited' THEN 4 WHEN 'submitted' THEN 8 ELSE 1 END)
      * power(0.5, extract(epoch FROM {now} - at) / 1814400)) AS score,
    sum(CASE WHEN starts_with(path, '/prices') THEN 6 ELSE 0 END) AS evidence
  FROM signal GROUP BY contact_id) AS scored
"""


def populate(app: App, n: int) -> None:
    dice = random.Random(SEED)
    with app.store.write() as connection:
        version = connection.scalar(
            sa.select(schema.campaign.c.version_id).where(schema.campaign.c.name == "new-website")
        )
        columns = ("id", "name", "domain", "country", "employees", "created_at", "updated_at")
        firms = (
            (
                i,
                f"Firm {i}",
                f"firm{i}.example.com",
                dice.choice(["NL", "BE", "DE", "FR"]),
                dice.randrange(1, 400),
                BEFORE,
                BEFORE,
            )
            for i in range(1, ACCOUNTS + 1)
        )
        insert_rows(connection, schema.account, columns, firms)
    for start in range(1, n + 1, BLOCK):
        _insert_block(app, range(start, min(start + BLOCK, n + 1)), dice, version)


def _insert_block(app: App, ids: range, dice: random.Random, version: int | None) -> None:
    contact = (
        "id",
        "account_id",
        "email",
        "name",
        "country",
        "locale",
        "interests",
        "answers",
        "created_at",
        "updated_at",
    )
    signal = ("contact_id", "kind", "at", "received_at", "data", "classed", "path")
    journey = ("contact_id", "lifecycle", "stage", "stage_since", "due_at")
    enrolment = (
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
    )
    later = NOW + timedelta(days=30)
    with app.store.write() as connection:
        insert_rows(connection, schema.contact, contact, (_person(i, dice) for i in ids))
        insert_rows(connection, schema.signal, signal, (row for i in ids for row in _signals(i, dice)))
        insert_rows(
            connection, schema.journey, journey, ((i, "contact", "orientation", BEFORE, later) for i in ids)
        )
        insert_rows(
            connection,
            schema.enrolment,
            enrolment,
            (
                (i, "new-website", version, 1, "orientation", "quiet", NOW, BEFORE, ["welcome"], "active")
                for i in ids
            ),
        )


def _person(id_: int, dice: random.Random) -> tuple[Any, ...]:
    answers = {
        "budget": dice.choice(["<2k", "2-5k", "2-5k", "5-10k", "10k+"]),
        "role": dice.choice(["owner", "manager", "employee", "employee"]),
        "start": dice.choice(["now", "1-3 months", "just looking"]),
    }
    known = {name: value for name, value in answers.items() if dice.random() < 0.6}
    country = dice.choice(["NL", "BE", "DE", "FR"])
    return (
        id_,
        id_ % ACCOUNTS + 1,
        f"lead-{id_}@example.com",
        f"An {id_}",
        country,
        "nl",
        ["website"],
        known,
        BEFORE,
        BEFORE,
    )


def _signals(id_: int, dice: random.Random) -> Iterator[tuple[Any, ...]]:
    for kind, data, _ in dice.choices(DEEDS, [often for *_, often in DEEDS], k=SIGNALS_EACH):
        at = NOW - timedelta(days=60 * dice.random(), hours=1)
        yield id_, kind, at, at, data, "human", visited_path(kind, data)


def first_evaluation(app: App) -> None:
    """Everybody as the example profile has it, before it is changed."""
    with app.store.write() as connection:
        reevaluate(connection, app.plans.current(connection).profile, NOW)


def change_profile(folder: Path) -> None:
    path = folder / "campaigns" / "profile.yaml"
    text = path.read_text(encoding="utf-8")
    for before, after in CHANGES:
        assert before in text, f"the example profile no longer has {before!r}"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare_seconds(app: App) -> tuple[float, float]:
    """Seconds of the bare aggregate, and of the bare UPDATE of every journey."""
    journey = schema.journey
    now = f"timestamptz '{NOW.isoformat()}'"
    with app.store.write() as connection:
        aggregate = timed(lambda: connection.exec_driver_sql(BARE_AGGREGATE.format(now=now)).all())
        update = timed(
            lambda: connection.execute(
                sa.update(journey).values(fit=journey.c.fit + 1, engagement=journey.c.engagement + 1)
            )
        )
    return aggregate, update


def vacuum(app: App) -> None:
    with app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def main() -> None:
    arguments = parser("evaluate", n=1_000_000, about=__doc__)
    arguments.set_defaults(workers=2)
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as temporary:
        folder = Path(temporary) / "workspace"
        create_workspace(folder)
        app = open_app(folder, url)
        upgrade(app.store)
        app.publish()
        populate(app, args.n)
        vacuum(app)
        first_evaluation(app)
        measure(folder, url, args.workers)
        vacuum(app)
        aggregate, update = bare_seconds(app)
        vacuum(app)
        change_profile(folder)
        published = timed(app.publish)
        decided, following, memory = measure(folder, url, args.workers)
        app.close()
    seconds = published + following
    limit = args.n / (aggregate + update)
    result = Result(
        "evaluate",
        args.n / seconds,
        "contacts/s",
        limit,
        (aggregate + update) / seconds,
        max(memory, peak_rss_mb()),
        args.n,
    )
    notes = [
        f"{seconds:.1f} s: {published:.1f} s set-based, then {decided:,} decided on in {following:.1f} s",
        f"the bare aggregate: {aggregate:.1f} s; the bare UPDATE: {update:.1f} s",
    ]
    report(
        result,
        args.json,
        notes,
        {"seconds": seconds, "decided": decided, "aggregate": aggregate, "update": update},
    )


if __name__ == "__main__":
    main()
