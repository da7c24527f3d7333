"""The hand-over channel `email`, the dossier in the mailbox of whoever's turn it is; and the actions `notify`
and `task`, with which a step of a campaign writes to a colleague.

With a `host` it goes by SMTP; without one it is written as an .eml file, which every mail program opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from nurture import (
    Action,
    Change,
    Contact,
    Errand,
    HandoverChannel,
    MailServer,
    Notice,
    NoticeOutcome,
    PluginConfig,
    SalesPerson,
    Value,
    drop_file,
    hookimpl,
    notice_head,
    notice_subject,
    one_line,
    render_notice,
    safe_name,
    send_mail,
)

API_VERSION = 1


class Options(MailServer):
    """`[plugin.email_notice]`. `folder` is where mails are written when no `host` is set; `operator` is told
    when a relay is paused.
    """

    folder: str = "notices"
    operator: str = ""


class EmailNotice:
    """Mails whoever is to be told."""

    name = "email"

    def __init__(self, options: Options, workspace: Path) -> None:
        self._options = options
        self._folder = workspace / options.folder

    def notify(self, notice: Notice) -> NoticeOutcome:
        if notice.to is None or not notice.to.email:
            team = notice.team
            return NoticeOutcome(False, False, f"team {team} has nobody to mail: set teams.{team}.members")
        try:
            message = self._message(notice, notice.to)
        except (ValueError, MessageError) as error:
            return NoticeOutcome(False, False, f"{notice.to.email!r} cannot be mailed to: {error}")
        return self.deliver(message, notice.key)

    def deliver(self, message: EmailMessage, key: str) -> NoticeOutcome:
        """Sends a mail, or writes it where no `host` is set; with one key it is the same mail."""
        if self._options.host:
            return send_mail(self._options, message)
        return drop_file(self._folder / f"{safe_name(key)}.eml", message.as_bytes())

    def _message(self, notice: Notice, to: SalesPerson) -> EmailMessage:
        message = notice_head(self._options, notice, to, notice_subject(notice))
        message.set_content(render_notice(notice))
        return message

    def envelope(self, to: str, subject: str) -> EmailMessage:
        """A mail of our own to a colleague, without a text yet."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._options.from_address
        message["To"] = to
        message["Subject"] = one_line(subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Auto-Submitted"] = "auto-generated"
        return message


class Parameters(BaseModel):
    """To whom, and what. In the title `{name}`, `{company}` and `{email}` stand for the contact's."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(
        description="The colleague's e-mail address; or a team, then all of its members.",
        pattern=r"^[^@\s<>,]+(@[^@\s<>,]+)?$",
    )
    title: str = Field(description="The subject: Call {name} of {company}.", max_length=200)
    message: str = Field(default="", description="What else the colleague should know.")
    due: str = Field(default="", description="By when, in words: within two days.")

    @field_validator("to")
    @classmethod
    def _is_there(cls, to: str, info: ValidationInfo) -> str:
        # Looked at when it is checked only: a team that goes later must not stop whoever comes to the step.
        teams = sorted((info.context or {}).get("teams", ()))
        if info.context is not None and "@" not in to and to not in teams:
            close = get_close_matches(to, teams, n=1)
            there = f"did you mean {close[0]}?" if close else f"there are: {', '.join(teams) or 'none'}"
            raise ValueError(f"{to} is no e-mail address, and there is no team {to}; {there}")
        return to


class Colleague:
    """An action that mails somebody of the firm about the contact, as news or as a task."""

    parameters = Parameters
    runs = True

    def __init__(
        self,
        name: str,
        words: str,
        mailer: EmailNotice,
        options: Options,
        teams: Mapping[str, Sequence[str]],
    ) -> None:
        self.name = name
        self.words = words
        self._teams = teams
        self._mailer = mailer
        self._domain = options.from_address.rpartition("@")[2]
        self._from = options.from_address

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]:
        return ()

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]:
        for errand in errands:
            to = str(errand.parameters["to"])
            addresses = [to] if "@" in to else list(self._teams.get(to, ()))
            if not addresses:
                # Somebody may put the team right before the last attempt.
                yield NoticeOutcome(False, True, f"nobody to mail in the team {to}: set teams.{to}.members")
                continue
            try:
                message = self._message(errand, addresses)
            except (ValueError, MessageError) as error:
                yield NoticeOutcome(False, False, f"{to!r} cannot be mailed to: {error}")
            else:
                yield self._mailer.deliver(message, f"{self.name}-{errand.key}")

    def _message(self, errand: Errand, addresses: Sequence[str]) -> EmailMessage:
        given, contact = errand.parameters, errand.contact
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = [Address("", addr_spec=address) for address in addresses]
        message["Subject"] = one_line(f"{self.name.title()}: {filled(str(given['title']), contact)}")
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{self.name}-{errand.key}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        lines = [
            str(given["message"]),
            f"By when: {given['due']}" if given["due"] else "",
            f"Who: {', '.join(part for part in (contact.name, contact.company) if part)}",
            f"E-mail: {contact.email or '(none)'}",
            f"Telephone: {contact.phone or '(none)'}",
            f"Campaign: {errand.campaign}, step {errand.step}",
        ]
        message.set_content("\n".join(line for line in lines if line) + "\n")
        return message


def filled(title: str, contact: Contact) -> str:
    """The title with the contact's name, company and address; what they wrote is only a value."""
    known = {"{name}": contact.name, "{company}": contact.company, "{email}": contact.email}
    pattern = re.compile("|".join(map(re.escape, known)))
    return pattern.sub(lambda found: known[found[0]] or "somebody", title)


@hookimpl
def register_handover_channels(config: PluginConfig) -> list[HandoverChannel]:
    return [EmailNotice(config.options("email_notice", Options), config.workspace)]


@hookimpl
def register_actions(config: PluginConfig) -> list[Action]:
    options = config.options("email_notice", Options)
    mailer = EmailNotice(options, config.workspace)
    return [
        Colleague("notify", "mails a colleague", mailer, options, config.teams),
        Colleague("task", "mails a colleague a task", mailer, options, config.teams),
    ]


class Operator:
    """Tells whoever runs Nurture, where somebody is named."""

    def __init__(self) -> None:
        self.address = ""
        self.mailer: EmailNotice | None = None

    def tell(self, relay: str, why: str) -> None:
        if self.mailer is None or not self.address:
            return
        message = self.mailer.envelope(self.address, f"Relay {relay} is paused")
        message.set_content(
            f"{why}.\n\nNothing goes by {relay} any more until somebody has looked at the cause:\n\n"
            f"    nurture relays list\n    nurture relays resume {relay}\n"
        )
        outcome = self.mailer.deliver(message, f"paused-{relay}")
        if not outcome.done:
            raise OSError(outcome.reply)


_operator = Operator()


@hookimpl
def configure(config: PluginConfig) -> None:
    options = config.options("email_notice", Options)
    _operator.address, _operator.mailer = options.operator, EmailNotice(options, config.workspace)


@hookimpl
def observe_paused(relay: str, why: str) -> None:
    _operator.tell(relay, why)
