"""How many people under way a second a publication moves: `python -m bench.publish`.

Everybody stands in the example campaign; one wait is made shorter, and the campaign is published the
production way. Beside it somebody wakes one contact after the other, as a visit to the website does: the
longest of these waits is how long the `journey` was locked. The limit is the bare database work for the same
rows in the same run: one UPDATE of every enrolment's version and one of every contact's alarm.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from threading import Event, Thread

import sqlalchemy as sa

from bench.advance import open_app, populate
from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.app import App
from nurture.store import journey, schema
from nurture.store.migrate import upgrade
from nurture.workspace import create_workspace

EDIT = ("wait: 9d", "wait: 8d")
CHECK = "a publication that moved fewer people than there are is not what is measured"


class Visitors(Thread):
    """Wakes one contact after the other and remembers how long each had to wait."""

    def __init__(self, app: App, n: int) -> None:
        super().__init__()
        self._app = app
        self._n = n
        self._end = Event()
        self.waits: list[float] = []

    def run(self) -> None:
        visitor = 0
        while not self._end.is_set():
            visitor = (visitor + 7919) % self._n
            began = time.perf_counter()
            with self._app.store.write() as connection:
                journey.wake(connection, [visitor + 1], self._app.clock.now())
            self.waits.append(time.perf_counter() - began)
            self._end.wait(0.002)

    def finish(self) -> None:
        self._end.set()
        self.join()


def published(app: App, n: int) -> float:
    """How long a publication takes that moves `n` people."""
    file = app.settings.folder / "campaigns" / "new-website.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace(*EDIT), encoding="utf-8")
    began = time.perf_counter()
    app.publish()
    took = time.perf_counter() - began
    live = sa.select(schema.campaign.c.version_id).where(schema.campaign.c.name == "new-website")
    with app.store.read() as connection:
        moved = sa.select(sa.func.count()).where(schema.enrolment.c.version_id == live.scalar_subquery())
        assert connection.scalar(moved) == n, CHECK
    return took


def bare(app: App) -> float:
    """How long the same rows take in two plain statements."""
    began = time.perf_counter()
    with app.store.write() as connection:
        version = sa.select(sa.func.min(schema.campaign_version.c.id)).scalar_subquery()
        connection.execute(sa.update(schema.enrolment).values(version_id=version))
        connection.execute(
            sa.update(schema.journey).values(due_at=app.clock.now(), wakes=schema.journey.c.wakes + 1)
        )
    return time.perf_counter() - began


def main() -> None:
    arguments = parser("publish", n=100_000, about=__doc__)
    args = arguments.parse_args()
    with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
        create_workspace(Path(folder) / "w")
        app = open_app(Path(folder) / "w", url)
        upgrade(app.store)
        app.publish()
        populate(app, args.n)
        with app.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE" if app.store.is_postgresql else "ANALYZE")
        visitors = Visitors(app, args.n)
        visitors.start()
        took = published(app, args.n)
        visitors.finish()
        least = bare(app)
        app.close()
    result = Result("publish", args.n / took, "people/s", args.n / least, least / took, peak_rss_mb(), args.n)
    notes = [
        f"published in {took:.2f} s; the same rows bare: {least:.2f} s",
        f"locked for {max(visitors.waits):.2f} s at the longest, for somebody who visits meanwhile "
        f"(usually {statistics.median(visitors.waits) * 1000:.1f} ms)",
    ]
    report(result, args.json, notes)


if __name__ == "__main__":
    main()
