"""Where sales answers a hand-over from the notification: one page with two buttons.

A GET only shows; link checkers and previews GET. The address is signed and expires.
"""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.errors import NurtureError, StoreError, TokenError
from nurture.handover.answers import REASONS, check_answer
from nurture.handover.render import person_words, when_words
from nurture.store.handovers import HandoverRow
from nurture.tokens import ANSWER, ANSWER_PATH, AnswerFacts
from nurture.web.answering import AnyRequest, browser_language, form_fields, html, message
from nurture.web.pages import Pages
from nurture.web.services import PublicServices
from nurture.web.words import WORDS

NOTE_AT_MOST = 2_000

_PATH = ANSWER_PATH.replace("{token}", "{token:str}")


def answer_handlers(services: PublicServices, pages: Pages) -> list[HTTPRouteHandler]:
    """The handlers of `/h/{token}`."""
    answering = _Answering(services, pages)

    @route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def show(request: AnyRequest) -> Response[str]:
        return await asyncio.to_thread(answering.show, request, request.path_params["token"])

    @post(_PATH, status_code=200)
    async def answer(request: AnyRequest) -> Response[str]:
        fields = form_fields(await request.body())
        return await asyncio.to_thread(answering.take, request, request.path_params["token"], fields)

    return [show, answer]


class _Answering:
    def __init__(self, services: PublicServices, pages: Pages) -> None:
        self._signer = services.signer
        self._clock = services.clock
        self._desk = services.desk
        self._pages = pages

    def read(self, token: str) -> HandoverRow:
        """The hand-over that a token stands for."""
        try:
            facts = self._signer.read(ANSWER, token, AnswerFacts)
        except TokenError:
            raise NotFoundException from None
        if facts.expires < self._clock.now().timestamp():
            raise HTTPException(status_code=410)
        try:
            return self._desk.row(facts.handover_id)
        except StoreError:
            raise
        except NurtureError:
            raise NotFoundException from None

    def show(self, request: AnyRequest, token: str) -> Response[str]:
        """The page of the hand-over that a token stands for."""
        return self.page(request, self.read(token))

    def take(self, request: AnyRequest, token: str, fields: dict[str, str]) -> Response[str]:
        """The answer that a form holds."""
        row = self.read(token)
        answer, reason = fields.get("answer", ""), fields.get("reason") or None
        note = fields.get("note", "").strip()[:NOTE_AT_MOST] or None
        try:
            check_answer(answer, reason)
        except NurtureError:
            return message(self._pages, request, "400", 400)
        try:
            self._desk.answer(row.id, answer, reason, by=row.assignee_name, note=note)
        except StoreError:
            raise
        except NurtureError:
            return message(self._pages, request, "409", 409)
        return self.page(request, self._desk.row(row.id))

    def page(self, request: AnyRequest, row: HandoverRow) -> Response[str]:
        """The dossier in short, with the buttons; or with the answer, once there is one."""
        language = browser_language(request)
        dossier = self._desk.show(row.id)
        company = dossier.contact.company or (dossier.account.name if dossier.account else None)
        zone = ZoneInfo(str(dossier.facts.get("timezone") or "UTC"))
        page = self._pages.page(
            "handover.html",
            language,
            dossier=dossier,
            person=person_words(dossier.contact),
            company=company,
            before=when_words(dossier.answer_by, zone) if dossier.answer_by else "",
            reasons=[(code, WORDS[language].get(f"reason.{code}", words)) for code, words in REASONS.items()],
            answered=row.answer,
        )
        return html(page)
