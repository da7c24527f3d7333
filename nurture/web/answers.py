"""Where sales answers a hand-over from the notification: one page, on which each button is an answer.

A GET only shows; link checkers and previews GET. The address is signed and expires.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.core.model import Dossier
from nurture.core.written import parse_date
from nurture.errors import NurtureError, StoreError, TokenError
from nurture.handover.answers import (
    ASKED,
    DUPLICATE,
    HANDED_BACK,
    NEED_AT_MOST,
    REASONS,
    REJECTED,
    Answer,
    check_answer,
)
from nurture.handover.render import person_words, when_words
from nurture.store.handovers import HandoverRow
from nurture.tokens import ANSWER, ANSWER_PATH, AnswerFacts
from nurture.web.answering import AnyRequest, browser_language, form_fields, html
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


class _Reader(NamedTuple):
    """Who came by a token: the hand-over, and the salesperson who was told, where the token says it."""

    row: HandoverRow
    to: str
    by: str | None
    may_answer: bool


class _Answering:
    def __init__(self, services: PublicServices, pages: Pages) -> None:
        self._signer = services.signer
        self._clock = services.clock
        self._desk = services.desk
        self._pages = pages

    def read(self, token: str) -> _Reader:
        """The hand-over that a token stands for, and who holds it."""
        try:
            facts = self._signer.read(ANSWER, token, AnswerFacts)
        except TokenError:
            raise NotFoundException from None
        if facts.expires < self._clock.now().timestamp():
            raise HTTPException(status_code=410)
        try:
            row = self._desk.row(facts.handover_id)
        except StoreError:
            raise
        except NurtureError:
            raise NotFoundException from None
        by = self._desk.name_of(row, facts.to) if facts.to else row.assignee_name
        return _Reader(row, facts.to, by, self._desk.may_answer(row, facts.to))

    def show(self, request: AnyRequest, token: str) -> Response[str]:
        """The page of the hand-over that a token stands for."""
        return self.page(request, self.read(token))

    def take(self, request: AnyRequest, token: str, fields: dict[str, str]) -> Response[str]:
        """The answer that a form holds."""
        reader = self.read(token)
        language = self.language(request, reader.row)
        given = answer_of(fields, reader.by)
        try:
            check_answer(given)
        except NurtureError:
            return html(self._pages.message(language, "400"), 400)
        if not reader.may_answer:
            return self.page(request, reader, status=409)
        try:
            self._desk.give(reader.row.id, given)
        except StoreError:
            raise
        except NurtureError as error:
            return self.page(request, self.read(token), status=409, refused=error.message)
        return self.page(request, self.read(token))

    def language(self, request: AnyRequest, row: HandoverRow) -> str:
        """The team's, else the browser's."""
        return self._desk.language_of(row.team) or browser_language(request)

    def page(
        self, request: AnyRequest, reader: _Reader, status: int = 200, refused: str = ""
    ) -> Response[str]:
        """The dossier in short, with what can be answered now; or with what was answered."""
        row, language = reader.row, self.language(request, reader.row)
        dossier = self._desk.show(row.id)
        company = dossier.contact.company or (dossier.account.name if dossier.account else None)
        zone = ZoneInfo(str(dossier.facts.get("timezone") or "UTC"))
        words = WORDS[language]
        page = self._pages.page(
            "handover.html",
            language,
            dossier=dossier,
            person=person_words(dossier.contact),
            company=company,
            before=when_words(dossier.answer_by, zone) if dossier.answer_by else "",
            reasons=[(code, words.get(f"reason.{code}", said)) for code, said in REASONS.items()],
            unknown=unknown_of(dossier),
            state=row.state if reader.may_answer or row.answer else "elsewhere",
            may_answer=reader.may_answer,
            row=row,
            today=self._clock.now().date(),
            refused=refused,
        )
        return html(page, status)


def unknown_of(dossier: Dossier) -> list[str]:
    """The form fields that fit rules ask for and nobody has answered: what sales may want to know first."""
    asked = dict.fromkeys(one.ask for one in dossier.fit if one.ask and not one.finding.matched)
    return [field for field in asked if dossier.contact.answers.get(field) in (None, "", ())]


def answer_of(fields: Mapping[str, str], by: str | None) -> Answer:
    """The answer that the fields of a form hold. What is no date is none."""
    chosen = fields.get("answer", "")
    rests = chosen in (REJECTED, HANDED_BACK)
    need = (fields.get("need_words", "").strip() or fields.get("need", ""))[:NEED_AT_MOST]
    duplicate = fields.get("reason") == DUPLICATE
    return Answer(
        chosen,
        fields.get("reason") or None,
        by,
        fields.get("note", "").strip()[:NOTE_AT_MOST] or None,
        need or None if chosen == ASKED else None,
        parse_date(fields.get("until", "")) if rests else None,
        fields.get("same_as", "").strip()[:NEED_AT_MOST] or None if duplicate else None,
    )
