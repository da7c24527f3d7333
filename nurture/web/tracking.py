"""Opens and clicks: the two addresses that are asked for most, as plain ASGI without a framework between.

The reader comes first: a click always leads on and a pixel is always a picture, even when the database is
away and the hit is only stored later, or lost (which is logged).
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote

from nurture.clock import Clock
from nurture.errors import TokenError
from nurture.tokens import CLICK, CLICK_PATH, OPEN, OPEN_PATH, LinkFacts, OpenFacts, Signer
from nurture.web.hits import Hit
from nurture.web.pages import HEADERS, Pages
from nurture.web.recorder import Recorder
from nurture.web.words import language_of

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATIENCE = 2.0
"""Seconds that a reader waits at most for the hit to be stored."""

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent pixel: 43 bytes (GIF89a)."""

_CLICK_START, _CLICK_END = CLICK_PATH.split("{token}")
_OPEN_START, _OPEN_END = OPEN_PATH.split("{token}")
_TOLD_AT_MOST = 300
_TELLING = frozenset((b"user-agent", b"purpose", b"sec-purpose", b"x-purpose", b"x-moz"))
_BASE = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Tracking:
    """Answers `/c/{token}` and `/o/{token}.gif`."""

    def __init__(self, signer: Signer, clock: Clock, recorder: Recorder, pages: Pages) -> None:
        self._signer = signer
        self._clock = clock
        self._recorder = recorder
        self._pages = pages

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a path is one of ours."""
        return path.startswith((_CLICK_START, _OPEN_START))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._page(send, 405, scope, [(b"allow", b"GET, HEAD")])
            return
        try:
            facts = self._read(scope["path"])
        except TokenError:
            await self._page(send, 404, scope)
            return
        await self._recorder.record(self._hit(facts, scope), patience=PATIENCE)
        if isinstance(facts, LinkFacts):
            await _answer(send, 302, [(b"location", _location(facts.url))])
        else:
            await _answer(send, 200, [(b"content-type", b"image/gif")], GIF)

    def _read(self, path: str) -> LinkFacts | OpenFacts:
        if path.startswith(_CLICK_START):
            token = path[len(_CLICK_START) :].removesuffix(_CLICK_END)
            facts = self._signer.read(CLICK, token, LinkFacts)
            # Signed by us, and still: an address that a browser would run is no place to lead anybody to.
            if not facts.url.lower().startswith(("http://", "https://")):
                raise TokenError("this address leads nowhere")
            return facts
        return self._signer.read(OPEN, path[len(_OPEN_START) :].removesuffix(_OPEN_END), OpenFacts)

    def _hit(self, facts: LinkFacts | OpenFacts, scope: Scope) -> Hit:
        told = {
            name.decode("ascii"): value[:_TOLD_AT_MOST].decode("latin-1")
            for name, value in scope["headers"]
            if name in _TELLING
        }
        return Hit(facts, self._clock.now(), scope["method"], told.pop("user-agent", ""), told)

    async def _page(
        self, send: Send, status: int, scope: Scope, extra: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        wished = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
        language = language_of(None, wished.decode("latin-1"))
        page = self._pages.message(language, str(status)).encode()
        await _answer(send, status, [(b"content-type", b"text/html; charset=utf-8"), *(extra or [])], page)


def _location(url: str) -> bytes:
    """The address as it may stand in a header: everything beyond ASCII, and every control, as %XX."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]").encode("ascii")


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *_BASE]})
    await send({"type": "http.response.body", "body": body})
