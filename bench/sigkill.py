"""The worker is killed (SIGKILL) at every named point of the sending protocol, again and again.

Not a measure of speed but a hunt: after each death the sweeper takes over, a healthy worker sends the rest,
and the journal of a real SMTP server is held against the outbox. Lost: neither arrived nor listed as unknown.
Doubled: arrived more than once. Unknown may be what was in flight, a batch, and nothing else. The limit is
the same rounds without a death.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from bench.send import CAMPAIGN, KEY, SETTINGS, reader
from nurture.clock import Clock, SystemClock, VirtualClock
from nurture.core.model import Send
from nurture.deliver.relays import Relays
from nurture.deliver.sender import TRANSMIT_LEASE, Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.store import outbox, outbox_view, schema
from nurture.store.engine import Store
from nurture.store.outbox import State
from nurture.testing.smtp import Accepted, Fault, SmtpServer, smtp_server
from nurture.tokens import Signer
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options

SEED = 20_260_302
MAILS = 12
BATCH = 4
TIMES = 20

TRANSACTIONS = ("claim", "mark", "finish")
"""The transactions of one batch, in their order."""

POINTS = (
    "before the claim's commit", "after the claim's commit",
    "connect", "ehlo", "mail", "rcpt",
    "before the mark's commit", "after the mark's commit",
    "data", "body", "dot", "taken",
    "before the finish's commit", "after the finish's commit",
)  # fmt: skip
"""Where the worker dies: around each commit, and when the server has read so far.

At `dot` the mail has come and is not taken yet, at `taken` it is and not answered yet.
"""

ENDS = (State.SENT, State.UNKNOWN)

_AT_THE_SERVER = {"connect", "ehlo", "mail", "rcpt", "data", "body", "dot", "taken"}
_BIG = "<p>" + "Een goede website begint bij één vraag. " * 12_000 + "</p>"
"""So that a mail does not arrive in one piece."""

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["bench.send", "sqlalchemy.dialects.postgresql.psycopg"])


# --- the one who dies ---------------------------------------------------------------------------------


class MortalStore(Store):
    """Dies before or after the n-th commit of a kind."""

    def __init__(self, url: str, point: str, nth: int) -> None:
        super().__init__(url)
        self._point = point
        self._left = nth
        self._written = 0

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        name = TRANSACTIONS[self._written % len(TRANSACTIONS)]
        self._written += 1
        with super().write() as connection:
            yield connection
            self._at(f"before the {name}'s commit")
        self._at(f"after the {name}'s commit")

    def _at(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class DeadlyServer(SmtpServer):
    """Kills whoever talks to it at the n-th time that it comes to a point."""

    victim: int = 0
    point: str = ""
    nth: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    ready: threading.Event = field(default_factory=threading.Event)

    def fault_at(self, point: str, recipients: Sequence[str]) -> Fault | None:
        self._reached(point)
        return None

    def take(self, mail: Accepted) -> None:
        SmtpServer.take(self, mail)
        # The journal has it before anybody dies of it.
        self._reached("taken")

    def _reached(self, point: str) -> None:
        self.seen[point] += 1
        if point != self.point or self.seen[point] != self.nth:
            return
        self.ready.wait()
        os.kill(self.victim, signal.SIGKILL)
        # Nothing more is answered to the dead.
        _wait_for_death(self.victim)


def _wait_for_death(process: int) -> None:
    while True:
        try:
            state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return
        if state in "ZX":
            return
        time.sleep(0.001)


def victim(url: str, port: int, templates: Path, point: str, nth: int) -> None:
    """Sends until nothing is due, or it is dead."""
    store = MortalStore(url, point, nth)
    transport = SmtpTransport(Options(host="127.0.0.1", port=port))
    _drain(_sender(store, SystemClock(), transport, templates))


def _sender(store: Store, clock: Clock, transport: SmtpTransport, templates: Path) -> Sender:
    mail = SETTINGS.mail.model_copy(update={"batch": BATCH})
    return Sender(
        store,
        clock,
        Relays.only(transport),
        TemplateLibrary([templates]),
        Signer(KEY),
        settings=SETTINGS.model_copy(update={"mail": mail}),
        campaign_of=lambda _version: CAMPAIGN,
    )


def _drain(sender: Sender) -> None:
    while sender.send_batch().claimed:
        pass


# --- one round ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Round:
    """What a death did: how many mails were lost, doubled, unknown, and unlisted or at no end."""

    point: str
    died: bool
    lost: int
    doubled: int
    unknown: int
    unlisted: int

    @property
    def is_well(self) -> bool:
        """Whether it was a death, and did no more than it may."""
        return self.died and not (self.lost or self.doubled or self.unlisted) and self.unknown <= BATCH


def prepare(store: Store, templates: Path) -> None:
    """The tables, the campaign, the people who agreed, and the template."""
    now = datetime.now(UTC)
    people = [reader(i, now) | {"updated_at": now} for i in range(1, MAILS + 1)]
    agreed = {"purpose": "marketing", "granted": True, "basis": "consent", "at": now}
    rows = {
        schema.campaign_version: [
            {"id": 1, "name": "c", "hash": "h", "source": "", "file": "", "published_at": now}
        ],
        schema.campaign: [{"name": "c", "version_id": 1, "live": True}],
        schema.contact: people,
        schema.journey: [
            {"contact_id": i, "lifecycle": "contact", "stage": "orientation"} for i in range(1, MAILS + 1)
        ],
        schema.consent: [{"contact_id": i, **agreed} for i in range(1, MAILS + 1)],
    }
    with store.write() as connection:
        schema.metadata.create_all(connection)
        for table, values in rows.items():
            connection.execute(sa.insert(table), values)
    (templates / "nl").mkdir(parents=True, exist_ok=True)
    (templates / "nl" / "t.html").write_text(f"---\nsubject: s\n---\n{_BIG}{{{{ unsubscribe_url }}}}")
    (templates / "nl" / "t.txt").write_text("{{ unsubscribe_url }}")


def one_round(store: Store, templates: Path, point: str, nth: int) -> Round:
    """A worker dies the `nth` time that it comes to `point`; another one goes on."""
    send = Send("c", 1, "s", 1, "t", "marketing", "nl")
    with store.write() as connection:
        connection.execute(sa.delete(schema.outbox))
        outbox.add(
            connection, [(i, send) for i in range(1, MAILS + 1)], Signer(KEY), "x.example", datetime.now(UTC)
        )
    server = DeadlyServer(point=point if point in _AT_THE_SERVER else "", nth=nth)
    with smtp_server(server):
        process = FORKED.Process(target=victim, args=(store.url, server.port, templates, point, nth))
        process.start()
        server.victim = process.pid or 0
        server.ready.set()
        process.join()
        server.point = ""
        clock = VirtualClock(datetime.now(UTC) + TRANSMIT_LEASE + timedelta(seconds=30))
        healthy = SmtpTransport(Options(host="127.0.0.1", port=server.port))
        sender = _sender(store, clock, healthy, templates)
        sender.sweep()
        _drain(sender)
        healthy.close()
        arrived = Counter(server.recipients())
    return _judged(store, point, process.exitcode == -signal.SIGKILL, arrived)


def _judged(store: Store, point: str, died: bool, arrived: Counter[str]) -> Round:
    with store.read() as connection:
        rows = {row["email"]: row["state"] for row in outbox_view.find(connection)}
        listed = {row["email"] for row in outbox_view.find(connection, [State.UNKNOWN])}
    unknown = {address for address, state in rows.items() if state == State.UNKNOWN}
    return Round(
        point,
        died,
        lost=sum(not arrived[address] and address not in unknown for address in rows),
        doubled=sum(times > 1 for times in arrived.values()),
        unknown=len(unknown),
        unlisted=len(unknown - listed) + sum(state not in ENDS for state in rows.values()),
    )


def rounds(store: Store, templates: Path, points: Sequence[str], times: int) -> Iterator[Round]:
    """`times` deaths at each point, at different moments of the work."""
    prepare(store, templates)
    for point in points:
        rng = random.Random(f"{SEED} {point}")
        for _ in range(times):
            yield one_round(store, templates, point, rng.randint(1, _often(point)))


def _often(point: str) -> int:
    """How often a worker comes to a point for sure: once a connection, a batch, or a mail."""
    if point in ("connect", "ehlo"):
        return 1
    return MAILS // BATCH if "commit" in point else MAILS - 1


def main() -> None:
    """Hunts and prints; ends with status 1 when anything was lost, doubled or not listed."""
    arguments = parser("sigkill", n=TIMES, about=__doc__)
    arguments.add_argument("--point", choices=POINTS, help="only there")
    args: argparse.Namespace = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(args) as url:
        store, templates = Store(url), Path(folder)
        start = time.perf_counter()
        found = list(rounds(store, templates, [args.point] if args.point else POINTS, args.n))
        rate = len(found) / (time.perf_counter() - start)
        start = time.perf_counter()
        undisturbed = [one_round(store, templates, "", 1) for _ in range(5)]
        limit = len(undisturbed) / (time.perf_counter() - start)
        store.close()
    notes = [_line(point, [one for one in found if one.point == point]) for point in POINTS]
    wrong = [one for one in found if not one.is_well]
    notes += [json.dumps(asdict(one)) for one in wrong[:10]]
    if not args.json:
        notes.append(f"{len(wrong)} of {len(found)} rounds were not as they must be")
    result = Result("sigkill", rate, "deaths/s", limit, rate / limit, peak_rss_mb(), len(found))
    report(result, args.json, [note for note in notes if note])
    if wrong:
        raise SystemExit(1)


def _line(point: str, found: Sequence[Round]) -> str:
    if not found:
        return ""
    most = max(one.unknown for one in found)
    return (
        f"{point}: {sum(one.died for one in found)} deaths; lost {sum(one.lost for one in found)}, "
        f"doubled {sum(one.doubled for one in found)}, unknown at most {most} of {BATCH} in flight"
    )


if __name__ == "__main__":
    main()
