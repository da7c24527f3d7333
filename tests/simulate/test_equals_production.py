"""Simulation and production give the same history for the same events.

The same 500 leads and the same script go both ways: once through a simulation's shard in memory, once through
PostgreSQL, the actors on a real broker, and SMTP. Both clocks stand at the same moments. In production opens,
clicks and unsubscriptions are stored as the public pages store them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from secrets import token_bytes
from typing import Any

import dramatiq
import pytest
import redis
import sqlalchemy as sa
from dramatiq.brokers.redis import RedisBroker

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.jobs.actors import Job, Jobs
from nurture.jobs.broker import build_broker
from nurture.plug.contracts import Payload
from nurture.settings import Settings
from nurture.simulate.acts import Act
from nurture.simulate.events import acts_of, read_script
from nurture.simulate.lists import Leads
from nurture.simulate.master import Master, prepare
from nurture.simulate.result import PeopleFrom
from nurture.simulate.shard import STEP, ShardRun, Task
from nurture.store import journey, outbox_view, records, schema
from nurture.store.engine import Store
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal, record_signals
from nurture.testing import servers
from nurture.testing.smtp import SmtpServer, smtp_server
from nurture.tokens import LinkFacts, OpenFacts, UnsubscribeFacts
from nurture.web.hits import Hit, Unsubscribed, store_group
from tests.simulate.world import MONDAY, workspace, write_leads

PEOPLE = 500
DAYS = 30
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PURPOSE = "marketing"
KINDS = ("opened", "clicked", "visited", "submitted", "unsubscribed")
PAGES = ("/prices", "/whats-included", "/portfolio", "/quote")


@dataclass(frozen=True)
class Histories:
    """Ledger → its rows, of the two ways."""

    simulated: dict[str, list[tuple[Any, ...]]]
    produced: dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str, redis_url: str) -> Histories:
    folder = tmp_path_factory.mktemp("both-ways")
    settings = workspace(folder / "workspace")
    leads, script = write_leads(folder / "leads.csv", PEOPLE), folder / "events.csv"
    write_script(script, leads)
    master = prepare(settings, "new-website", PeopleFrom.FILE, [Leads(leads)], MONDAY, folder / "people.db")
    acts = [act for some in acts_of(read_script(script), master).values() for act in some]
    with servers.database(postgresql_url) as url:
        produced = produce(settings, url, redis_url, leads, master.start, acts)
    return Histories(simulate(settings, master, acts), produced)


def write_script(file: Path, leads: Path) -> None:
    """What these people do, by a fixed chance: enough for every stage, hand-overs, and ways out.

    Everybody looks at their mail in one of three hours of the day, so that the days go by faster.
    """
    chance = Random("script")
    with leads.open(encoding="utf-8") as stream:
        people = [row["email"] for row in csv.DictReader(stream) if row["name"]]
    lines = ["at,contact,kind,campaign,step,url,form"]
    for _ in range(PEOPLE * 3):
        day, hour, minute = chance.randrange(DAYS), chance.choice((9, 14, 20)), chance.randrange(60)
        at = MONDAY + timedelta(days=day, hours=hour, minutes=minute)
        kind = chance.choices(KINDS, (9, 6, 6, 2, 1))[0]
        mail = "," if kind in ("visited", "submitted") else "new-website,welcome"
        url = f"https://www.example.com{chance.choice(PAGES)}" if kind in ("clicked", "visited") else ""
        form = chance.choice(("brochure", "quote")) if kind == "submitted" else ""
        lines.append(f"{at.isoformat()},{chance.choice(people)},{kind},{mail},{url},{form}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def simulate(settings: Settings, master: Master, acts: list[Act]) -> dict[str, list[tuple[Any, ...]]]:
    task = Task(
        settings=settings,
        database=master.database,
        shard=master.shards[0],
        campaign=master.campaign.name,
        purpose=PURPOSE,
        timezone=master.campaign.timezone,
        start=master.start,
        days=DAYS,
        seed=1,
        behaviour=None,
        script=tuple(acts),
    )
    run = ShardRun(task)
    run.run()
    found = ledgers(run.app.store)
    run.close()
    return found


# --- production -------------------------------------------------------------------------------------


def produce(
    settings: Settings, url: str, redis_url: str, leads: Path, start: datetime, acts: list[Act]
) -> dict[str, list[tuple[Any, ...]]]:
    clock = VirtualClock(start)
    with smtp_server(SmtpServer()) as smtp:
        mail = settings.mail.model_copy(update={"transport": "smtp"})
        options = {**settings.plugin, "smtp": {"host": smtp.host, "port": smtp.port}}
        database = settings.database.model_copy(update={"url": url})
        changed = {"mail": mail, "plugin": options, "database": database}
        app = build_app(settings.model_copy(update=changed), clock)
        upgrade(app.store)
        app.publish()
        with leads.open("rb") as stream:
            app.intake().receive("csv", Payload(stream, leads.name))
        app.sort_all()
        with working(app, redis_url) as work:
            live(app, clock, start, acts, work)
        found = ledgers(app.store)
        people = {row[0] for row in found["mails"]}
        # The rest went to sales.
        assert sum(mail.recipients[0] in people for mail in smtp.journal) == len(found["mails"])
        app.close()
    return found


@contextmanager
def working(app: App, redis_url: str) -> Iterator[Callable[[], None]]:
    """Workers on a real broker: what is given rings the bell, and waits until they have done all of it."""
    redis.Redis.from_url(redis_url).flushall()
    broker = build_broker(redis_url)
    assert isinstance(broker, RedisBroker)
    jobs = Jobs(app, broker)
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=20)
    worker.start()

    def work() -> None:
        jobs.ring(Job.ADVANCE)
        # A job rings for those that follow it before its message is acknowledged.
        for job in (Job.ADVANCE, Job.SEND, Job.NOTIFY, Job.ERRANDS):
            broker.join(job.value, interval=5)

    try:
        yield work
    finally:
        jobs.stop()
        worker.stop()
        broker.close()


def live(app: App, clock: VirtualClock, start: datetime, acts: list[Act], work: Callable[[], None]) -> None:
    """The days of production, its clock at the moments at which a simulation's clock stands."""
    end, waiting = start + timedelta(days=DAYS), list(acts)
    while True:
        work()
        with app.store.read() as connection:
            moments = [journey.next_due(connection), outbox_view.next_ready(connection)]
        moments += [waiting[0].at if waiting else None]
        known = [moment for moment in moments if moment is not None]
        if not known:
            return
        steps = max(-((start - min(known)) // STEP), (clock.now() - start) // STEP + 1)
        if start + steps * STEP >= end:
            return
        clock.set(start + steps * STEP)
        happened = [act for act in waiting if act.at <= clock.now()]
        waiting = waiting[len(happened) :]
        if happened:
            with app.store.write() as connection:
                store_happened(connection, happened, clock.now())


def store_happened(connection: sa.Connection, acts: list[Act], now: datetime) -> None:
    """As it comes in: through the public pages' own function, or from the website's statistics and forms."""
    by_mail = {"opened", "clicked", "unsubscribed"}
    for act in acts:
        if act.kind in by_mail:
            store_group(connection, [(token_bytes(16), happened(act))], now)
        else:
            record_signals(connection, [NewSignal(act.contact_id, act.kind, act.at, act.data)], now)


def happened(act: Act) -> Hit | Unsubscribed:
    campaign, step = str(act.data["campaign"]), str(act.data["step"])
    if act.kind == "unsubscribed":
        facts = UnsubscribeFacts(act.contact_id, PURPOSE, 0, campaign, step)
        return Unsubscribed(facts, act.at, "one-click")
    if act.kind == "clicked":
        link = LinkFacts(0, act.contact_id, campaign, step, str(act.data["url"]))
        return Hit(link, act.at, "GET", BROWSER, {})
    return Hit(OpenFacts(0, act.contact_id, campaign, step), act.at, "GET", BROWSER, {})


# --- what is compared -------------------------------------------------------------------------------


def ledgers(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that was decided and done, by name, each row told by the contact's address."""
    mail, place = schema.outbox.c, schema.enrolment.c
    handover, standing = schema.handover.c, schema.journey.c
    wanted = {
        "mails": (
            mail.contact_id,
            [mail.campaign, mail.step, mail.occurrence, mail.lap, mail.done_at, mail.state, mail.subject],
        ),
        "places": (
            place.contact_id,
            [
                place.campaign,
                place.occurrence,
                place.track,
                place.step,
                place.since,
                place.entered_at,
                place.state,
                place.lap,
            ],
        ),
        "hand-overs": (
            handover.contact_id,
            [handover.created_at, handover.campaign, handover.team, handover.because, handover.assignee_name],
        ),
        "standing": (
            standing.contact_id,
            [standing.lifecycle, standing.stage, standing.stage_since, standing.fit, standing.due_at],
        ),
    }
    found = {}
    with store.read() as connection:
        for name, (person, columns) in wanted.items():
            rows = connection.execute(
                sa.select(schema.contact.c.email, *columns)
                .join(schema.contact, schema.contact.c.id == person)
                .where(schema.contact.c.junk_reason.is_(None))
            )
            found[name] = sorted((tuple(row) for row in rows), key=repr)
        people = connection.execute(
            sa.select(schema.contact.c.id, schema.contact.c.email).where(
                schema.contact.c.junk_reason.is_(None)
            )
        )
        found["decisions"] = sorted(decisions(connection, dict(tuple(row) for row in people)), key=repr)
    return found


def decisions(connection: sa.Connection, emails: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    for told in records.told(connection, list(emails)):
        record = told.record
        kept = (record.what, record.campaign, record.step, record.reason, record.rule, record.evidence)
        yield emails[told.contact_id], told.at, *kept


@pytest.mark.parametrize("ledger", ["mails", "places", "decisions", "hand-overs", "standing"])
def test_simulation_and_production_write_the_same_ledger(histories: Histories, ledger: str) -> None:
    assert histories.simulated[ledger] == histories.produced[ledger]


def test_the_ledgers_are_not_empty(histories: Histories) -> None:
    whats = {row[2] for row in histories.simulated["decisions"]}
    assert {"sent", "stage_changed", "promoted", "handed_over", "disqualified", "timed_out"} <= whats
    assert len(histories.simulated["mails"]) > PEOPLE
