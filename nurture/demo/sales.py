"""The demo's sales team: hears of hand-overs by webhook, as a CRM would, and answers some of them.

The receiver checks the signature as `plugins/webhook_notice.py` says it is made, so the demo shows both ends.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """What sales was told of one hand-over; `asked` is true where the lead asked for something aloud."""

    handover_id: int
    answer_url: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    """What a salesperson will answer: the fields of the form behind the button."""

    at: datetime
    url: str
    fields: dict[str, str]


@dataclass(slots=True)
class Crm:
    """A webhook's receiving end. `url` is where it listens."""

    url: str
    secret: str
    _told: SimpleQueue[Told] = field(default_factory=SimpleQueue)

    def heard(self) -> Iterator[Told]:
        """The hand-overs that came in since the last time, in order."""
        while True:
            try:
                yield self._told.get_nowait()
            except Empty:
                return

    def take(self, body: bytes, signature: str) -> bool:
        """Whether a post is genuine; if so, it is noted."""
        parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
        signed = f"{parts.get('t', '')}.".encode() + body
        expected = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, parts.get("v1", "")):
            return False
        notice = json.loads(body)
        if notice["event"] != "handover.opened":
            return True
        dossier = notice["handover"]
        asked = any(evidence["buying"] for evidence in dossier["evidence"])
        self._told.put(Told(dossier["handover_id"], dossier["accept_url"], asked))
        return True


@contextmanager
def crm(secret: str) -> Iterator[Crm]:
    """A receiver on a free loopback port that runs until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Crm(f"http://127.0.0.1:{server.server_address[1]}/handovers", secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            genuine = receiver.take(body, self.headers.get("X-Nurture-Signature", ""))
            self.send_response(204 if genuine else 401)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing: the demo prints a summary, not a log."""

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def planned_answer(seed: int, told: Told, now: datetime) -> PlannedAnswer | None:
    """What becomes of a hand-over: most are accepted within hours, some rejected, a few never answered.

    Nobody sends away who has asked for a quote.
    """
    random = Random(f"sales {seed} {told.handover_id}")
    if random.random() < 0.12:
        return None
    fields = random.choices(
        (
            {"answer": "accepted"},
            {"answer": "rejected", "reason": "not_now", "note": "Belt zelf na de zomer terug."},
            {"answer": "rejected", "reason": "no_fit", "note": "Wil alleen een logo."},
        ),
        (1, 0, 0) if told.asked else (50, 35, 15),
    )[0]
    return PlannedAnswer(now + timedelta(minutes=random.randint(20, 300)), told.answer_url, fields)
