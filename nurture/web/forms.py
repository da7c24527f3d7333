"""Web forms: what a visitor sends lies durably in the inbox before the answer goes out.

Nothing is judged here. A filled honeypot field is kept like any other and answered like any other, so that a
robot learns nothing; sorting sees the field and decides.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from litestar import MediaType, Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import SourceError, StoreError
from nurture.logs import Log
from nurture.plug.contracts import Payload
from nurture.web.answering import AnyRequest, form_fields, html, message, origin
from nurture.web.pages import HEADERS, Pages
from nurture.web.services import PublicServices
from nurture.web.words import language_of

SOURCE = "webform"
"""The source plugin that reads what forms send."""

NEXT_FIELD = "_next"
"""Where the visitor wants to go afterwards: only to the firm's own pages."""

_FORM_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_JSON = "application/json"

log = Log(__name__)


def form_handlers(services: PublicServices, pages: Pages) -> list[HTTPRouteHandler]:
    """The handler of `/f/{form}`."""
    own = [services.base_url, services.firm.website, *services.tracking.sites]
    own_sites = frozenset(origins_of(own))

    def receive(payload: Payload) -> None:
        services.intake().receive(SOURCE, payload, None)

    def kept_origin(request: AnyRequest) -> dict[str, str] | None:
        # Kept only where it is needed: as proof of a consent that has to be confirmed.
        if not services.consent.asks_by_mail:
            return None
        page = request.headers.get("referer", "")[:500]
        return {**origin(request, services.proxies), **({"page": page} if page else {})}

    @post("/f/{form:str}", status_code=200)
    async def submit(request: AnyRequest) -> Response[str]:
        form: str = request.path_params["form"]
        if not _FORM_NAME.fullmatch(form):
            raise NotFoundException
        body = await request.body()
        media_type = request.headers.get("content-type", "")
        is_json = media_type.partition(";")[0].strip().lower() == _JSON
        if not body.strip():
            return message(pages, request, "400", 400)
        try:
            payload = Payload(io.BytesIO(body), form, media_type, kept_origin(request))
            await asyncio.to_thread(receive, payload)
        except SourceError as error:
            log.info("a form could not be read", form=form, reason=error.message)
            return message(pages, request, "400", 400)
        except StoreError as error:
            log.error("a form could not be stored", form=form, reason=error.message)
            return message(pages, request, "503", 503)
        if is_json:
            return Response('{"received": true}', media_type=MediaType.JSON, headers=dict(HEADERS))
        return _onwards(form_fields(body).get(NEXT_FIELD, ""), own_sites) or html(
            pages.message(language_of(None, request.headers.get("accept-language", "")), "form")
        )

    return [submit]


def _onwards(address: str, own_sites: frozenset[str]) -> Response[str] | None:
    if not is_own(address, own_sites):
        return None
    return Response("", status_code=303, headers={**HEADERS, "location": address})


def is_own(address: str, own_sites: frozenset[str]) -> bool:
    """Whether an address is, to every browser, one on `own_sites` (scheme://host:port).

    Browsers read a backslash as a slash and drop controls and blanks (WHATWG URL, section 4.4): an address
    that holds any is none of ours.
    """
    if not address.isascii() or re.search(r"[\x00-\x20\\\x7f]", address):
        return False
    return any(origin in own_sites for origin in origins_of([address]))


def origins_of(addresses: Iterable[str]) -> Iterable[str]:
    """Each address as scheme://host:port; what is none of the web has no origin."""
    for address in addresses:
        try:
            parts = urlsplit(address)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
            yield f"{parts.scheme}://{parts.hostname}:{port}"
