"""A million hostile names, companies and subjects, written into mails whose every header is then counted.

Not a measure of speed but a hunt: control characters, encoded words, line separators, NUL, bidi marks, lone
surrogates and their mixtures are what a lead is called. A mail is sound when the standard library's parser
finds the headers that were meant, in their order and each once, and every line is as RFC 5322 wants it. The
limit is the same number of harmless mails.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from bench.common import Result, parser, peak_rss_mb, report
from nurture.core.model import Contact, Lifecycle, Stage
from nurture.deliver.render import Writer
from nurture.deliver.templates import TemplateLibrary
from nurture.setting_web import Web
from nurture.settings import Firm, Mail, Settings
from nurture.store.outbox import Message, Recipient
from nurture.tokens import Signer

SEED = 20_260_302
CHUNK = 10_000
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEANT = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
]  # fmt: skip
TEMPLATE = (
    "---\nsubject: '{{ contact.company }}: {{ contact.first_name }}'\n---\n<p>x {{ unsubscribe_url }}</p>"
)

_PIECES = (
    "\r\n", "\n", "\r", "\r\n\r\n", "\n ", "\r\n\t", "\x00", "\x0b", "\x0c", "\x1b", "\x1c", "\x1d", "\x1e",
    "\x7f", "\x85", "\xa0", "\u2028", "\u2029", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066",
    "\u2069", "\ufeff", "\ufffe", "\ud800", "\udfff", "\U000e0041", "=?utf-8?q?a=0D=0ABcc:_e@x?=",
    "=?utf-8?b?DQpCY2M6IGVAeA==?=", "=?", "?=", "=0D=0A", "%0d%0a", "Bcc: e@example.com", "To: e@example.com",
    "Content-Type: text/html", "Subject: free", "X-A: b", "DKIM-Signature: v=1", "<e@example.com>", ",", ";",
    ":", '"', "\\", "(", ")", "@", "<", ">", ".", "--", "_", " ", "\t", "é", "ß", "漢字", "Ж", "e\u0301",
    "😀", "{{ 7 * 7 }}", "{% if 1 %}", "<script>", "&amp;", "Anneliese", "B.V.", "a" * 80, "é" * 60,
)  # fmt: skip


def hostile(rng: random.Random) -> str:
    """One name: pieces of what could harm, and single characters of anywhere in Unicode."""
    pieces = rng.choices(_PIECES, k=rng.randint(1, 6))
    if rng.random() < 0.3:
        pieces.insert(rng.randrange(len(pieces)), chr(rng.randrange(0x11_0000)))
    return "".join(pieces)


def made_writer(folder: Path) -> Writer:
    """A writer with one template, whose subject is made of what the lead says."""
    (folder / "nl").mkdir(parents=True, exist_ok=True)
    (folder / "nl" / "t.html").write_text(TEMPLATE, encoding="utf-8")
    (folder / "nl" / "t.txt").write_text("x {{ unsubscribe_url }}", encoding="utf-8")
    settings = Settings(
        firm=Firm(name="De Webmakers"),
        mail=Mail(from_address="hallo@webmakers.example"),
        web=Web(base_url="https://go.webmakers.example"),
    )
    return Writer(TemplateLibrary([folder]), Signer("k" * 40), settings)


def written(writer: Writer, number: int, name: str, company: str, first_name: str) -> bytes:
    """The finished bytes of the mail to a lead of that name."""
    contact = Contact(
        number, NOW, email="an@example.com", name=name, company=company, first_name=first_name,
        lifecycle=Lifecycle.CONTACT, stage=Stage.ORIENTATION,
    )  # fmt: skip
    message = Message(
        number, number, "c", 1, "s", "t", "marketing", "nl", f"<{number}@webmakers.example>", "", 1
    )
    return writer.write(message, Recipient(contact, None), NOW).mail.content


def fault(content: bytes) -> str:
    """What is wrong with the head of a mail; empty when nothing is."""
    head, _, _ = content.partition(b"\r\n\r\n")
    names = BytesHeaderParser().parsebytes(head + b"\r\n\r\n").keys()
    if names != MEANT:
        return f"headers that were not meant: {names}"
    lines = head.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line or b"\0" in line or not line.isascii() for line in lines):
        return "a line end, NUL or a character beyond ASCII within a line"
    if any(len(line) > 78 and not line.startswith(b"List-Unsubscribe: <") for line in lines):
        return "a line that is too long"
    if not all(map(bytes.strip, lines)):
        return "an empty line"
    return ""


def faults(start: int, n: int) -> Iterator[str]:
    """The faults of `n` mails, of which the first has the number `start`; the same every time."""
    rng = random.Random(f"{SEED} {start}")
    with tempfile.TemporaryDirectory() as folder:
        writer = made_writer(Path(folder))
        for number in range(start, start + n):
            names = hostile(rng), hostile(rng), hostile(rng)
            found = fault(written(writer, number, *names))
            if found:
                yield f"{found}: {names!r}"


def _chunk(span: tuple[int, int]) -> tuple[list[str], float]:
    return list(faults(*span)), peak_rss_mb()


def _harmless(n: int) -> float:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        writer = made_writer(Path(folder))
        for number in range(n):
            fault(written(writer, number, "An Jansen", "De Webmakers", "An"))
    return n / (time.perf_counter() - start)


def main() -> None:
    """Hunts and prints; ends with status 1 when anything was found."""
    args = parser("injection", n=1_000_000, about=__doc__).parse_args()
    spans = [(start, min(CHUNK, args.n - start)) for start in range(0, args.n, CHUNK)]
    begun = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        chunks = list(pool.imap_unordered(_chunk, spans))
    rate = args.n / (time.perf_counter() - begun)
    found = [each for told, _ in chunks for each in told]
    limit = _harmless(min(args.n, CHUNK)) * args.workers
    notes = [f"{len(found)} mails with a header that was not meant, or a line that is none", *found[:10]]
    memory = max(memory for _, memory in chunks)
    report(Result("injection", rate, "mails/s", limit, rate / limit, memory, args.n), args.json, notes)
    if found:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
