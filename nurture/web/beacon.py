"""The page beacon: a script for the firm's own websites, and where it tells of visits.

Who comes by a tracked link brings a signed token in the address. Nobody else is ever told of: a visit without
a token of ours is not stored, and answered like any other. A page cannot read the answer unless it is one of
the firm's own (CORS), and nothing here looks at cookies.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
from litestar import Response, get, route
from litestar.enums import HttpMethod
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import TokenError
from nurture.tokens import VISIT, VisitorFacts
from nurture.web.answering import AnyRequest
from nurture.web.forms import is_own, origins_of
from nurture.web.hits import Visited
from nurture.web.origins import Origins
from nurture.web.pages import HEADERS
from nurture.web.services import PublicServices

SCRIPT = (Path(__file__).parent / "beacon.js").read_bytes()
AT_MOST = 4 * 1024
"""Bytes that a visit may have."""

PATIENCE = 5.0
_URL_AT_MOST = 2_000
_SCRIPT_HEADERS = {
    **HEADERS,
    "cache-control": "public, max-age=3600",
    "cross-origin-resource-policy": "cross-origin",
}


class Told(msgspec.Struct):
    """What the script sends."""

    visitor: str = ""
    url: str = ""


def beacon_handlers(services: PublicServices, origins: Origins) -> list[HTTPRouteHandler]:
    """The handlers of `/b.js` and `/b`."""
    sites = frozenset(origins_of(services.tracking.sites))

    def facts_of(told: Told) -> VisitorFacts | None:
        try:
            facts = services.signer.read(VISIT, told.visitor, VisitorFacts)
        except TokenError:
            return None
        known = facts.expires > services.clock.now().timestamp() and is_own(told.url, sites)
        return facts if known else None

    @get("/b.js", media_type="text/javascript; charset=utf-8")
    async def script() -> Response[bytes]:
        return Response(SCRIPT, headers=_SCRIPT_HEADERS)

    async def keep(request: AnyRequest) -> None:
        try:
            # Sent as plain text, so that the browser need not ask beforehand (Fetch, section 3.2.2).
            told = msgspec.json.decode(await request.body(), type=Told)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ClientException from None
        if facts := facts_of(told):
            forwarded = request.headers.get("x-forwarded-for", "")
            origin = origins.of(request.client.host if request.client else "", forwarded)
            agent = request.headers.get("user-agent", "")[:300]
            visited = Visited(facts, services.clock.now(), told.url[:_URL_AT_MOST], agent, origin)
            await services.recorder.record(visited, patience=PATIENCE)

    methods = [HttpMethod.POST, HttpMethod.OPTIONS]

    @route("/b", http_method=methods, status_code=204, request_max_body_size=AT_MOST)
    async def visit(request: AnyRequest) -> Response[None]:
        if request.method == HttpMethod.POST:
            await keep(request)
        return Response(None, status_code=204, headers=readable_by(request, sites, "POST"))

    return [script, visit]


def readable_by(request: AnyRequest, sites: Collection[str], method: str) -> dict[str, Any]:
    """The headers that let a page of the firm's own, and no other, read the answer."""
    origin = request.headers.get("origin", "")
    headers = {**HEADERS, "vary": "Origin"}
    if is_own(origin, frozenset(sites)):
        headers["access-control-allow-origin"] = origin
        headers["access-control-allow-methods"] = method
        headers["access-control-allow-headers"] = "content-type"
    return headers
