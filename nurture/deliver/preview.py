"""A mail as it would look to somebody, without sending it: for the preview, and to measure it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nurture.core.channels import Channel, channel_of
from nurture.core.texting import text_length
from nurture.deliver.links import Links
from nurture.deliver.render import Writer
from nurture.deliver.sample import made_up
from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.texts import TextLibrary
from nurture.settings import Settings
from nurture.store.outbox import Message, Recipient
from nurture.tokens import Signer

_KEY = "of no use: the links of a preview lead nowhere"


@dataclass(frozen=True, slots=True)
class Previewed:
    """A mail in words, with its headers as a reader sees them, and the size of its HTML once links are
    tracked. A text message has no HTML, and its length as a header."""

    headers: Sequence[tuple[str, str]]
    locale: str
    subject: str
    preheader: str
    html: str
    text: str
    octets: int


class Previewer:
    """Shows mails of a workspace. Its tokens are signed with a key of no use, for contact 0: a click on
    “unsubscribe” in a preview unsubscribes nobody."""

    def __init__(self, library: TemplateLibrary, settings: Settings) -> None:
        signer = Signer(_KEY)
        self._library = library
        self._texts = TextLibrary(library)
        self._settings = settings
        self._writer = Writer(library, signer, _without_sending(settings))
        self._links = Links(signer, settings.web.base_url, honeypot=settings.tracking.honeypot)

    def show(self, template: str, locale: str, recipient: Recipient | None = None) -> Previewed:
        """The mail for `recipient`, or for somebody made up.

        Raised when it cannot be written: TemplateError.
        """
        who = recipient or made_up(locale)
        message = _message(template, locale)
        if channel_of(template) is Channel.SMS:
            return self._show_text(message, who)
        words = self._writer.preview(message, who)
        found = self._library.get(template, locale, self._settings.leads.locale)
        tracked = self._links.track(words.html, message)
        return Previewed(
            self._headers(words, who),
            found.locale,
            words.subject,
            words.preheader,
            words.html,
            words.text,
            len(tracked.encode()),
        )

    def _show_text(self, message: Message, who: Recipient) -> Previewed:
        text = self._writer.preview(message, who).text
        found = self._texts.get(message.template, message.locale, self._settings.leads.locale)
        length = text_length(text)
        takes = f"{length.units} characters in {length.alphabet}, messages: {length.parts}"
        headers = [("To", who.contact.phone or "(no telephone number)"), ("Length", takes)]
        return Previewed(headers, found.locale, "", "", "", text, 0)

    def text(self, template: str, locale: str) -> str:
        """The text message for somebody made up. Raised when it cannot be written: TemplateError."""
        return self._writer.preview(_message(template, locale), made_up(locale)).text

    def size(self, template: str, locale: str) -> int:
        """Octets of the HTML of that mail to somebody of whom everything is known."""
        return self.show(template, locale).octets

    def _headers(self, words: Rendered, who: Recipient) -> Sequence[tuple[str, str]]:
        mail, name = self._settings.mail, self._settings.mail.from_name or self._settings.firm.name
        contact = who.contact
        to = f"{contact.name} <{contact.email}>" if contact.name else contact.email or "(no address)"
        found = [("From", f"{name} <{mail.from_address}>"), ("To", to), ("Subject", words.subject)]
        return [*found, ("Reply-To", mail.reply_to)] if mail.reply_to else found


def _without_sending(settings: Settings) -> Settings:
    """The settings without what only matters when a mail goes out, and may still be wrong."""
    mail = settings.mail.model_copy(
        update={"dkim": (), "from_address": "preview@example.com", "reply_to": ""}
    )
    return settings.model_copy(update={"mail": mail})


def _message(template: str, locale: str) -> Message:
    return Message(
        id=0,
        contact_id=0,
        campaign="preview",
        version_id=0,
        step="preview",
        template=template,
        purpose="marketing",
        locale=locale,
        message_id="<preview>",
        guarantee="at_most_once",
        attempts=0,
    )
