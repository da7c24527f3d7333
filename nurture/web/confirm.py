"""Confirming what a form said (double opt-in): a page with one button, since link checkers GET each link."""

from __future__ import annotations

import asyncio

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import TokenError
from nurture.settings import Purpose, said_in
from nurture.store import consents
from nurture.store.consents import Standing
from nurture.tokens import CONFIRM, CONFIRM_PATH, UnsubscribeFacts
from nurture.web.answering import AnyRequest, html, message, origin
from nurture.web.hits import Confirmed
from nurture.web.pages import Pages
from nurture.web.services import PublicServices
from nurture.web.words import language_of

PATIENCE = 10.0
"""Seconds until somebody whose answer is not stored yet is told so; it is tried for longer."""

_PATH = CONFIRM_PATH.replace("{token}", "{token:str}")


def confirm_handlers(services: PublicServices, pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of `/y/{token}`."""

    def read(token: str) -> UnsubscribeFacts:
        try:
            return services.signer.read(CONFIRM, token, UnsubscribeFacts)
        except TokenError:
            raise NotFoundException from None

    def look_up(facts: UnsubscribeFacts) -> Standing:
        with services.store.read() as connection:
            known = consents.standing(connection, facts.contact_id, facts.purpose)
        return known or Standing(None, None)

    @route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def ask(request: AnyRequest) -> Response[str]:
        facts = read(request.path_params["token"])
        known = await asyncio.to_thread(look_up, facts)
        language = language_of(known.locale, request.headers.get("accept-language", ""))
        if known.granted:
            return html(pages.message(language, "confirmed"))
        declared = services.consent.purposes.get(facts.purpose, Purpose())
        title = services.consent.title(facts.purpose, language)
        return html(
            pages.page("confirm.html", language, purpose=title, about=said_in(declared.about, language))
        )

    @post(_PATH, status_code=200)
    async def confirm(request: AnyRequest) -> Response[str]:
        facts = read(request.path_params["token"])
        proof = {"page": "confirm", **origin(request, services.proxies)}
        answer = Confirmed(facts, services.clock.now(), proof)
        if not await services.recorder.record(answer, patience=PATIENCE):
            return message(pages, request, "503", 503)
        known = await asyncio.to_thread(look_up, facts)
        language = language_of(known.locale, request.headers.get("accept-language", ""))
        # What is asked after is how it stands now: a second press is answered as the first.
        return html(pages.message(language, "confirmed" if known.granted else "unconfirmed"))

    return [ask, confirm]
