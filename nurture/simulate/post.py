"""The post of a simulation: mails are written, recorded instead of sent, and their readers' acts planned.

`Scribe` is the writer of production but for what nobody will see: no MIME, no signed links, no pixel. What a
template says is rendered for each mail, so that one that cannot be written fails here as it would there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nurture.clock import Clock
from nurture.core.channels import Channel, channel_of
from nurture.core.model import Delivery, DeliveryState, OutboundMail
from nurture.deliver.render import Writer, Written, address_of
from nurture.deliver.templates import TemplateLibrary
from nurture.plug.contracts import Ticket
from nurture.settings import Settings
from nurture.simulate.acts import Act
from nurture.simulate.readers import Readers
from nurture.store.outbox import Message, Recipient
from nurture.tokens import Signer

DEAD = "550 5.1.1 no such mailbox (simulated)"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as far as a simulation writes it."""

    message: Message
    recipient: Recipient
    html: str


class Scribe(Writer):
    """Writes the words of mails; `letters` holds those that were not taken out again."""

    def __init__(self, templates: TemplateLibrary, signer: Signer, settings: Settings) -> None:
        super().__init__(templates, signer, settings)
        self.letters: dict[int, Letter] = {}

    def write(
        self, message: Message, recipient: Recipient, now: datetime, *, tracked: bool = True
    ) -> Written:
        """A mail without content. Raised as by the writer of production: TemplateError, AddressError."""
        address = address_of(message, recipient.contact)
        words = self.preview(message, recipient)
        self.letters[message.id] = Letter(message, recipient, words.html)
        return Written(OutboundMail(message.id, "", address, message.message_id, b""), words.subject)


@dataclass(slots=True)
class Mailed:
    """What one contact has got: the last mail, the longest time between two, and how many of each step."""

    mails: int = 0
    last: datetime | None = None
    silence: float = 0.0
    since: datetime | None = None
    until: datetime | None = None
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, campaign: str, step: str, at: datetime) -> None:
        """One more, at `at`."""
        if self.last is not None and (gap := (at - self.last).total_seconds()) > self.silence:
            self.silence, self.since, self.until = gap, self.last, at
        self.last = at
        self.mails += 1
        self.steps[campaign, step] += 1


class RecordingTransport:
    """Takes every mail at once, unless its address is dead; tells `plan` what its reader will do."""

    name = "simulation"

    def __init__(
        self, scribe: Scribe, clock: Clock, readers: Readers | None, plan: Callable[[Act], None]
    ) -> None:
        self._scribe = scribe
        self._clock = clock
        self._readers = readers
        self._plan = plan
        self.mailed: dict[int, Mailed] = {}
        self.by_step: Counter[tuple[str, str]] = Counter()
        self.moments: Counter[datetime] = Counter()

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        """One transaction for all, as with a server that takes pipelined mails."""
        allowed = ticket.begin(mails)
        now = self._clock.now()
        for mail in mails:
            letter = self._scribe.letters.pop(mail.outbox_id)
            if mail.outbox_id in allowed:
                yield self._take(letter, now)

    def _take(self, letter: Letter, now: datetime) -> Delivery:
        message, contact = letter.message, letter.recipient.contact
        if self._readers is not None and self._readers.is_dead(contact):
            return Delivery(message.id, DeliveryState.FAILED, DEAD)
        got = self.mailed.setdefault(contact.id, Mailed())
        times = got.steps[message.campaign, message.step]
        got.add(message.campaign, message.step, now)
        self.by_step[message.campaign, message.step] += 1
        self.moments[now] += 1
        # Nobody can tell whether a text message was read: it has no pixel, and its links are not ours.
        if self._readers is not None and channel_of(message.template) is Channel.MAIL:
            for act in self._readers.react(message, contact, letter.html, now, times):
                self._plan(act)
        return Delivery(message.id, DeliveryState.SENT, "250 recorded")

    def close(self) -> None:
        """Nothing to close."""
