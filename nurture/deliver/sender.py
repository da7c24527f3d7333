"""Sends what is due, each message once: claim, write, hand to the transport, note what became of it.

Between the claim and the body stands `Ticket.begin`: one durable transaction that marks the batch as
transmitting, and leaves out whoever must not get it any more.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from nurture.clock import Clock
from nurture.core.channels import Channel, channel_of
from nurture.core.feedback import Feedback, FeedbackKind
from nurture.core.model import Contact, Delivery, DeliveryState, OutboundMail
from nurture.core.throttle import Use
from nurture.deliver.feedback import apply_feedback
from nurture.deliver.hours import CampaignOf, may_leave_at
from nurture.deliver.relays import Relays, Route, domain_of
from nurture.deliver.render import Writer, Written
from nurture.deliver.report import SendReport, made_report
from nurture.deliver.retry import readable, settle
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import NurtureError, StoreError, TransportError
from nurture.logs import Log
from nurture.plug.contracts import Transport
from nurture.settings import Settings
from nurture.store import outbox, throttles
from nurture.store.engine import Store
from nurture.store.outbox import MAX_ATTEMPTS, Message, Outcome, Recipient, State
from nurture.tokens import Signer

CLAIM_LEASE = timedelta(seconds=20)
"""How long a batch may take from its claim to `begin`: after it, what a dead sender had not begun goes on."""

TRANSMIT_LEASE = timedelta(minutes=5)
"""How long it may take from there to its end: after it, what became of it counts as unknown."""

PAUSES = (0.2, 1.0, 5.0)
"""Seconds to wait before what is known is written once more to a database that did not take it."""

log = Log(__name__)


@dataclass(slots=True)
class _Ticket:
    """The transport's way to ask what may really go out."""

    store: Store
    clock: Clock
    token: int
    hashes: Mapping[int, bytes]
    allowed: set[int] = field(default_factory=set)
    withheld: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        hashes = {mail.outbox_id: self.hashes[mail.outbox_id] for mail in mails}
        with self.store.write() as connection:
            marked = outbox.begin_transmitting(
                connection, self.token, hashes, self.clock.now(), TRANSMIT_LEASE
            )
        self.allowed |= marked.allowed
        self.withheld |= marked.withheld
        self.lost |= hashes.keys() - self.allowed - self.withheld
        return marked.allowed


class Sender:
    """Sends batches from the outbox; several may do so at once, threads or processes.

    One that goes by a `channel` takes its messages only.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        relays: Relays,
        templates: TemplateLibrary,
        signer: Signer,
        *,
        settings: Settings,
        campaign_of: CampaignOf,
        channel: Channel | None = None,
    ) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._relays = relays
        self._signer = signer
        self._campaign_of = campaign_of
        self._batch = settings.mail.batch
        self._policy = settings.bounces
        self.writer = Writer(templates, signer, settings)

    def send_batch(self) -> SendReport:
        """Sends up to `mail.batch` messages that are due. One that cannot be written fails alone."""
        now = self._clock.now()
        with self._store.write() as connection:
            route = self._relays.route(connection, now, self._batch)
            if route is None:
                return SendReport()
            token, messages = outbox.claim(
                connection, now, route.mails, CLAIM_LEASE, self._channel, route.relay.name
            )
            self._relays.took(connection, route, len(messages), now)
        return self._send(route, token, messages) if messages else SendReport()

    def _send(self, route: Route, token: int, messages: Sequence[Message]) -> SendReport:
        with self._store.read() as connection:
            recipients = outbox.recipients(connection, [message.contact_id for message in messages])
            domains = {
                message.contact_id: domain_of(_known_by(message, recipients[message.contact_id].contact))
                for message in messages
            }
            troubled = throttles.troubled(connection, set(domains.values()))
        timely, waiting = self._in_hours(messages, recipients)
        timely, held = self._admitted(token, timely, domains, troubled)
        written, unwritable = self._write(timely, recipients)
        hashes = {
            message.id: self._signer.address_hash(_known_by(message, recipients[message.contact_id].contact))
            for message in messages
            if message.id in written
        }
        ticket = _Ticket(self._store, self._clock, token, hashes)
        mails = [one.mail for one in written.values()]
        deliveries, error = self._deliver(route.relay.transport, mails, ticket)
        now = self._clock.now()
        outcomes = [
            replace(
                settle(
                    message, deliveries[message.id], written[message.id].subject, now, self._relays.several
                ),
                relay=route.relay.name,
            )
            for message in messages
            if message.id in deliveries and message.id not in ticket.withheld
        ]
        outcomes += [Outcome(each, State.FAILED, reason, done_at=now) for each, reason in unwritable.items()]
        outcomes += waiting + held
        results = [
            (domains[message.contact_id], deliveries[message.id])
            for message in messages
            if message.id in deliveries and message.id not in ticket.withheld | ticket.lost
        ]
        self._note(token, route, len(messages), outcomes, results, troubled, now)
        self._note_bounces(_bounces(messages, deliveries, recipients, now), now)
        return made_report(messages, outcomes, deliveries, unwritable, ticket.withheld, ticket.lost, error)

    def sweep(self) -> outbox.Swept:
        """Takes over what senders that stopped half-way had in hand."""
        with self._store.write() as connection:
            return outbox.sweep(connection, self._clock.now())

    def _in_hours(
        self, messages: Sequence[Message], recipients: Mapping[int, Recipient]
    ) -> tuple[list[Message], list[Outcome]]:
        """Those that may leave at this hour, and what becomes of the others: they wait for the window."""
        now = self._clock.now()
        timely: list[Message] = []
        early: list[Outcome] = []
        for message in messages:
            campaign = self._campaign_of(message.version_id)
            opens = may_leave_at(recipients[message.contact_id].contact, campaign, now)
            if opens <= now:
                timely.append(message)
                continue
            reason = "came too late for its send window, and waits for the next"
            early.append(Outcome(message.id, State.READY, reason, not_before=opens, tried=False))
        return timely, early

    def _admitted(
        self,
        token: int,
        messages: Sequence[Message],
        domains: Mapping[int, str],
        troubled: Mapping[str, Use],
    ) -> tuple[list[Message], list[Outcome]]:
        """Those that their recipients' domains take now; the others wait."""
        wanted: dict[str, list[int]] = defaultdict(list)
        for message in messages:
            wanted[domains[message.contact_id]].append(message.id)
        held = self._relays.admit(self._store, token, wanted, troubled, self._clock.now())
        outcomes = [
            Outcome(each, State.READY, one.why, not_before=one.until, tried=False)
            for each, one in held.items()
        ]
        return [message for message in messages if message.id not in held], outcomes

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

    def _deliver(
        self, transport: Transport, mails: Sequence[OutboundMail], ticket: _Ticket
    ) -> tuple[dict[int, Delivery], str]:
        """What the transport says of each mail; of those it leaves out, what is certain."""
        if not mails:
            return {}, ""
        said: dict[int, Delivery] = {}
        problem = ""
        name = transport.name
        try:
            for delivery in transport.deliver(mails, ticket):
                said[delivery.outbox_id] = replace(delivery, reply=readable(delivery.reply))
        except TransportError as error:
            problem = readable(error.message)
            log.error("the transport cannot be used", transport=name, error=problem)
        except Exception as error:
            # A defect of a plugin, or a database that went away: what was told must not be lost with it.
            problem = readable(f"the transport {name} failed: {type(error).__name__}: {error}")
            log.exception("the transport failed", transport=name)
        if ticket.lost:
            log.warning("claims ran out before the server was ready", transport=name, mails=len(ticket.lost))
        return {mail.outbox_id: _certain(mail.outbox_id, said, ticket, problem) for mail in mails}, problem

    def _note(
        self,
        token: int,
        route: Route,
        claimed: int,
        outcomes: Sequence[Outcome],
        results: Sequence[tuple[str, Delivery]],
        troubled: Mapping[str, Use],
        now: datetime,
    ) -> None:
        """Writes what became of the batch, and how the relay did."""
        paused: list[str] = []

        def write(connection: sa.Connection) -> None:
            outbox.finish(connection, token, outcomes)
            paused[:] = self._relays.note(connection, token, route, claimed, results, troubled, now)

        try:
            self._write_down(write)
        except Exception:
            sent = [outcome.id for outcome in outcomes if outcome.state is State.SENT]
            log.error("what became of mails could not be stored; they will be unknown", sent=sent)
            raise
        for why in paused:
            self._relays.paused(route.relay.name, why)

    def _note_bounces(self, bounces: Sequence[Feedback], now: datetime) -> None:
        """Apart from `_note`, since bounces wake journeys and can meet others there.

        A bounce has a key of its own, so that both may be repeated.
        """
        if not bounces:
            return
        try:
            self._write_down(
                lambda connection: apply_feedback(connection, bounces, self._signer, self._policy, now)
            )
        except (SQLAlchemyError, NurtureError):
            log.exception("bounces could not be stored", mails=[bounce.outbox_id for bounce in bounces])

    def _write_down(self, work: Callable[[sa.Connection], object]) -> None:
        """Does `work` in a transaction of its own, and again if the database does not take it."""
        for pause in PAUSES:
            try:
                with self._store.write() as connection:
                    work(connection)
                return
            except (OperationalError, StoreError) as error:
                log.warning("what became of mails could not be stored yet", error=str(error), wait=pause)
                self._clock.sleep(pause)
        with self._store.write() as connection:
            work(connection)


def _certain(outbox_id: int, said: Mapping[int, Delivery], ticket: _Ticket, problem: str) -> Delivery:
    """What the transport said of a mail; else whether it may have gone."""
    if outbox_id in ticket.lost:
        return Delivery(outbox_id, DeliveryState.NOT_TRIED, "its claim ran out before the server was ready")
    if outbox_id in said:
        return said[outbox_id]
    state = DeliveryState.UNKNOWN if outbox_id in ticket.allowed else DeliveryState.NOT_TRIED
    return Delivery(outbox_id, state, problem or "the transport said nothing of it")


def _bounces(
    messages: Sequence[Message],
    deliveries: Mapping[int, Delivery],
    recipients: Mapping[int, Recipient],
    now: datetime,
) -> list[Feedback]:
    """A refusal for good is a bounce that was told at once; so is the last of too many put-offs."""
    return [
        Feedback(
            FeedbackKind.BOUNCE,
            recipients[message.contact_id].contact.email or "",
            now,
            f"refused {message.id}",
            outbox_id=message.id,
            reply=deliveries[message.id].reply,
        )
        for message in messages
        if message.id in deliveries and _gives_up(message, deliveries[message.id])
        # A telephone number that takes no text says nothing of the person's mailbox.
        if channel_of(message.template) is Channel.MAIL
    ]


def _known_by(message: Message, contact: Contact) -> str:
    """What the person is suppressed by, if they are: the address that this message goes to."""
    if channel_of(message.template) is Channel.SMS:
        return contact.phone or ""
    return contact.email or ""


def _gives_up(message: Message, delivery: Delivery) -> bool:
    # One that may have arrived before is unknown in the end, and no bounce.
    worn_out = message.attempts >= MAX_ATTEMPTS and message.repeat_until is None
    put_off = delivery.state is DeliveryState.DEFERRED and worn_out
    return put_off or delivery.state is DeliveryState.FAILED
