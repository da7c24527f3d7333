"""Proofs of mails, as a printer makes them: how a mail would look to somebody, and what is wrong with it.

The templates are read anew for each proof, so that a change shows when the page is loaded again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nurture.app import App
from nurture.core.channels import Channel, channel_of
from nurture.core.model import Stage
from nurture.deliver.mailcheck import check_mail
from nurture.deliver.preview import Previewed, Previewer
from nurture.deliver.sample import made_up
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.textcheck import check_text
from nurture.deliver.texts import TextLibrary
from nurture.errors import NurtureError, TemplateError
from nurture.journey.picture import find_contact
from nurture.language.findings import CheckFinding
from nurture.store import outbox, stories
from nurture.store.engine import is_there
from nurture.store.migrate import schema_state
from nurture.store.outbox import Recipient

MADE_UP, SPARSE = "made-up", "hardly-known"
"""Who can always be chosen: somebody of whom everything is known, and somebody with an address only."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One mail for one reader; `problem` says why there is no mail."""

    mail: Previewed | None
    findings: Sequence[CheckFinding] = ()
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A contact that can be chosen."""

    id: int
    name: str
    email: str


class Proofs:
    """Makes proofs of the mails of one workspace."""

    def __init__(self, app: App) -> None:
        self._app = app

    def templates(self) -> Mapping[str, frozenset[str]]:
        """Every template's name, with its locales."""
        return self._library().index()

    def people(self, limit: int = 50) -> list[Person]:
        """The newest contacts; nobody where there is no database yet."""
        if not self._has_database():
            return []
        with self._app.store.read() as connection:
            rows = stories.newest_contacts(connection, limit)
        return [Person(row.id, row.name or "(no name)", row.email or "") for row in rows]

    def proof(self, template: str, locale: str = "", who: str = MADE_UP, stage: str = "") -> Proof:
        """The mail `template` for `who`: made-up, hardly-known, or what names a contact.

        Without a locale it is written in the contact's own, or else the workspace's.

        Raised when there is no such contact or stage: NurtureError. What is wrong with the template stands in
        the proof.
        """
        library, fallback = self._library(), self._app.settings.leads.locale
        is_text = channel_of(template) is Channel.SMS
        index = TextLibrary(library).index() if is_text else library.index()
        there = sorted(index.get(template, ()))
        # Somebody made up speaks whatever language there is.
        spoken = fallback if fallback in there or not there else there[0]
        recipient = self._recipient(who, locale or spoken, stage)
        language = locale or recipient.contact.locale or fallback
        previewer = Previewer(library, self._app.settings)
        try:
            mail = previewer.show(template, language, recipient)
            found = (
                check_text(library, template, mail.locale, mail.text, self._app.settings.sms.parts_at_most)
                if is_text
                else check_mail(library, template, mail.locale, previewer.size)
            )
        except TemplateError as error:
            return Proof(None, problem=self._short(error.message), hint=self._short(error.hint))
        return Proof(mail, [replace(each, file=self._short(each.file)) for each in found])

    def _recipient(self, who: str, locale: str, stage: str) -> Recipient:
        if stage and stage not in list(Stage):
            raise NurtureError(f"there is no stage {stage!r}", hint=f"stages are {', '.join(Stage)}")
        if who in (MADE_UP, SPARSE):
            return made_up(locale, stage=Stage(stage or Stage.ORIENTATION), sparse=who == SPARSE)
        if not self._has_database():
            raise NurtureError("there is no database with contacts yet", hint=f"leave it at {MADE_UP}")
        with self._app.store.read() as connection:
            id_ = find_contact(connection, who)
            found = outbox.recipients(connection, [id_])[id_]
        return replace(found, contact=replace(found.contact, stage=Stage(stage))) if stage else found

    def _has_database(self) -> bool:
        return is_there(self._app.settings.database_url) and schema_state(self._app.store).up_to_date

    def _library(self) -> TemplateLibrary:
        return TemplateLibrary([self._app.settings.folder / "templates"])

    def _short(self, text: str) -> str:
        """Names of files as they stand in the workspace."""
        return text.replace(f"{Path(self._app.settings.folder).resolve()}/", "")
