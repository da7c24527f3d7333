"""How fast mails go out, with everything that belongs to it: 6 KB of HTML with 6 tracked links, a text part,
unsubscribe headers, the whole protocol with durable commits, to an SMTP sink in a process of its own.

The limit is the same mails, written beforehand, through one pipelined connection to the same sink.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from bench.common import Result, database, parser, peak_rss_mb, report
from nurture.clock import SystemClock
from nurture.core.campaign import Campaign, Policy, Window
from nurture.core.model import Delivery, OutboundMail, Send
from nurture.deliver.sender import Sender
from nurture.deliver.templates import TemplateLibrary
from nurture.language.conditions import parse
from nurture.plug.contracts import Ticket, Transport
from nurture.settings import Firm, Mail, Settings, Web
from nurture.store import outbox, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.testing.smtp import SmtpServer
from nurture.tokens import Signer
from plugins.smtp import SmtpTransport
from plugins.smtp.connection import Options

PROCESSES = multiprocessing.get_context("spawn")
KEY = "a key for the benchmark, long enough"
CHUNK = 10_000
THREADS = 2
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


def fill(url: str, n: int) -> None:
    """`n` contacts who agreed, each with one message that is due."""
    store, signer, now = Store(url), Signer(KEY), datetime.now(UTC)
    with store.write() as connection:
        schema.metadata.create_all(connection)
        version = {"id": 1, "name": "c", "hash": "h", "source": "", "file": "", "published_at": now}
        connection.execute(sa.insert(schema.campaign_version), version)
        connection.execute(sa.insert(schema.campaign), {"name": "c", "version_id": 1, "live": True})
    send = Send("c", 1, "welcome", 1, "welcome", "marketing", "nl")
    for start in range(1, n + 1, CHUNK):
        ids = range(start, min(start + CHUNK, n + 1))
        contacts = (
            (
                i,
                f"reader{i}@example.com",
                f"Anneliese {i}",
                "Anneliese",
                "Utrecht",
                {"budget": "10k+"},
                now,
                now,
            )
            for i in ids
        )
        columns = ("id", "email", "name", "first_name", "city", "answers", "created_at", "updated_at")
        with store.write() as connection:
            insert_rows(connection, schema.contact, columns, contacts)
            journeys = ((i, "contact", "orientation") for i in ids)
            insert_rows(connection, schema.journey, ("contact_id", "lifecycle", "stage"), journeys)
            consents = ((i, "marketing", True, "consent", now) for i in ids)
            agreed = ("contact_id", "purpose", "granted", "basis", "at")
            insert_rows(connection, schema.consent, agreed, consents)
            outbox.add(connection, [(i, send) for i in ids], signer, "webmakers.example", now)
    if store.is_postgresql:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    store.close()


# --- the processes -----------------------------------------------------------------------------------


def sink(pipe: Connection) -> None:
    """Takes mails and forgets them, until it is told to stop."""
    server = SmtpServer(quiet=True)
    server.start()
    pipe.send(server.port)
    pipe.recv()
    server.stop()


@contextmanager
def running_sink() -> Iterator[int]:
    """The port of a sink in a process of its own."""
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=sink, args=(theirs,))
    process.start()
    try:
        yield int(ours.recv())
    finally:
        ours.send("stop")
        process.join()


def worker(url: str, port: int, templates: Path, pipe: Connection) -> None:
    """Sends batches until nothing is due; tells how many, and its peak of memory."""
    store = Store(url)
    transport = SmtpTransport(Options(host="127.0.0.1", port=port))
    sender = make_sender(store, transport, templates)
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


def make_sender(store: Store, transport: Transport, templates: Path) -> Sender:
    """A sender of the one campaign."""
    return Sender(
        store,
        SystemClock(),
        transport,
        TemplateLibrary([templates]),
        Signer(KEY),
        settings=SETTINGS,
        campaign_of=lambda _version: CAMPAIGN,
    )


def drain(sender: Sender) -> int:
    """Sends until nothing is due; returns how many were sent."""
    sent = 0
    while (done := sender.send_batch()).claimed:
        sent += done.sent
    return sent


def send_all(url: str, port: int, templates: Path, workers: int) -> tuple[int, float, float]:
    """How many mails were sent, in how many seconds, and the largest worker's memory."""
    pipes = []
    for _ in range(workers):
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=worker, args=(url, port, templates, theirs), daemon=True)
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


# --- the limit ---------------------------------------------------------------------------------------


class _Open:
    """A ticket that asks nobody."""

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        return frozenset(mail.outbox_id for mail in mails)


class _Kept:
    """A transport that keeps one mail, to have it as it is."""

    name = "kept"

    def __init__(self) -> None:
        self.mails: list[OutboundMail] = []

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> list[Delivery]:
        self.mails += mails
        return []

    def close(self) -> None:
        """Nothing to close."""


def prebuilt(port: int, templates: Path, n: int) -> tuple[float, int]:
    """Mails/s of finished mails through one pipelined connection, and the size of one of them."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/one.db"
        fill(url, 1)
        store, kept = Store(url), _Kept()
        make_sender(store, kept, templates).send_batch()
        store.close()
    mails = [dataclasses.replace(kept.mails[0], outbox_id=number) for number in range(n)]
    transport = SmtpTransport(Options(host="127.0.0.1", port=port))
    list(transport.deliver(mails[:1], _Open()))
    start = time.perf_counter()
    list(transport.deliver(mails, _Open()))
    seconds = time.perf_counter() - start
    transport.close()
    return n / seconds, len(mails[0].content)


def main() -> None:
    """Measures and prints."""
    args = parser("send", n=20_000, about=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder, running_sink() as port, database(args) as url:
        templates = Path(folder)
        write_templates(templates)
        fill(url, args.n)
        limit, size = prebuilt(port, templates, min(args.n, 20_000))
        sent, seconds, memory = send_all(url, port, templates, args.workers)
    if sent != args.n:
        raise SystemExit(f"only {sent} of {args.n} mails were sent")
    rate = args.n / seconds
    notes = [f"{size:,} octets a mail; {args.workers} sending process(es); an SMTP sink of our own"]
    report(Result("send", rate, "mails/s", limit, rate / limit, memory, args.n), args.json, notes)


if __name__ == "__main__":
    main()
