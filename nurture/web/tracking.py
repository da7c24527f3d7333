"""Opens and clicks: the addresses that are asked for most, as plain ASGI without a framework between.

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
from nurture.tokens import (
    CLICK,
    CLICK_PATH,
    OPEN,
    OPEN_PATH,
    TRAP,
    TRAP_PATH,
    VISIT,
    LinkFacts,
    OpenFacts,
    Signer,
    VisitorFacts,
)
from nurture.web.classify import PREFETCH_HEADERS
from nurture.web.forms import is_own
from nurture.web.hits import Hit
from nurture.web.origins import Origins
from nurture.web.pages import HEADERS, Pages
from nurture.web.recorder import Recorder
from nurture.web.words import language_of

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATIENCE = 2.0
"""Seconds that a reader waits at most for the hit to be stored."""

VISITOR_PARAMETER = "nv"
"""What carries who came to a site of the firm's; `beacon.js` reads it and takes it out of the address."""

VISITOR_SECONDS = 30 * 86_400
"""How long somebody who came by a link is known by it: a copied address must not speak for them for ever."""

GIF = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent pixel: 43 bytes (GIF89a)."""

_CLICK_START, _CLICK_END = CLICK_PATH.split("{token}")
_OPEN_START, _OPEN_END = OPEN_PATH.split("{token}")
_TRAP_START, _TRAP_END = TRAP_PATH.split("{token}")
_TOLD_AT_MOST = 300
_FORWARDED = "x-forwarded-for"
_TELLING = frozenset(name.encode() for name in ("user-agent", _FORWARDED, *PREFETCH_HEADERS))
_BASE = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Tracking:
    """Answers `/c/{token}`, `/o/{token}.gif`, and the invisible `/t/{token}`."""

    def __init__(
        self,
        signer: Signer,
        clock: Clock,
        recorder: Recorder,
        pages: Pages,
        origins: Origins,
        sites: frozenset[str] = frozenset(),
    ) -> None:
        self._signer = signer
        self._clock = clock
        self._recorder = recorder
        self._pages = pages
        self._origins = origins
        self._sites = sites

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a path is one of ours."""
        return path.startswith((_CLICK_START, _OPEN_START, _TRAP_START))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._page(send, 405, scope, [(b"allow", b"GET, HEAD")])
            return
        try:
            facts, trapped = self._read(scope["path"])
        except TokenError:
            await self._page(send, 404, scope)
            return
        await self._recorder.record(self._hit(facts, trapped, scope), patience=PATIENCE)
        if isinstance(facts, LinkFacts):
            await _answer(send, 302, [(b"location", _location(self._introduced(facts)))])
        elif trapped:
            await _answer(send, 204, [])
        else:
            await _answer(send, 200, [(b"content-type", b"image/gif")], GIF)

    def _read(self, path: str) -> tuple[LinkFacts | OpenFacts, bool]:
        """What a path says, and whether it is the trap."""
        if path.startswith(_CLICK_START):
            token = path[len(_CLICK_START) :].removesuffix(_CLICK_END)
            facts = self._signer.read(CLICK, token, LinkFacts)
            # Signed by us, and still: an address that a browser would run is no place to lead anybody to.
            if not facts.url.lower().startswith(("http://", "https://")):
                raise TokenError("this address leads nowhere")
            return facts, False
        if path.startswith(_TRAP_START):
            token = path[len(_TRAP_START) :].removesuffix(_TRAP_END)
            return self._signer.read(TRAP, token, OpenFacts), True
        token = path[len(_OPEN_START) :].removesuffix(_OPEN_END)
        return self._signer.read(OPEN, token, OpenFacts), False

    def _introduced(self, facts: LinkFacts) -> str:
        """Where a link leads; to a site of the firm's own with who comes, for the beacon there to read."""
        if not self._sites or not is_own(facts.url, self._sites):
            return facts.url
        expires = int(self._clock.now().timestamp()) + VISITOR_SECONDS
        visitor = VisitorFacts(facts.contact_id, facts.outbox_id, facts.campaign, facts.step, expires)
        page, mark, anchor = facts.url.partition("#")
        joint = "&" if "?" in page else "?"
        return f"{page}{joint}{VISITOR_PARAMETER}={self._signer.sign(VISIT, visitor)}{mark}{anchor}"

    def _hit(self, facts: LinkFacts | OpenFacts, trapped: bool, scope: Scope) -> Hit:
        told = {
            name.decode("ascii"): value[:_TOLD_AT_MOST].decode("latin-1")
            for name, value in scope["headers"]
            if name in _TELLING
        }
        client = scope.get("client") or ("",)
        origin = self._origins.of(client[0], told.pop(_FORWARDED, ""))
        agent = told.pop("user-agent", "")
        return Hit(facts, self._clock.now(), scope["method"], agent, told, origin, trapped)

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
    # An answer without content has no length either (RFC 9110, section 8.6).
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length, *_BASE]})
    await send({"type": "http.response.body", "body": body})
