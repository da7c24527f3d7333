"""Thousands of people unsubscribe while mail to them goes out: no mail may be marked after its unsubscribe.

Not a measure of speed but a hunt. Senders in several threads talk to a real SMTP server; the unsubscribes go
through the recorder's group commit, most of them in the very moment in which the sender asks whether the mail
may go, or when the mark is made and not yet committed. Each mark and each withdrawal is numbered in the order
in which the database committed them. The limit is the same mails while nobody unsubscribes.

How the order of commits is seen: on PostgreSQL a deferred trigger, which runs when everything else of its
transaction is done, takes one lock that is only let go after the commit, and a number under it; so the
numbers are in the order of the commits, whatever the transactions did before. SQLite has one writer, whose
transactions are numbered as they write.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.send import CAMPAIGN, SETTINGS
from nurture import Delivery, OutboundMail, Ticket
from nurture.clock import SystemClock
from nurture.core.model import Send
from nurture.deliver.relays import Relays
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.store import outbox, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.testing.smtp import SmtpServer, smtp_server
from nurture.tokens import Signer, UnsubscribeFacts
from nurture.web.hits import Unsubscribed
from nurture.web.recorder import Recorder
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options

SEED = 20_260_302
BATCH = 25
THREADS = 3
AT_THE_MARK = 0.6
"""The share of people who unsubscribe just when the sender asks; of the others half do at some other time."""

MARKED = "marked"
POINTS = ("", "INSERT INTO consent", "INSERT INTO signal", "COMMIT", MARKED)
"""Where the recorder's transaction is when the mark is asked for: anywhere, or just before one of these.

`MARKED`: they press when the mark stands in a transaction that is not committed yet.
"""

ROUNDS = 20
"""How often a race goes on at most, with as many people again, until it was close enough."""

PATIENCE = 60.0
DOMAIN = "webmakers.example"
SIGNER = Signer("a key for the benchmark, long enough")
_START = datetime(2026, 3, 2, 9, tzinfo=UTC)

_POSTGRESQL = (
    "CREATE SEQUENCE commit_number",
    "CREATE TABLE commit_order (n bigint, kind text, contact_id bigint)",
    """CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_advisory_xact_lock(4242);
      INSERT INTO commit_order VALUES (nextval('commit_number'), TG_ARGV[0], NEW.contact_id);
      RETURN NULL;
    END $$""",
    """CREATE CONSTRAINT TRIGGER note_mark AFTER UPDATE ON outbox DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.state = 'transmitting' AND OLD.state = 'claimed')
      EXECUTE FUNCTION note_commit('mark')""",
    """CREATE CONSTRAINT TRIGGER note_withdrawal AFTER UPDATE ON consent DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (OLD.granted AND NOT NEW.granted) EXECUTE FUNCTION note_commit('withdrawal')""",
)
_SQLITE = (
    "CREATE TABLE commit_order (n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, contact_id INTEGER)",
    """CREATE TRIGGER note_mark AFTER UPDATE ON outbox
      WHEN NEW.state = 'transmitting' AND OLD.state = 'claimed'
      BEGIN INSERT INTO commit_order (kind, contact_id) VALUES ('mark', NEW.contact_id); END""",
    """CREATE TRIGGER note_withdrawal AFTER UPDATE ON consent WHEN OLD.granted AND NOT NEW.granted
      BEGIN INSERT INTO commit_order (kind, contact_id) VALUES ('withdrawal', NEW.contact_id); END""",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a race came to. `too_late` are the contacts whose mark was committed after their unsubscribe.

    `unmarked` are those who got a mail that was never marked, `twice` those who got two; `close` is how many
    marks and withdrawals of one person lie at most `2 * BATCH` commits apart.
    """

    people: int
    sent: int
    withheld: int
    unsubscribed: int
    close: int
    too_late: tuple[int, ...]
    unmarked: tuple[int, ...]
    twice: tuple[int, ...]
    seconds: float


def race(url: str, n: int, folder: Path, *, unsubscribing: bool = True, close: int = 0) -> Outcome:
    """One mail to each of `n` people on an empty database, of whom most unsubscribe meanwhile.

    With `close`, `n` more take part again and again, until so many were close; after `ROUNDS` it ends.
    """
    store = Store(url)
    try:
        _create(store)
        templates = _templates(folder)
        with smtp_server() as server:
            asked: set[int] = set()
            seconds = 0.0
            for first in range(1, ROUNDS * n, n):
                people = range(first, first + n)
                _fill(store, people)
                before = time.perf_counter()
                asked |= _run(store, people, server, templates, unsubscribing=unsubscribing)
                seconds += time.perf_counter() - before
                outcome = _outcome(store, server, asked, seconds)
                if outcome.close >= close:
                    break
        return outcome
    finally:
        store.close()


def _create(store: Store) -> None:
    with store.write() as connection:
        schema.metadata.create_all(connection)
        for statement in _POSTGRESQL if store.is_postgresql else _SQLITE:
            connection.exec_driver_sql(statement)
        version = {"id": 1, "name": "c", "hash": "h", "source": "", "file": "", "published_at": _START}
        connection.execute(sa.insert(schema.campaign_version), version)
        connection.execute(sa.insert(schema.campaign), {"name": "c", "version_id": 1, "live": True})


def _fill(store: Store, numbers: range) -> None:
    with store.write() as connection:
        people = [(i, f"reader{i}@example.com", f"Reader{i}", _START, _START) for i in numbers]
        insert_rows(
            connection, schema.contact, ["id", "email", "first_name", "created_at", "updated_at"], people
        )
        standing = [(i, "contact", "orientation") for i in numbers]
        insert_rows(connection, schema.journey, ["contact_id", "lifecycle", "stage"], standing)
        agreed = [(i, "marketing", True, "consent", _START) for i in numbers]
        insert_rows(connection, schema.consent, ["contact_id", "purpose", "granted", "basis", "at"], agreed)
        send = Send("c", 1, "welcome", 1, "welcome", "marketing", "nl")
        outbox.add(connection, [(i, send) for i in numbers], SIGNER, DOMAIN, _START)


def _templates(folder: Path) -> TemplateLibrary:
    (folder / "nl").mkdir(parents=True, exist_ok=True)
    front = "---\nsubject: Hallo\n---\n"
    (folder / "nl" / "welcome.html").write_text(
        front + "<p>{{ contact.first_name }} {{ unsubscribe_url }}</p>"
    )
    (folder / "nl" / "welcome.txt").write_text("{{ contact.first_name }} {{ unsubscribe_url }}")
    return TemplateLibrary([folder])


@dataclass
class _Readers:
    """People who press the button, each once: the recorder's loop in a thread of its own."""

    recorder: Recorder
    clock: SystemClock
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    asked: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[Future[bool]] = field(default_factory=list)

    def unsubscribe(self, contact_ids: Iterable[int]) -> bool:
        """Presses for all of them at once, and does not wait; whether anybody had not yet."""
        with self.lock:
            new = [each for each in contact_ids if each not in self.asked]
            self.asked.update(new)
            for each in new:
                wish = Unsubscribed(
                    UnsubscribeFacts(each, "marketing", each, "c", "welcome"), self.clock.now(), "one-click"
                )
                stored = self.recorder.record(wish, patience=PATIENCE)
                self.waiting.append(asyncio.run_coroutine_threadsafe(stored, self.loop))
        return bool(new)


class _Points:
    """How far the recorder's transaction has come, so that a mark can be asked for just then."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._reached: Counter[str] = Counter()
        self._condition = threading.Condition()
        self._mine = threading.local()
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "commit", self._committing)

    def forget(self) -> None:
        event.remove(self._engine, "before_cursor_execute", self._before)
        event.remove(self._engine, "commit", self._committing)

    def _before(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self._reach(" ".join(statement.split()[:3]))

    def _committing(self, _connection: object) -> None:
        self._reach("COMMIT")
        if act := self._mine.__dict__.pop("before_commit", None):
            act()

    def _reach(self, point: str) -> None:
        if threading.current_thread().name == "recorder":
            with self._condition:
                self._reached[point] += 1
                self._condition.notify_all()

    def after(self, point: str, act: Callable[[], bool], timeout: float = 1.0) -> None:
        """Does `act`; if it did anything, returns when the recorder has come to `point` or has long not."""
        with self._condition:
            before = self._reached[point]
        if act():
            with self._condition:
                self._condition.wait_for(lambda: self._reached[point] > before, timeout=timeout)

    def before_commit(self, act: Callable[[], bool]) -> None:
        """Does `act` just before this thread's next commit, which then waits for the recorder a little.

        Rightly in vain: what is being marked cannot be withdrawn.
        """
        self._mine.before_commit = partial(self.after, "COMMIT", act, timeout=0.05)


class _Racing:
    """The transport smtp, with people who press the button just when it asks what may go."""

    name = "smtp"

    def __init__(
        self, inner: SmtpTransport, readers: _Readers | None, points: _Points, rng: random.Random
    ) -> None:
        self._inner = inner
        self._readers = readers
        self._points = points
        self._rng = rng

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        return self._inner.deliver(mails, _Pressed(ticket, self._press))

    def close(self) -> None:
        self._inner.close()

    def _press(self, mails: Sequence[OutboundMail]) -> None:
        if self._readers is not None:
            chosen = [_number(mail.recipient) for mail in mails if self._rng.random() < AT_THE_MARK]
            press = partial(self._readers.unsubscribe, chosen)
            point = self._rng.choice(POINTS)
            if point == MARKED:
                self._points.before_commit(press)
            elif point:
                self._points.after(point, press)
            else:
                press()


@dataclass
class _Pressed:
    ticket: Ticket
    press: Callable[[Sequence[OutboundMail]], None]

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        self.press(mails)
        return self.ticket.begin(mails)


def _number(address: str) -> int:
    return int(address.removeprefix("reader").partition("@")[0])


def _run(
    store: Store, people: range, server: SmtpServer, templates: TemplateLibrary, *, unsubscribing: bool
) -> set[int]:
    clock, rng = SystemClock(), random.Random(SEED + people.start)
    recorder = Recorder(store, clock, capacity=2 * len(people))
    readers = _Readers(recorder, clock)
    settings = SETTINGS.model_copy(update={"mail": SETTINGS.mail.model_copy(update={"batch": BATCH})})
    options = Options(host=server.host, port=server.port)
    points = _Points(store.engine)
    transport = _Racing(SmtpTransport(options), readers if unsubscribing else None, points, rng)
    parts = (store, clock, Relays.only(transport), templates, SIGNER)
    sender = Sender(*parts, settings=settings, campaign_of=lambda _: CAMPAIGN)

    def send_all() -> None:
        while sender.send_batch().claimed:
            pass

    def press_now_and_then() -> None:
        everybody = list(people)
        random.Random(SEED).shuffle(everybody)
        for start in range(0, len(people) // 3, 10):
            readers.unsubscribe(everybody[start : start + 10])
            clock.sleep(0.002)

    with _looping(readers), ThreadPoolExecutor(THREADS + 1) as pool:
        tasks = [pool.submit(send_all) for _ in range(THREADS)]
        if unsubscribing:
            tasks.append(pool.submit(press_now_and_then))
        for task in tasks:
            task.result()
        for stored in readers.waiting:
            assert stored.result()
    transport.close()
    points.forget()
    return readers.asked


@contextmanager
def _looping(readers: _Readers) -> Iterator[None]:
    readers.recorder.start()
    thread = threading.Thread(target=readers.loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        readers.loop.call_soon_threadsafe(readers.loop.stop)
        thread.join()
        readers.loop.close()
        readers.recorder.stop()


def _outcome(store: Store, server: SmtpServer, asked: set[int], seconds: float) -> Outcome:
    with store.read() as connection:
        order = sa.table("commit_order", sa.column("n"), sa.column("kind"), sa.column("contact_id"))
        numbered = connection.execute(sa.select(order.c.kind, order.c.contact_id, order.c.n)).all()
        states = Counter(connection.scalars(sa.select(schema.outbox.c.state)))
    marks = {contact_id: n for kind, contact_id, n in numbered if kind == "mark"}
    withdrawals = {contact_id: n for kind, contact_id, n in numbered if kind == "withdrawal"}
    assert withdrawals.keys() == asked, "each unsubscribe is numbered once"
    got = Counter(_number(recipient) for recipient in server.recipients())
    both = marks.keys() & withdrawals.keys()
    return Outcome(
        people=states.total(),
        sent=states["sent"],
        withheld=states["withheld"],
        unsubscribed=len(withdrawals),
        close=sum(abs(marks[each] - withdrawals[each]) <= 2 * BATCH for each in both),
        too_late=tuple(sorted(each for each in both if marks[each] > withdrawals[each])),
        unmarked=tuple(sorted(got.keys() - marks.keys())),
        twice=tuple(sorted(each for each, mails in got.items() if mails > 1)),
        seconds=seconds,
    )


def main() -> None:
    args = parser("unsubscribe_race", n=10_000, about=__doc__).parse_args()
    outcomes = []
    for unsubscribing in (True, False):
        with database(args) as url, tempfile.TemporaryDirectory(prefix="nurture-race-") as folder:
            outcomes.append(race(url, args.n, Path(folder), unsubscribing=unsubscribing))
    raced, alone = outcomes
    rate, limit = args.n / raced.seconds, args.n / alone.seconds
    notes = [
        f"{raced.unsubscribed:,} unsubscribed; {raced.sent:,} mails sent, {raced.withheld:,} withheld",
        f"{raced.close:,} marks and unsubscribes of one person within {2 * BATCH} commits",
        f"marked after the unsubscribe: {len(raced.too_late)}; unmarked: {len(raced.unmarked)}; "
        f"twice: {len(raced.twice)}",
    ]
    result = Result("unsubscribe_race", rate, "mails/s", limit, rate / limit, peak_rss_mb(), args.n)
    report(result, args.json, notes)
    if raced.too_late or raced.unmarked or raced.twice:
        raise SystemExit(f"mail after an unsubscribe: {raced.too_late[:10]}, {raced.unmarked[:10]}")


if __name__ == "__main__":
    main()
