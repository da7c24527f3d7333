"""Asks the real public pages, in this process: each request goes through the handlers of production."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

Message = MutableMapping[str, Any]
Asgi = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, and where it leads (empty unless it redirects)."""

    status: int
    location: str


class Visitors:
    """Makes requests to an ASGI application; use `visitors()`, which also starts and stops it."""

    def __init__(self, app: Asgi, runner: asyncio.Runner) -> None:
        self._app = app
        self._runner = runner

    def get(self, url: str, agent: str) -> Reply:
        """Follows an address."""
        return self._runner.run(self._ask("GET", url, {"user-agent": agent}, b""))

    def post(self, url: str, body: Mapping[str, str] | bytes, agent: str, media_type: str = FORM) -> Reply:
        """Sends a form, or a body as it is."""
        content = body if isinstance(body, bytes) else urlencode(body).encode()
        return self._runner.run(
            self._ask("POST", url, {"user-agent": agent, "content-type": media_type}, content)
        )

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": _headers({**headers, "host": parts.netloc, "content-length": str(len(body))}),
            "client": ("127.0.0.1", 50_000),
            "server": (parts.hostname, parts.port),
            "state": {},
        }
        incoming = iter([{"type": "http.request", "body": body, "more_body": False}])
        sent: list[Message] = []

        async def receive() -> Message:
            return next(incoming, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        found = {name.lower(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], found.get(b"location", ""))


@contextmanager
def visitors(app: Asgi) -> Iterator[Visitors]:
    """The application, started (ASGI's lifespan protocol) until the end of the block."""
    with asyncio.Runner() as runner:
        lifespan = _Lifespan(app)
        runner.run(lifespan.start())
        try:
            yield Visitors(app, runner)
        finally:
            runner.run(lifespan.stop())


class _Lifespan:
    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def start(self) -> None:
        self._incoming = asyncio.Queue[Message]()
        self._answers = asyncio.Queue[Message]()
        scope: Message = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._app(scope, self._incoming.get, self._answers.put))
        await self._tell("startup")

    async def stop(self) -> None:
        await self._tell("shutdown")
        await self._task

    async def _tell(self, what: str) -> None:
        await self._incoming.put({"type": f"lifespan.{what}"})
        answer = await self._answers.get()
        if answer["type"] != f"lifespan.{what}.complete":
            raise RuntimeError(f"the public pages failed at {what}: {answer.get('message', '')}")


def _headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
