"""A thousand mail scanners at real mails, and people beside them: whom do they promote, unsubscribe, answer?

Every mail goes out as in production; every link in it (those that lead to buying, the ways out, the invisible
one), and every answer in the notifications of sales, is asked for over HTTP, seconds after the delivery, by
the name of a browser: at once or seconds apart, from one address or many, with and without the invisible
link, with and without running the scripts of the page. One click of a person would promote. Meanwhile the
engine ticks. People click one link, two minutes after the delivery or later, some of them in a mail that a
scanner went through before.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.scanner_traffic import Asked, Mail, answers_looked_at, by_time, read_mail, reads, scans
from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.settings import load_settings
from nurture.store import schema
from nurture.store.bulk import insert_rows
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal, record_signals
from nurture.web.public import public_app
from nurture.web.server import serve
from nurture.workspace import create_workspace

SEED = 20_260_302
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
SITE = "https://www.example.com"
STEP = 0.25
TICK = 10.0
"""Seconds between two looks of the engine."""

_CONNECTIONS = 8
_PROFILE = """\
kind: profile
name: firm
lead: {require: [name, email]}
fit: {prospect_at: 10, rules: [{id: here, when: contact.country == "NL", points: 10}]}
signals:
  - {id: wants-to-buy, on: clicked, stage: decision, points: 40, buying: true}
  - {id: reads, on: visited, stage: decision, points: 40, buying: true}
  - {id: opens, on: opened, points: 5}
  - {id: writes, on: replied, stage: decision, points: 40, buying: true}
promote: engagement >= 40
"""
_CAMPAIGN = """\
kind: campaign
name: offer
profile: firm
purpose: marketing
locale: en
timezone: Europe/Amsterdam
audience: {when: 'contact.country == "NL"'}
stages:
  orientation:
    - {id: first, send: offer}
    - {id: read-it, wait_for: clicked("first"), up_to: 9d}
    - {id: second, send: offer}
handover: {team: sales-nl, notify: [email]}
"""
_TEMPLATE = """\
---
subject: An offer
preheader: Three of them.
---
{% extends "layout.html" %}
{% block body %}<p><a href="https://www.example.com/prices">Prices</a>,
<a href="https://www.example.com/quote">a quote</a>, <a href="https://www.example.com/cases">cases</a>.
<a href="{{ preferences_url }}">What we write about</a></p>{% endblock %}
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. Of those whom only scanners were at: how many were promoted, unsubscribed, moved to
    another stage, or sent what only a click brings; and how many hand-overs of `handed` were `answered`.
    `people` who clicked, and how many
    of them were taken for people.
    """

    scanned: int
    promoted: int
    unsubscribed: int
    moved: int
    mailed: int
    handed: int
    answered: int
    people: int
    recognised: int
    requests: int
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether no scanner got anything done, and every person did."""
        did = self.promoted + self.unsubscribed + self.moved + self.mailed + self.answered
        return did == 0 < self.handed and self.recognised == self.people


def run(url: str, n: int, folder: Path, seed: int = SEED) -> Outcome:
    """`n` mails that only scanners are at, a tenth as many of people alone, a tenth of both after another."""
    random, clock = Random(seed), VirtualClock(MONDAY)
    app = _workspace(folder, url, clock)
    try:
        some = max(1, n // 10)
        _fill(app, n + 2 * some)
        _tick(app)
        scanned, people, both = (
            range(1, n + 1),
            range(n + 1, n + some + 1),
            range(n + some + 1, n + 2 * some + 1),
        )
        with _serving(app) as port:
            handed = _hand_over(app, min(n, 50), n + 2 * some + 1)
            mails = _mails(folder / "mail" / "new")
            start = clock.now()
            asked = [one for id_ in (*scanned, *both) for one in scans(mails[id_], random)]
            asked += [one for id_ in (*people, *both) for one in reads(mails[id_], random)]
            asked += answers_looked_at(_answers(folder / "notices"), random)
            before = time.perf_counter()
            done = _ask_all(app, clock, start, asked, port)
            seconds = time.perf_counter() - before
        return _outcome(app, scanned, (*people, *both), handed, done, seconds)
    finally:
        app.close()


# --- the world --------------------------------------------------------------------------------------


def _workspace(folder: Path, url: str, clock: VirtualClock) -> App:
    create_workspace(folder)
    for old in (folder / "campaigns").glob("*.yaml"):
        old.unlink()
    (folder / "campaigns" / "profile.yaml").write_text(_PROFILE)
    (folder / "campaigns" / "offer.yaml").write_text(_CAMPAIGN)
    (folder / "templates" / "en" / "offer.html").write_text(_TEMPLATE)
    settings = load_settings(folder)
    changes = {
        "database": settings.database.model_copy(update={"url": url}),
        "web": settings.web.model_copy(update={"proxies": ("127.0.0.1",)}),
        "tracking": settings.tracking.model_copy(update={"sites": (SITE,)}),
    }
    app = build_app(settings.model_copy(update=changes), clock)
    upgrade(app.store)
    app.publish()
    return app


def _fill(app: App, n: int, first: int = 1) -> None:
    now, ids = app.clock.now(), range(first, first + n)
    with app.store.write() as connection:
        people = [(i, f"Person {i}", f"p{i}@firm{i}.example.com", "NL", "en", now, now) for i in ids]
        names = ("id", "name", "email", "country", "locale", "created_at", "updated_at")
        insert_rows(connection, schema.contact, names, people)
        columns = ("contact_id", "lifecycle", "stage", "stage_since", "due_at")
        rows = [(i, "contact", "orientation", now, now) for i in ids]
        insert_rows(connection, schema.journey, columns, rows)
        agreed = [(i, "marketing", True, "consent", now) for i in ids]
        insert_rows(connection, schema.consent, ("contact_id", "purpose", "granted", "basis", "at"), agreed)


def _hand_over(app: App, n: int, first: int) -> range:
    """`n` more people who are with sales already, whose notifications lie in the mailboxes of sales."""
    _fill(app, n, first)
    wrote = [NewSignal(id_, "replied", app.clock.now(), {}) for id_ in range(first, first + n)]
    with app.store.write() as connection:
        record_signals(connection, wrote, app.clock.now())
    _tick(app)
    return range(first, first + n)


def _tick(app: App) -> None:
    while app.advance_batch():
        pass
    while app.send_batch():
        pass
    while app.notify_batch():
        pass


def _mails(folder: Path) -> dict[int, Mail]:
    """The first mail to each person, by their id."""
    found = {}
    for file in folder.iterdir():
        to, mail = read_mail(file.read_bytes())
        number = re.search(r"p(\d+)@", to)
        assert number is not None, to
        found[int(number[1])] = mail
    return found


def _answers(folder: Path) -> list[str]:
    """Every address for an answer that the notifications have."""
    texts = [file.read_bytes() for file in folder.rglob("*.eml")]
    return sorted({path for text in texts for path in read_mail(text)[1].links if path.startswith("/h/")})


# --- the traffic ------------------------------------------------------------------------------------


@contextmanager
def _serving(app: App) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=serve, args=(public_app(app), "127.0.0.1", port, stop, ready.set))
    thread.start()
    try:
        assert ready.wait(30)
        yield port
    finally:
        stop.set()
        thread.join()


def _ask_all(app: App, clock: VirtualClock, start: datetime, asked: Sequence[Asked], port: int) -> int:
    """Every request at its moment; between them the engine ticks, and at last until all has settled."""
    done, ticked = 0, 0.0
    clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(_CONNECTIONS)]

    def ask(share: int, group: Sequence[Asked]) -> int:
        return sum(_ask(clients[share], one) for one in group[share::_CONNECTIONS])

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        for moment, group in by_time(asked, STEP):
            while ticked + TICK < moment:
                ticked += TICK
                clock.set(max(clock.now(), start + timedelta(seconds=ticked)))
                _tick(app)
            clock.set(max(clock.now(), start + timedelta(seconds=moment)))
            done += sum(pool.map(partial(ask, group=group), range(_CONNECTIONS)))
    for client in clients:
        client.close()
    for _ in range(30):
        clock.sleep(TICK)
        _tick(app)
    return done


def _ask(client: http.client.HTTPConnection, one: Asked) -> int:
    """One request, and what the scripts of the page then tell; answers with how many it were."""
    headers = {"User-Agent": one.agent, "X-Forwarded-For": one.address}
    client.request(one.method, one.path, headers=headers)
    answer = client.getresponse()
    answer.read()
    assert answer.status < 400, (one, answer.status)
    came = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("nv")
    if not one.follow or not came:
        return 1
    told = json.dumps({"visitor": came[0], "url": f"{SITE}/quote"})
    client.request("POST", "/b", told, {**headers, "Origin": SITE})
    client.getresponse().read()
    return 2


# --- what came of it --------------------------------------------------------------------------------


def _outcome(
    app: App, scanned: range, people: Sequence[int], handed: range, requests: int, seconds: float
) -> Outcome:
    journey, outbox, consent, handover = schema.journey, schema.outbox, schema.consent, schema.handover
    only = (scanned.start, scanned.stop - 1)

    def count(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).where(*where)) or 0

    with app.store.read() as connection:
        with_sales = handover.c.contact_id.between(handed.start, handed.stop - 1)
        standing = journey.c.contact_id.between(*only)
        return Outcome(
            scanned=len(scanned),
            promoted=count(connection, standing, journey.c.lifecycle != "contact"),
            unsubscribed=count(connection, consent.c.contact_id.between(*only), sa.not_(consent.c.granted)),
            moved=count(connection, standing, journey.c.stage != "orientation"),
            mailed=count(connection, outbox.c.contact_id.between(*only), outbox.c.step == "second"),
            handed=count(connection, with_sales),
            answered=count(connection, with_sales, handover.c.answer.is_not(None)),
            people=len(people),
            recognised=count(
                connection,
                journey.c.contact_id.between(people[0], people[-1]),
                journey.c.lifecycle == "prospect",
            ),
            requests=requests,
            seconds=seconds,
        )


def main() -> None:
    """Sends the scanners out, and tells what came of it; ends with 1 where one of them got anything done."""
    args = parser("scanners", n=1_000, about=__doc__).parse_args()
    with database(args) as url, tempfile.TemporaryDirectory() as folder:
        outcome = run(url, args.n, Path(folder) / "workspace")
    rate = outcome.requests / outcome.seconds
    names = ("promoted", "unsubscribed", "moved", "mailed", "handed", "answered", "people", "recognised")
    more = {name: float(getattr(outcome, name)) for name in names}
    notes = [", ".join(f"{name} {getattr(outcome, name):,}" for name in names)]
    report(Result("scanners", rate, "requests/s", rate, 1.0, peak_rss_mb(), args.n), args.json, notes, more)
    if not outcome.sound:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
