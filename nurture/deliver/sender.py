"""Sends what is due, each message once: claim, write, hand to the transport, note what became of it.

Between the claim and the body stands `Ticket.begin`: one durable transaction that marks the batch as
transmitting, and leaves out whoever must not get it any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from nurture.clock import Clock
from nurture.core.model import Delivery, DeliveryState, OutboundMail, SignalClass, SignalKind
from nurture.deliver.render import Writer, Written
from nurture.deliver.retry import settle
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import NurtureError, TransportError
from nurture.plug.contracts import Transport
from nurture.settings import Settings
from nurture.store import outbox, signals
from nurture.store.engine import Store
from nurture.store.outbox import Message, Outcome, Recipient, State
from nurture.store.signals import NewSignal
from nurture.tokens import Signer

CLAIM_LEASE = timedelta(seconds=20)
"""How long a batch may take from its claim to `begin`: after it, what a dead sender had not begun goes on."""

TRANSMIT_LEASE = timedelta(minutes=5)
"""How long it may take from there to its end: after it, what became of it counts as unknown."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that the other side refused for good: what a bounce is made of."""

    outbox_id: int
    contact_id: int
    reply: str


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of one batch. `deferred` will be tried again; `error` says why nothing could be tried.

    `problems` are the reasons for mails that could not be written, each once.
    """

    claimed: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    withheld: int = 0
    refused: tuple[Refused, ...] = ()
    problems: tuple[str, ...] = ()
    error: str = ""


@dataclass(slots=True)
class _Ticket:
    """The transport's way to ask what may really go out."""

    store: Store
    clock: Clock
    token: int
    hashes: Mapping[int, bytes]
    allowed: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        hashes = {mail.outbox_id: self.hashes[mail.outbox_id] for mail in mails}
        with self.store.write() as connection:
            allowed = outbox.begin_transmitting(
                connection, self.token, hashes, self.clock.now(), TRANSMIT_LEASE
            )
        self.allowed |= allowed
        self.refused |= hashes.keys() - allowed
        return allowed


class Sender:
    """Sends batches from the outbox over one transport; several may do so at once, threads or processes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        transport: Transport,
        templates: TemplateLibrary,
        signer: Signer,
        *,
        settings: Settings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._transport = transport
        self._signer = signer
        self._batch = settings.mail.batch
        self.writer = Writer(templates, signer, settings)

    def send_batch(self) -> SendReport:
        """Sends up to `mail.batch` messages that are due. One that cannot be written fails alone."""
        with self._store.write() as connection:
            token, messages = outbox.claim(connection, self._clock.now(), self._batch, CLAIM_LEASE)
        if not messages:
            return SendReport()
        with self._store.read() as connection:
            recipients = outbox.recipients(connection, [message.contact_id for message in messages])
        written, unwritable = self._write(messages, recipients)
        hashes = {
            message.id: self._signer.address_hash(recipients[message.contact_id].contact.email or "")
            for message in messages
            if message.id in written
        }
        ticket = _Ticket(self._store, self._clock, token, hashes)
        deliveries, error = self._deliver([one.mail for one in written.values()], ticket)
        now = self._clock.now()
        outcomes = [
            settle(message, deliveries[message.id], written[message.id].subject, now)
            for message in messages
            if message.id in deliveries and message.id not in ticket.refused
        ]
        outcomes += [Outcome(each, State.FAILED, reason, done_at=now) for each, reason in unwritable.items()]
        with self._store.write() as connection:
            outbox.finish(connection, token, outcomes)
            signals.record_signals(connection, _bounces(messages, deliveries, now), now)
        return _report(messages, outcomes, deliveries, unwritable, error)

    def sweep(self) -> outbox.Swept:
        """Takes over what senders that stopped half-way had in hand."""
        with self._store.write() as connection:
            return outbox.sweep(connection, self._clock.now())

    def _write(
        self, messages: Sequence[Message], recipients: Mapping[int, Recipient]
    ) -> tuple[dict[int, Written], dict[int, str]]:
        written: dict[int, Written] = {}
        unwritable: dict[int, str] = {}
        now = self._clock.now()
        for message in messages:
            try:
                written[message.id] = self.writer.write(message, recipients[message.contact_id], now)
            except NurtureError as error:
                unwritable[message.id] = error.message
        for reason, number in Counter(unwritable.values()).items():
            log.error("mails could not be written", reason=reason, mails=number)
        return written, unwritable

    def _deliver(self, mails: Sequence[OutboundMail], ticket: _Ticket) -> tuple[dict[int, Delivery], str]:
        """What the transport says of each mail; of those it leaves out, what is certain."""
        if not mails:
            return {}, ""
        said: dict[int, Delivery] = {}
        problem = ""
        try:
            for delivery in self._transport.deliver(mails, ticket):
                said[delivery.outbox_id] = delivery
        except TransportError as error:
            problem = error.message
            log.error("the transport cannot be used", transport=self._transport.name, error=problem)
        for mail in mails:
            begun = mail.outbox_id in ticket.allowed
            state = DeliveryState.UNKNOWN if begun else DeliveryState.NOT_TRIED
            reply = problem or "the transport said nothing of it"
            said.setdefault(mail.outbox_id, Delivery(mail.outbox_id, state, reply))
        return said, problem


def _bounces(
    messages: Sequence[Message], deliveries: Mapping[int, Delivery], now: datetime
) -> list[NewSignal]:
    """A refusal for good is a bounce that was told at once; one message bounces once."""
    return [
        NewSignal(
            message.contact_id,
            SignalKind.BOUNCED,
            now,
            {
                "campaign": message.campaign,
                "step": message.step,
                "message": message.id,
                "reply": deliveries[message.id].reply,
            },
            SignalClass.MACHINE,
            "told by the receiving server",
            dedupe_key=b"bounced %d" % message.id,
        )
        for message in messages
        if message.id in deliveries and deliveries[message.id].state is DeliveryState.FAILED
    ]


def _report(
    messages: Sequence[Message],
    outcomes: Sequence[Outcome],
    deliveries: Mapping[int, Delivery],
    unwritable: Mapping[int, str],
    error: str,
) -> SendReport:
    states = Counter(outcome.state for outcome in outcomes)
    contact_of = {message.id: message.contact_id for message in messages}
    return SendReport(
        claimed=len(messages),
        sent=states[State.SENT],
        deferred=states[State.READY],
        failed=states[State.FAILED],
        unknown=states[State.UNKNOWN],
        withheld=len(messages) - len(outcomes),
        refused=tuple(
            Refused(delivery.outbox_id, contact_of[delivery.outbox_id], delivery.reply)
            for delivery in deliveries.values()
            if delivery.state is DeliveryState.FAILED
        ),
        problems=tuple(dict.fromkeys(unwritable.values())),
        error=error,
    )
