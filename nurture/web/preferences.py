"""The preference page: what somebody wants mail about, and how often; or no mail at all.

Like unsubscribing it changes nothing but by a POST, and what was chosen is stored before it is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, post, route
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from nurture.core.consent import TRACKING, may_track
from nurture.core.model import Value, Wishes
from nurture.core.schedule import find_zone
from nurture.errors import TokenError
from nurture.settings import Purpose, said_in
from nurture.store import preferences
from nurture.store.preferences import Known
from nurture.tokens import PREFERENCES, PREFERENCES_PATH, UnsubscribeFacts
from nurture.web.answering import AnyRequest, form_fields, html, message, origin
from nurture.web.hits import Chosen
from nurture.web.looks import notice_look
from nurture.web.origins import Origins
from nurture.web.pages import Pages
from nurture.web.services import PublicServices
from nurture.web.words import WORDS, language_of

PATIENCE = 10.0
"""Seconds until somebody whose choice is not stored yet is told so; it is tried for longer."""

FREQUENCIES: Mapping[str, timedelta | None] = {
    "all": None,
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
}
"""How often: the name on the page, and how far two mails are apart at least."""

PAUSE = timedelta(days=30)

_PATH = PREFERENCES_PATH.replace("{token}", "{token:str}")
_SHOWN, _WANTED = "shown.", "want."


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the page: a purpose in the contact's language, and whether it is on."""

    name: str
    title: str
    about: str
    on: bool


def preference_handlers(services: PublicServices, pages: Pages, origins: Origins) -> list[HTTPRouteHandler]:
    """The handlers of `/p/{token}`."""
    page = _Page(services, pages)

    @route(_PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD])
    async def show(request: AnyRequest) -> Response[str]:
        facts = page.read(request.path_params["token"])
        notice_look(request, services, origins, facts, "preferences")
        return page.shown(request, facts, await asyncio.to_thread(page.look_up, facts))

    @post(_PATH, status_code=200)
    async def choose(request: AnyRequest) -> Response[str]:
        facts = page.read(request.path_params["token"])
        known = await asyncio.to_thread(page.look_up, facts)
        fields = form_fields(await request.body())
        if known is None or not fields.keys() & {"save", "pause", "resume", "stop"}:
            return message(pages, request, "400", 400)
        chosen = page.chosen(request, facts, known, fields)
        if not await services.recorder.record(chosen, patience=PATIENCE):
            return message(pages, request, "503", 503)
        done = "stopped" if chosen.stop else "saved"
        return page.shown(request, facts, await asyncio.to_thread(page.look_up, facts), done=done)

    return [show, choose]


class _Page:
    def __init__(self, services: PublicServices, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    def read(self, token: str) -> UnsubscribeFacts:
        """Whose page a token opens."""
        try:
            return self._services.signer.read(PREFERENCES, token, UnsubscribeFacts)
        except TokenError:
            raise NotFoundException from None

    def look_up(self, facts: UnsubscribeFacts) -> Known | None:
        """What is known of them now; None when they are gone."""
        with self._services.store.read() as connection:
            return preferences.known(connection, facts.contact_id)

    def shown(
        self, request: AnyRequest, facts: UnsubscribeFacts, known: Known | None, *, done: str = ""
    ) -> Response[str]:
        """The page as things stand; `done` is what was just done, as a key of the words."""
        language = self._language(request, known)
        if known is None:
            return html(self._pages.message(language, "unsubscribed"))
        now = self._services.clock.now()
        paused = known.wishes.paused_until
        values: dict[str, Any] = {
            "choices": self.choices(facts, known, language),
            "tracking": self.tracking(known, language),
            "frequencies": tuple(FREQUENCIES),
            "frequency": _named(known.wishes.apart),
            "paused": _date(paused, language, known.timezone) if paused is not None and paused > now else "",
            "done": done,
        }
        return html(self._pages.page("preferences.html", language, **values))

    def choices(self, facts: UnsubscribeFacts, known: Known, language: str) -> list[Choice]:
        """The declared purposes; and those that the contact has spoken of, or was written to for."""
        declared = self._services.consent.purposes
        spoken_of = {*known.said, facts.purpose} - declared.keys() - {TRACKING}
        purposes = {**declared, **{name: Purpose() for name in sorted(spoken_of)}}
        return [
            Choice(
                name,
                self._services.consent.title(name, language),
                said_in(one.about, language),
                known.said.get(name, one.basis != "consent"),
            )
            for name, one in purposes.items()
        ]

    def tracking(self, known: Known, language: str) -> Choice:
        """The same for what opens and clicks tell us."""
        required = self._services.tracking.consent == "required"
        title, about = (WORDS[language][f"preferences.{key}"] for key in ("tracking", "tracking_about"))
        return Choice(TRACKING, title, about, may_track(known.said.get(TRACKING), required=required))

    def chosen(
        self, request: AnyRequest, facts: UnsubscribeFacts, known: Known, fields: Mapping[str, str]
    ) -> Chosen:
        """What the form says, with the proof of it; what the page did not show stays as it is."""
        now = self._services.clock.now()
        language = self._language(request, known)
        stop = "stop" in fields
        shown = self.choices(facts, known, language)
        if stop:
            changed = [replace(choice, on=False) for choice in shown]
        else:
            shown.append(self.tracking(known, language))
            # A box that stood ticked and was left alone is no consent (Planet49, C-673/17).
            changed = [
                replace(choice, on=not choice.on)
                for choice in shown
                if _SHOWN + choice.name in fields and (_WANTED + choice.name in fields) is not choice.on
            ]
        wishes = known.wishes
        if not stop:
            apart = FREQUENCIES.get(fields.get("frequency", ""), wishes.apart)
            until = wishes.paused_until
            until = now + PAUSE if "pause" in fields else None if "resume" in fields else until
            wishes = Wishes(apart, until)
        proof: dict[str, Value] = {
            "page": "preferences",
            "language": language,
            "words": tuple(f"{one.title}: {'yes' if one.on else 'no'}" for one in changed),
            **origin(request, self._services.proxies),
        }
        signer, email = self._services.signer, known.email
        hashed = signer.address_hash(email) if email else None
        purposes = {choice.name: choice.on for choice in changed}
        return Chosen(facts, now, purposes, None if stop else wishes, stop, hashed, proof)

    @staticmethod
    def _language(request: AnyRequest, known: Known | None) -> str:
        locale = known.locale if known is not None else None
        return language_of(locale, request.headers.get("accept-language", ""))


def _named(apart: timedelta | None) -> str:
    return next((name for name, each in FREQUENCIES.items() if each == apart), "")


def _date(at: datetime, language: str, timezone: str | None) -> str:
    from babel.dates import format_date  # slow to import, and few pause

    return format_date(at.astimezone(find_zone(timezone)), "d MMMM yyyy", locale=language)
