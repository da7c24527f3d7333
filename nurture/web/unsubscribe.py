"""Unsubscribing: a page with one button, and one-click from the mail program (RFC 8058).

Only a POST changes anything, because link checkers GET whatever stands in a mail. A POST asks no questions:
no cookie, no log-in, no redirect, and the second one is answered as the first (RFC 8058, section 3.1, 3.2).
"""

from __future__ import annotations

import asyncio

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import StoreError, TokenError
from nurture.store import consents
from nurture.store.consents import Standing
from nurture.tokens import UNSUBSCRIBE, UNSUBSCRIBE_PATH, UnsubscribeFacts
from nurture.web.answering import AnyRequest, html, message
from nurture.web.hits import Unsubscribed
from nurture.web.looks import notice_look
from nurture.web.origins import Origins
from nurture.web.pages import Pages
from nurture.web.services import PublicServices
from nurture.web.words import language_of

PATIENCE = 10.0
"""Seconds until somebody whose wish is not stored yet is told so; it is tried for longer."""

_PATH = UNSUBSCRIBE_PATH.replace("{token}", "{token:str}")


def unsubscribe_handlers(services: PublicServices, pages: Pages, origins: Origins) -> list[HTTPRouteHandler]:
    """The handlers of `/u/{token}`."""

    def read(token: str) -> UnsubscribeFacts:
        try:
            return services.signer.read(UNSUBSCRIBE, token, UnsubscribeFacts)
        except TokenError:
            raise NotFoundException from None

    def look_up(facts: UnsubscribeFacts) -> Standing:
        try:
            with services.store.read() as connection:
                known = consents.standing(connection, facts.contact_id, facts.purpose)
        except StoreError:
            # The button must work as long as anything does; only the language is lost.
            known = None
        return known or Standing(None, None)

    @route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def ask(request: AnyRequest) -> Response[str]:
        facts = read(request.path_params["token"])
        notice_look(request, services, origins, facts, "unsubscribe")
        known = await asyncio.to_thread(look_up, facts)
        language = language_of(known.locale, request.headers.get("accept-language", ""))
        return html(pages.page("unsubscribe.html", language, already=known.granted is False))

    @post(_PATH, status_code=200)
    async def unsubscribe(request: AnyRequest) -> Response[str]:
        facts = read(request.path_params["token"])
        how = "one-click" if b"One-Click" in await request.body() else "page"
        wish = Unsubscribed(facts, services.clock.now(), how)
        if not await services.recorder.record(wish, patience=PATIENCE):
            return message(pages, request, "503", 503)
        known = await asyncio.to_thread(look_up, facts)
        language = language_of(known.locale, request.headers.get("accept-language", ""))
        return html(pages.message(language, "unsubscribed"))

    return [ask, unsubscribe]
