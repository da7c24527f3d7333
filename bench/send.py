"""How fast mails go out, with everything that belongs to it: 6 KB of HTML with 6 tracked links, a text part,
unsubscribe headers, the whole protocol with durable commits, to an SMTP sink in a process of its own.

The sink is Debian's smtp-sink (package postfix) where it is installed, else a process of our own. The limit
is the same mails, rendered and piped to the same sink, without a database.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.clock import SystemClock
from nurture.core.campaign import Campaign, Policy, Window
from nurture.core.model import Contact, DeliveryState, Lifecycle, OutboundMail, Send, Stage
from nurture.deliver.dkim import new_key
from nurture.deliver.relays import Relays
from nurture.deliver.render import Writer
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.language.conditions import parse
from nurture.plug.contracts import Transport
from nurture.setting_web import Web
from nurture.settings import Dkim, Firm, Mail, Settings
from nurture.store import outbox, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.outbox import Message, Recipient
from nurture.testing.smtp import SmtpServer
from nurture.tokens import Signer
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options

PROCESSES = multiprocessing.get_context("spawn")
KEY = "a key for the benchmark, long enough"
CHUNK = 10_000
THREADS = 2
SELECTOR = "bench"
SETTINGS = Settings(
    firm=Firm(
        name="De Webmakers", address="Kerkstraat 1, 1234 AB Utrecht", website="https://webmakers.example"
    ),
    mail=Mail(from_address="hallo@webmakers.example", batch=500),
    web=Web(base_url="https://go.webmakers.example"),
)

CAMPAIGN = Campaign(
    name="c",
    profile="p",
    purpose="marketing",
    locale="nl",
    timezone="Europe/Amsterdam",
    audience=parse("true"),
    reenter=None,
    # Open from midnight to midnight: looked at for each mail, and never shut.
    policy=Policy(Window(end=datetime.min.time())),
    tracks={},
    steps={},
    handover=None,
)

VERSION = 1
_SEND = Send("c", VERSION, "welcome", 1, "welcome", "marketing", "nl")
_STYLE = "padding:0 0 16px 0;font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:24px"
_PARAGRAPH = f"""<tr><td style="{_STYLE}">
{{{{ contact.first_name }}}}, een goede website begint bij één vraag: wat moet een bezoeker kunnen doen?
Bellen, een afspraak maken, of langskomen in {{{{ contact.city }}}}. Kies er één, dan volgt de rest vanzelf.
De antwoorden op de vragen die je elke week krijgt, horen op je site; en wie hem straks bijhoudt, spreken we
vooraf af. Zo weet je aan het begin al wat het kost, hoe lang het duurt en wat je van ons mag verwachten,
zonder kleine lettertjes. Daarna maken we een eerste ontwerp, dat je op je telefoon en op een groot scherm
kunt bekijken; je zegt wat er anders moet, en pas als het klopt, gaan we verder met de volgende bladzijde.
Foto's en teksten mag je zelf leveren. Kom je er niet uit, dan schrijven wij ze samen met je op.
<a href="{{{{ firm.website }}}}/verder/NUMBER?ref=mail&amp;for=website" style="color:#1d6b52">Lees verder</a>
</td></tr>
"""
_SUBJECT = "Een nieuwe website, {{ contact.first_name }}: waar begin je?"
_HTML = (
    f"---\nsubject: '{_SUBJECT}'\npreheader: Drie vragen vooraf.\n---\n"
    '{% extends "layout.html" %}\n{% block body %}'
    + "".join(_PARAGRAPH.replace("NUMBER", str(number)) for number in range(6))
    + "{% endblock %}\n"
)
_TEXT = (
    '{% extends "layout.txt" %}\n{% block body %}Dag {{ contact.first_name }},\n\n'
    + "Een goede website begint bij één vraag: wat moet een bezoeker er kunnen doen?\n" * 36
    + "{% endblock %}\n"
)
_LAYOUT = """<!doctype html>
<html lang="{{ words.language }}"><head><meta charset="utf-8"><title>{{ firm.name }}</title></head>
<body style="margin:0;background:#f2f0eb"><div style="display:none">{{ preheader }}</div>
<table role="presentation" width="100%">{% block body %}{% endblock %}</table>
<p>{{ firm.name }}, {{ firm.address }}<br>
<a href="{{ unsubscribe_url }}">{{ words.unsubscribe }}</a></p></body></html>
"""


def write_templates(folder: Path) -> None:
    """One template with its layout, of the size that the benchmark promises."""
    files = {
        "layout.html": _LAYOUT,
        "layout.txt": "{% block body %}{% endblock %}\n{{ words.unsubscribe }}: {{ unsubscribe_url }}\n",
        "nl/words.yaml": "language: nl\nunsubscribe: Meld je hier af\n",
        "nl/welcome.html": _HTML,
        "nl/welcome.txt": _TEXT,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def reader(i: int, now: datetime) -> dict[str, Any]:
    """What is known of the i-th of those who get a mail."""
    return {
        "id": i,
        "created_at": now,
        "email": f"reader{i}@example.com",
        "name": f"Anneliese {i}",
        "first_name": "Anneliese",
        "city": "Utrecht",
        "answers": {"budget": "10k+"},
    }


def fill(url: str, n: int) -> None:
    """`n` contacts who agreed, each with one message that is due."""
    store, signer, now = Store(url), Signer(KEY), datetime.now(UTC)
    with store.write() as connection:
        schema.metadata.create_all(connection)
        version = {"id": VERSION, "name": "c", "hash": "h", "source": "", "file": "", "published_at": now}
        connection.execute(sa.insert(schema.campaign_version), version)
        connection.execute(sa.insert(schema.campaign), {"name": "c", "version_id": VERSION, "live": True})
    for start in range(1, n + 1, CHUNK):
        ids = range(start, min(start + CHUNK, n + 1))
        columns = ("id", "created_at", "email", "name", "first_name", "city", "answers", "updated_at")
        contacts = ((*reader(i, now).values(), now) for i in ids)
        with store.write() as connection:
            insert_rows(connection, schema.contact, columns, contacts)
            journeys = ((i, "contact", "orientation") for i in ids)
            insert_rows(connection, schema.journey, ("contact_id", "lifecycle", "stage"), journeys)
            consents = ((i, "marketing", True, "consent", now) for i in ids)
            agreed = ("contact_id", "purpose", "granted", "basis", "at")
            insert_rows(connection, schema.consent, agreed, consents)
            outbox.add(connection, [(i, _SEND) for i in ids], signer, "webmakers.example", now)
    if store.is_postgresql:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    store.close()


# --- the sink ----------------------------------------------------------------------------------------


def sink(pipe: Connection) -> None:
    """Takes mails and forgets them, until it is told to stop."""
    server = SmtpServer(quiet=True)
    server.start()
    pipe.send(server.port)
    pipe.recv()
    server.stop()


@contextmanager
def running_sink() -> Iterator[tuple[int, str]]:
    """The port of a sink in a process of its own, and what it is."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        with _own_sink() as port:
            yield port, "an SMTP sink of our own (smtp-sink is not installed)"
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    process = subprocess.Popen([program, *user, f"127.0.0.1:{port}", "1000"])
    try:
        _wait_for(port)
        yield port, "smtp-sink"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _own_sink() -> Iterator[int]:
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=sink, args=(theirs,))
    process.start()
    try:
        yield int(ours.recv())
    finally:
        ours.send("stop")
        process.join()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the sink does not answer")


# --- the processes -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """What a sending process needs; without `url` it sends `n` mails that no database knows."""

    url: str
    port: int
    templates: Path
    settings: Settings
    n: int

    def transport(self) -> SmtpTransport:
        return SmtpTransport(Options(host="127.0.0.1", port=self.port))


def worker(order: Order, pipe: Connection) -> None:
    """Sends batches until nothing is due; tells how many, and its peak of memory."""
    store, transport = Store(order.url), order.transport()
    sender = make_sender(store, transport, order)
    with store.read() as connection:
        connection.execute(sa.text("SELECT 1"))
    pipe.send("ready")
    pipe.recv()
    # Two threads, as any worker has more than one: while one waits for the server's answer, the other writes.
    with ThreadPoolExecutor(THREADS) as pool:
        sent = sum(pool.map(lambda _: drain(sender), range(THREADS)))
    pipe.send((sent, peak_rss_mb()))
    transport.close()
    store.close()


def make_sender(store: Store, transport: Transport, order: Order) -> Sender:
    """A sender of the one campaign."""
    return Sender(
        store,
        SystemClock(),
        Relays.only(transport),
        TemplateLibrary([order.templates]),
        Signer(KEY),
        settings=order.settings,
        campaign_of=lambda _version: CAMPAIGN,
    )


def drain(sender: Sender) -> int:
    """Sends until nothing is due; returns how many were sent."""
    sent = 0
    while (done := sender.send_batch()).claimed:
        sent += done.sent
    return sent


def piper(order: Order, pipe: Connection) -> None:
    """The limit: renders and pipes `n` mails as `worker` does, but asks no database."""
    transport, batch = order.transport(), order.settings.mail.batch
    writer = Writer(TemplateLibrary([order.templates]), Signer(KEY), order.settings)

    def send(start: int) -> int:
        mails = [_written(writer, i) for i in range(start, min(start + batch, order.n + 1))]
        return sum(delivery.state is DeliveryState.SENT for delivery in transport.deliver(mails, _Open()))

    pipe.send("ready")
    pipe.recv()
    with ThreadPoolExecutor(THREADS) as pool:
        sent = sum(pool.map(send, range(1, order.n + 1, batch)))
    pipe.send((sent, peak_rss_mb()))
    transport.close()


def _written(writer: Writer, i: int) -> OutboundMail:
    now = datetime.now(UTC)
    contact = Contact(**reader(i, now), lifecycle=Lifecycle.CONTACT, stage=Stage.ORIENTATION)
    message = Message(
        i, i, "c", VERSION, "welcome", "welcome", "marketing", "nl", f"<{i}@webmakers.example>", "", 1
    )
    return writer.write(message, Recipient(contact, None), now).mail


class _Open:
    """A ticket that asks nobody."""

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        return frozenset(mail.outbox_id for mail in mails)


def run(target: Callable[[Order, Connection], None], order: Order, workers: int) -> tuple[int, float, float]:
    """How many mails were sent, in how many seconds, and the largest worker's memory."""
    pipes = []
    for _ in range(workers):
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=target, args=(order, theirs), daemon=True)
        process.start()
        pipes.append((ours, process))
    for pipe, _ in pipes:
        pipe.recv()
    start = time.perf_counter()
    for pipe, _ in pipes:
        pipe.send("go")
    answers = [pipe.recv() for pipe, _ in pipes]
    seconds = time.perf_counter() - start
    for _, process in pipes:
        process.join()
    return sum(sent for sent, _ in answers), seconds, max(memory for _, memory in answers)


def with_key(settings: Settings, folder: Path, kind: str) -> Settings:
    """The settings, with a new key of that kind to sign with."""
    (folder / "key.pem").write_bytes(new_key(kind))
    key = Dkim(selector=SELECTOR, file=str(folder / "key.pem"))
    return settings.model_copy(update={"mail": settings.mail.model_copy(update={"dkim": (key,)})})


def main() -> None:
    """Measures and prints."""
    arguments = parser("send", n=20_000, about=__doc__)
    arguments.add_argument("--dkim", choices=["rsa", "ed25519"], help="sign every mail with such a key")
    args = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_sink() as (port, sink_is), database(args) as url:
        templates = Path(folder) / "templates"
        write_templates(templates)
        settings = with_key(SETTINGS, Path(folder), args.dkim) if args.dkim else SETTINGS
        order = Order(url, port, templates, settings, args.n)
        fill(url, args.n)
        piped = replace(order, url="", n=min(args.n, 20_000) // args.workers)
        count, seconds, _ = run(piper, piped, args.workers)
        limit = count / seconds
        sent, seconds, memory = run(worker, order, args.workers)
    if sent != args.n:
        raise SystemExit(f"only {sent} of {args.n} mails were sent")
    rate = args.n / seconds
    notes = [f"{args.workers} sending process(es); {sink_is}; signed with: {args.dkim or 'nothing'}"]
    report(Result("send", rate, "mails/s", limit, rate / limit, memory, args.n), args.json, notes)


if __name__ == "__main__":
    main()
