"""Lives played as in production: the real store, scheduler, sender and desk, on a clock that jumps ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from nurture.app import App, build_app
from nurture.clock import VirtualClock
from nurture.core.model import Delivery, DeliveryState, OutboundMail, SignalClass
from nurture.deliver.relays import Relays
from nurture.deliver.sender import Sender
from nurture.plug.contracts import Ticket
from nurture.store import consents, journey, outbox_view, schema
from nurture.store.bulk import insert_rows
from nurture.store.migrate import upgrade
from nurture.store.signals import NewSignal, record_signals
from nurture.tokens import UnsubscribeFacts
from nurture.web.hits import Unsubscribed, store_group
from tests.properties.author import Doc
from tests.properties.looks import Looks
from tests.properties.memory import write
from tests.properties.oracle import Mail, Oracle
from tests.properties.people import Event, Person
from tests.world import make_settings

PURPOSE = "marketing"
BATCH = 1_000


def hurried(url: str) -> str:
    """What is thrown away at the end need not survive a power cut."""
    made = sa.make_url(url)
    if made.get_backend_name() == "postgresql":
        made = made.update_query_dict({"options": "-c synchronous_commit=off"})
    return made.render_as_string(hide_password=False)


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


class MailServer:
    """Takes most mails at once. One that is `moody` wants to see some later, and refuses a few."""

    name = "server"

    def __init__(self, clock: VirtualClock, *, moody: bool) -> None:
        self.clock = clock
        self.moody = moody
        self.took: dict[int, datetime] = {}
        self.tries: dict[int, int] = {}

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]:
        now = self.clock.now()
        allowed = ticket.begin(mails)
        for mail in mails:
            if mail.outbox_id in allowed:
                yield self._answer(mail.outbox_id, now)

    def _answer(self, outbox_id: int, now: datetime) -> Delivery:
        assert outbox_id not in self.took, "a mail was sent twice"
        tries = self.tries[outbox_id] = self.tries.get(outbox_id, 0) + 1
        mood = sha256(b"%d %d" % (outbox_id, tries)).digest()[0] if self.moody else 255
        if mood < 30 and tries < 7:
            return Delivery(outbox_id, DeliveryState.DEFERRED, "451 4.7.1 later")
        if mood < 34:
            return Delivery(outbox_id, DeliveryState.FAILED, "550 5.7.1 not today")
        self.took[outbox_id] = now
        return Delivery(outbox_id, DeliveryState.SENT, "250 taken")

    def close(self) -> None:
        """Nothing to close."""


class Production:
    """A firm with its people and campaigns, from `start` on."""

    def __init__(
        self,
        folder: Path,
        url: str,
        docs: Sequence[Doc],
        people: Sequence[Person],
        start: datetime,
        *,
        moody: bool = False,
    ) -> None:
        """Where the server is `moody`, nobody sends on Tuesday mornings and at weekends."""
        self.clock = VirtualClock(start)
        self.folder = folder
        self.app: App = build_app(make_settings(folder, hurried(url)), self.clock)
        if not self.app.store.is_postgresql:
            event.listen(self.app.store.engine, "connect", _hurry)
        upgrade(self.app.store)
        self.write(docs)
        self.app.publish()
        self.server = MailServer(self.clock, moody=moody)
        app = self.app
        settings = app.settings.model_copy(
            update={"mail": app.settings.mail.model_copy(update={"batch": BATCH})}
        )
        self.sender = Sender(
            app.store,
            self.clock,
            Relays.only(self.server),
            app.templates,
            app.signer,
            settings=settings,
            campaign_of=app.plans.campaign,
        )
        self.oracle = Oracle(docs, people)
        self.looks = Looks(self.oracle)
        app.advancer.watch = lambda decided: (
            [self.looks.take(*pair, self.clock.now()) for pair in decided] and None
        )
        self.people = {person.id: person for person in people}
        self.mail_due = start
        self.events = sorted(
            ((each.at, person.id, each) for person in people for each in person.events),
            key=lambda one: one[:2],
        )
        self._settle(people, start)

    def write(self, docs: Sequence[Doc]) -> None:
        """The campaigns' files as these documents say."""
        write(self.folder / "campaigns", docs)

    def run(self, end: datetime, each: Callable[[], None] = lambda: None) -> None:
        """Everything that is due until `end`, each thing at its moment."""
        while True:
            self._work()
            each()
            moment = self._next()
            if moment is None or moment >= end:
                break
            self.clock.set(moment)
            self._happen()
        self.clock.set(end)

    def mails(self) -> list[Mail]:
        """The ledger, in the order in which it was written."""
        table = schema.outbox
        columns = ("contact_id", "campaign", "step", "occurrence", "lap", "created_at")
        query = sa.select(table.c.id, *(table.c[name] for name in columns)).order_by(table.c.id)
        with self.app.store.read() as connection:
            rows = connection.execute(query).all()
        return [Mail(*row[1:], self.server.took.get(row.id)) for row in rows]

    def to_prospects(self, mails: Sequence[Mail]) -> list[str]:
        """Mails that went to somebody whom sales had got after the mail was decided on, and has still."""
        table = schema.handover
        query = sa.select(table.c.contact_id, table.c.created_at, table.c.answered_at)
        with self.app.store.read() as connection:
            given = connection.execute(query).all()
        return [
            f"{mail} to a prospect"
            for mail in mails
            for contact, since, until in given
            if mail.contact == contact
            and mail.went is not None
            and mail.decided < since <= mail.went
            and (until is None or mail.went < until)
        ]

    def close(self) -> None:
        self.app.close()

    # --- time -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        again = True
        while again:
            report = self.app.advancer.advance_batch(BATCH)
            due = report.sends > 0 or self.mail_due <= self.clock.now()
            # A refused mail is a bounce, which wakes its contact.
            again = due and not self._nobody_sends() and bool(self.sender.send_batch().refused)

    def _nobody_sends(self) -> bool:
        now = self.clock.now()
        return self.server.moody and (
            now.weekday() in {5, 6} or (now.weekday(), now.hour // 12) in {(1, 0), (4, 1)}
        )

    def _next(self) -> datetime | None:
        now = self.clock.now()
        with self.app.store.read() as connection:
            moments = [journey.next_due(connection), outbox_view.next_ready(connection)]
        if self._nobody_sends():
            noon = datetime.combine(now, time(12 * (now.hour // 12)), UTC)
            moments[1] = noon + timedelta(hours=12)
        self.mail_due = moments[1] or datetime.max.replace(tzinfo=UTC)
        moments += [self.events[0][0]] if self.events else []
        return min((moment for moment in moments if moment is not None), default=None)

    # --- what happens ---------------------------------------------------------------------------------

    def _settle(self, people: Sequence[Person], now: datetime) -> None:
        """The people are in the database as sorting would have put them there."""
        columns = ("id", "name", "email", "country", "timezone", "interests", "answers", "tags")
        rows = [
            (p.id, "An Jansen", p.email, p.country, p.zone, list(p.interests), dict(p.answers), [], now, now)
            for p in people
        ]
        with self.app.store.write() as connection:
            insert_rows(connection, schema.contact, [*columns, "created_at", "updated_at"], rows)
            insert_rows(
                connection,
                schema.journey,
                ["contact_id", "lifecycle", "stage", "due_at"],
                [(person.id, "contact", "orientation", now) for person in people],
            )
            for person in people:
                if person.consent:
                    consents.grant(connection, person.id, PURPOSE, "said so", now)

    def _happen(self) -> None:
        """What happens at one moment, in one transaction, as a busy hour's signals are stored."""
        now = self.clock.now()
        happened: list[tuple[int, Event]] = []
        while self.events and self.events[0][0] <= now:
            happened.append(self.events.pop(0)[1:])
        with self.app.store.write() as connection:
            signals = [self._put_in(connection, *each, now) for each in happened]
            record_signals(connection, [signal for signal in signals if signal is not None], now)
            journey.wake(connection, {contact for contact, _ in happened}, now)
        for contact, each in happened:
            if each.what == "answered":
                self._answer(contact)

    def _put_in(
        self, connection: sa.Connection, contact: int, happened: Event, now: datetime
    ) -> NewSignal | None:
        """The signal that is left to store, if any."""
        match happened.what:
            case "answered":
                return None
            case "unsubscribed":
                facts = UnsubscribeFacts(contact, PURPOSE, 0, "any", "any")
                key = sha256(b"%d %d" % (contact, len(self.events))).digest()[:16]
                store_group(connection, [(key, Unsubscribed(facts, now, "one-click"))], now)
                return None
            case "agreed":
                consents.grant(connection, contact, PURPOSE, "said so", now)
                return None
            case "suppressed":
                hashed = self.app.signer.address_hash(self.people[contact].email)
                consents.suppress(connection, hashed, "asked", now)
                return None
        classed = SignalClass.PROBABLE if happened.what == "opened" else SignalClass.HUMAN
        return NewSignal(contact, happened.what, happened.at, dict(happened.data), classed)

    def _answer(self, contact: int) -> None:
        for row in self.app.desk.list():
            if row.contact_id == contact and row.answer is None:
                self.app.desk.answer(row.id, "rejected", "not_now", by="sales")
