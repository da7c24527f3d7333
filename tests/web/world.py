"""The public pages with everything behind them real but the intake, which keeps what it is given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from bench.fuzz_requests import API_TOKEN
from nurture.clock import VirtualClock
from nurture.core.feedback import Feedback, FeedbackKind, Severity
from nurture.core.model import Result
from nurture.core.outcomes import ToldOutcome
from nurture.deliver.feedback import FeedbackBook
from nurture.deliver.relays import Relays
from nurture.errors import FeedbackError, NurtureError
from nurture.ingest.outcomes.book import OutcomeBook
from nurture.plug.contracts import Payload
from nurture.setting_web import ApiAccess
from nurture.settings import Bounces, Consent, Firm, Purpose, Tracking, Web
from nurture.store.engine import Store
from nurture.tokens import LinkFacts, OpenFacts, UnsubscribeFacts
from nurture.web.public import ASGI, build_public
from nurture.web.recorder import Recorder
from nurture.web.server import serve
from nurture.web.services import PublicServices
from tests.handover.world import SIGNER, RecordingChannel, desk_of
from tests.store.people import NOW

both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LINK = LinkFacts(5, 1, "new-website", "welcome", "https://firm.example/prices?from=mail#top")
PIXEL = OpenFacts(5, 1, "new-website", "welcome")
GONE = UnsubscribeFacts(1, "marketing", 5, "new-website", "welcome")

PROXY = "127.0.0.1"
PURPOSES = {
    "marketing": Purpose(
        title={"nl": "Tips en aanbiedingen", "en": "Tips and offers"},
        about={"nl": "Nu en dan, met iets om te lezen.", "en": "Now and then, with something to read."},
    ),
    "events": Purpose(title={"nl": "Bijeenkomsten", "en": "Events"}),
    "service": Purpose(title={"nl": "Over uw opdracht", "en": "About your order"}, basis="contract"),
}


@dataclass
class KeepingIntake:
    """Keeps what was received as (source, form, media type, body), or fails with `error`."""

    received: list[tuple[str, str, str | None, bytes]] = field(default_factory=list)
    error: NurtureError | None = None

    def receive(self, source_name: str, payload: Payload, mapping: None) -> object:
        if self.error is not None:
            raise self.error
        self.received.append((source_name, payload.name, payload.media_type, payload.stream.read()))
        return None


class Posthorn:
    """A provider that signs with a word, and sends an address a line."""

    name = "posthorn"

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]:
        if headers.get("x-signature") != "sealed":
            raise FeedbackError("the signature is not ours")
        kind, severity = FeedbackKind.BOUNCE, Severity.HARD
        return [Feedback(kind, each, NOW, each, severity=severity) for each in body.decode().split()]


class Ledger:
    """A system that signs with a word, and sends the number of a won contact a line."""

    name = "ledger"

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[ToldOutcome]:
        if headers.get("x-signature") != "sealed":
            raise FeedbackError("the signature is not ours")
        return [ToldOutcome(Result.WON, NOW, (("contact", each),)) for each in body.decode().split()]


def services_for(store: Store, clock: VirtualClock, intake: KeepingIntake, **recorder: Any) -> PublicServices:
    return PublicServices(
        store=store,
        clock=clock,
        signer=SIGNER,
        recorder=Recorder(store, clock, **recorder),
        intake=lambda: intake,
        desk=desk_of(store, clock, RecordingChannel()),
        hooks={"posthorn": Posthorn()},
        feedback=FeedbackBook(store, clock, SIGNER, Bounces(), lambda signals: None, Relays([])),
        outcome_hooks={"ledger": Ledger()},
        outcomes=OutcomeBook(
            store,
            clock,
            SIGNER,
            country="NL",
            observe_outcomes=lambda outcomes: None,
            observe_decisions=lambda contact_ids, records: None,
        ),
        firm=Firm(name="Firm & Co", website="https://firm.example"),
        web=Web(base_url="https://nurture.example", proxies=(PROXY,)),
        api={
            "crm": ApiAccess(token_sha256=sha256(API_TOKEN.encode()).hexdigest(), teams=("sales",)),
            "other": ApiAccess(token_sha256=sha256(b"another one").hexdigest(), teams=("sales-be",)),
        },
        consent=Consent(purposes=PURPOSES),
        tracking=Tracking(),
    )


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


_opener = build_opener(_NoRedirect)


@contextmanager
def serving(services: PublicServices) -> Iterator[Client]:
    """The pages on a real server, in a thread of its own."""
    with serving_app(build_public(services)) as client:
        yield client


@contextmanager
def serving_app(app: ASGI) -> Iterator[Client]:
    """An application on a real server, in a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    stop, ready = threading.Event(), threading.Event()
    arguments = (app, "127.0.0.1", port, stop, ready.set)
    thread = threading.Thread(target=serve, args=arguments)
    thread.start()
    try:
        assert ready.wait(20)
        yield Client(f"http://127.0.0.1:{port}")
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True)
class Client:
    """Asks a real server; redirects are answers like any other."""

    address: str

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in {"User_Agent": BROWSER, **headers}.items()}
        request = Request(self.address + path, body, sent, method=method)
        try:
            with _opener.open(request, timeout=20) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> Answer:
        return self.ask("POST", path, body, Content_Type=content_type)
