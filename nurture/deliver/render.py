"""From a message and its recipient to the finished mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.core.channels import Channel, channel_of
from nurture.core.consent import CONFIRMATION_VERSION, may_track
from nurture.core.model import Account, Contact, OutboundMail
from nurture.deliver.dkim import DkimKey, load_key
from nurture.deliver.headers import mailbox
from nurture.deliver.links import Links
from nurture.deliver.mime import Letter, assemble
from nurture.deliver.returnpath import ReturnPath
from nurture.deliver.template import Rendered
from nurture.deliver.templates import TemplateLibrary
from nurture.deliver.texts import TextLibrary, short_enough
from nurture.deliver.views import ACCOUNT_FIELDS, CONTACT_FIELDS, FIRM_FIELDS, Answers, View
from nurture.errors import AddressError, SettingsError
from nurture.settings import Settings
from nurture.store.outbox import Message, Recipient
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Written:
    """A mail ready to go, with the subject that it has."""

    mail: OutboundMail
    subject: str


SHOWN_OF_TEXT = 60
"""Characters of a text message that stand for its subject."""


class Writer:
    """Writes mails and text messages from templates; safe to use from several threads.

    Raised when an address or a key of our own in the settings cannot be used: SettingsError.
    """

    def __init__(self, templates: TemplateLibrary, signer: Signer, settings: Settings) -> None:
        self._templates = templates
        self._texts = TextLibrary(templates)
        self._parts_at_most = settings.sms.parts_at_most
        self._links = Links(signer, settings.web.base_url, honeypot=settings.tracking.honeypot)
        self._fallback = settings.leads.locale
        self._consent = settings.consent
        self._must_agree_to_tracking = settings.tracking.consent == "required"
        self._firm = View("firm", settings.firm, FIRM_FIELDS)
        self._from_name = settings.mail.from_name or settings.firm.name
        self._from_address = _own("from_address", settings.mail.from_address)
        self._reply_to = _own("reply_to", settings.mail.reply_to) if settings.mail.reply_to else ""
        self._return_path = ReturnPath(signer, settings.mail.return_path, self._from_address)
        # Where nobody reads what comes back, a mail that asks to be left alone would ask in vain.
        self._reads_mail = self._return_path.is_signed and settings.bounces.is_read
        self._keys = signing_keys(settings)

    def preview(self, message: Message, recipient: Recipient) -> Rendered:
        """The words of a mail, its links untouched. Raised when it cannot be written: TemplateError."""
        return self._rendered(message, recipient, self._links.unsubscribe_url(message))

    def write(
        self, message: Message, recipient: Recipient, now: datetime, *, tracked: bool = True
    ) -> Written:
        """The finished message. `tracked` leads the links of a mail through us and adds the open pixel, where
        the reader has not refused that, or has agreed to it.

        Raised when it cannot be written: TemplateError; or addressed: AddressError.
        """
        contact, address = recipient.contact, address_of(message, recipient.contact)
        if channel_of(message.template) is Channel.SMS:
            return self._text(message, recipient, address)
        unsubscribe_url = self._links.unsubscribe_url(message)
        words = self._rendered(message, recipient, unsubscribe_url)
        # Who is asked to confirm has agreed to nothing yet.
        tracked = tracked and message.version_id != CONFIRMATION_VERSION
        tracked = tracked and may_track(recipient.tracking, required=self._must_agree_to_tracking)
        content = assemble(
            Letter(
                from_name=self._from_name,
                from_address=self._from_address,
                to_name=contact.name or "",
                to_address=address,
                reply_to=self._reply_to,
                subject=words.subject,
                date=now,
                message_id=message.message_id,
                unsubscribe_url=unsubscribe_url,
                unsubscribe_mail=(self._return_path.unsubscribe_mail(message.id) if self._reads_mail else ""),
                html=self._links.track(words.html, message) if tracked else words.html,
                text=words.text,
            ),
            self._keys,
        )
        mail = OutboundMail(
            message.id,
            self._return_path.address(message.id),
            address,
            message.message_id,
            content,
            message.campaign,
            message.step,
        )
        return Written(mail, words.subject)

    def _text(self, message: Message, recipient: Recipient, number: str) -> Written:
        text = short_enough(self.preview(message, recipient).text, self._parts_at_most)
        mail = OutboundMail(
            message.id,
            "",
            number,
            message.message_id,
            text.encode(),
            message.campaign,
            message.step,
        )
        return Written(mail, text[:SHOWN_OF_TEXT])

    def _rendered(self, message: Message, recipient: Recipient, unsubscribe_url: str) -> Rendered:
        asked = (message.template, message.locale, self._fallback)
        values = {
            **_people(recipient.contact, recipient.account),
            "firm": self._firm,
            "unsubscribe_url": unsubscribe_url,
            "campaign": message.campaign,
            "step": message.step,
        }
        if channel_of(message.template) is Channel.SMS:
            values["preferences_url"] = self._links.preferences_url(message)
            return Rendered("", "", "", self._texts.get(*asked).render(values))
        template = self._templates.get(*asked)
        if "preferences_url" in template.names:
            values["preferences_url"] = self._links.preferences_url(message)
        if "purpose" in template.names:
            values["purpose"] = self._consent.title(message.purpose, template.locale)
        if message.version_id == CONFIRMATION_VERSION and "confirm_url" in template.names:
            values["confirm_url"] = self._links.confirm_url(message)
        return template.render(values)


def address_of(message: Message, contact: Contact) -> str:
    """Where a message goes: a mailbox, or a telephone number. Raised when there is none: AddressError."""
    if channel_of(message.template) is Channel.SMS:
        if not contact.phone:
            raise AddressError("the contact has no telephone number")
        return contact.phone
    if not contact.email:
        raise AddressError("the contact has no e-mail address")
    return mailbox(contact.email, international=True)


def signing_keys(settings: Settings) -> tuple[DkimKey, ...]:
    """The keys of `[[mail.dkim]]`. Raised when one cannot be used: SettingsError."""
    domain = _own("from_address", settings.mail.from_address).rpartition("@")[2].lower()
    return tuple(
        load_key(settings.folder / key.file, (key.domain or domain).lower(), key.selector)
        for key in settings.mail.dkim
    )


def _own(setting: str, address: str) -> str:
    try:
        return mailbox(address)
    except AddressError as error:
        raise SettingsError(f"mail.{setting}: {error.message}", hint=error.hint) from error


def _people(contact: Contact, account: Account | None) -> Mapping[str, Any]:
    return {
        "contact": View("contact", contact, CONTACT_FIELDS),
        "answers": Answers("answers", contact.answers),
        "account": View("account", account, ACCOUNT_FIELDS),
        "stage": contact.stage.value,
    }
