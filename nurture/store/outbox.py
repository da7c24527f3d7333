"""The outbox: every message that was decided on, from `ready` to its end, so that each is sent once.

The states and who moves them: `add` → ready; `claim` → claimed (with a lease and a fencing token);
`begin_transmitting` → transmitting or withheld; `finish` → sent, failed, unknown, or ready again; `sweep`
takes over from workers that died; `resolve` is the operator's word on what nobody else can know.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from nurture.core.channels import TEXT_ENDING, Channel
from nurture.core.consent import CONFIRMATION_VERSION, TRACKING
from nurture.core.model import Account, Contact, Lifecycle, Send, Stage
from nurture.store import schema
from nurture.store.bulk import among, bind_processor
from nurture.store.former import now_known_as
from nurture.store.types import encode_json
from nurture.tokens import Signer

MAX_ATTEMPTS = 8
"""After so many attempts a message that is still refused, or still kills its worker, has failed."""

outbox = schema.outbox


class State(StrEnum):
    """Where a message is; see `schema.outbox`."""

    READY = "ready"
    CLAIMED = "claimed"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"


class Message(NamedTuple):
    """A claimed row: what is needed to write and send it."""

    id: int
    contact_id: int
    campaign: str
    version_id: int
    step: str
    template: str
    purpose: str
    locale: str
    message_id: str
    guarantee: str
    attempts: int
    repeat_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as far as a template may know; `tracking` is their word on being tracked."""

    contact: Contact
    account: Account | None
    tracking: bool | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: `not_before` when it is ready again, `done_at` when it has ended.

    One that was not `tried`, since the other side was not to be had, does not count as an attempt. `relay` is
    the one that it was given to. With `repeat_until` it may have arrived: only that relay may have it again,
    until then.
    """

    id: int
    state: State
    reply: str = ""
    subject: str | None = None
    not_before: datetime | None = None
    done_at: datetime | None = None
    tried: bool = True
    relay: str | None = None
    repeat_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """Which messages may go, and which must not; who asked does not hold the others any more."""

    allowed: frozenset[int]
    withheld: frozenset[int]


@dataclass(frozen=True, slots=True)
class Swept:
    """How many messages of dead workers went where."""

    ready: int = 0
    unknown: int = 0
    failed: int = 0


# --- adding -----------------------------------------------------------------------------------------

_ADDED = (
    "contact_id",
    "campaign",
    "version_id",
    "step",
    "occurrence",
    "lap",
    "template",
    "purpose",
    "locale",
)


def message_id(signer: Signer, contact_id: int, send: Send, domain: str) -> str:
    """The Message-ID of a message for ever: the same key gives the same one, and nobody else can make it."""
    lap = (send.lap,) if send.lap else ()
    key = (contact_id, send.campaign, send.step, send.occurrence, *lap)
    return f"<{signer.fingerprint('message-id', key).hex()}@{domain}>"


def add(
    connection: sa.Connection, sends: Iterable[tuple[int, Send]], signer: Signer, domain: str, now: datetime
) -> int:
    """Adds a row for each (contact id, Send effect); one that was there already stays as it is.

    `domain` stands behind the @ of the Message-ID: that of the sender's address. Returns how many are new.
    """
    rows = [
        {name: getattr(send, name) for name in _ADDED[1:]}
        | {"contact_id": contact_id, "message_id": message_id(signer, contact_id, send, domain)}
        for contact_id, send in sends
    ]
    if not rows:
        return 0
    names = (*_ADDED, "message_id")
    given = _given(connection, names, rows)
    fixed = {"state": State.READY.value, "created_at": now, "not_before": now}
    values = [sa.literal(value, outbox.c[name].type) for name, value in fixed.items()]
    # The rows come as one JSON parameter: one statement, compiled once, however many they are. The WHERE is
    # for SQLite, whose parser would take ON CONFLICT for a join's ON.
    source = sa.select(*(given.c[name] for name in names), *values).where(given.c.contact_id.is_not(None))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(outbox).from_select([*names, *fixed], source).on_conflict_do_nothing()
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


# --- sending ----------------------------------------------------------------------------------------


def claim(
    connection: sa.Connection,
    now: datetime,
    limit: int,
    lease: timedelta,
    channel: Channel | None = None,
    relay: str | None = None,
) -> tuple[int, list[Message]]:
    """Takes up to `limit` due messages for `lease`, of one `channel` or of all.

    One that may have arrived already is only for the `relay` that had it, as long as that knows a repetition.
    Returns the fencing token and them, oldest first.
    """
    token = secrets.randbits(62)
    # SKIP LOCKED lets workers pass each other. A CTE that locks is never folded into the update, so that it
    # runs once and its LIMIT holds; SQLite has the write lock instead.
    due = (
        sa.select(outbox.c.id)
        .where(outbox.c.state == State.READY.value, outbox.c.not_before <= now)
        .where(_goes_by(channel), _may_go_by(relay, now))
        .order_by(outbox.c.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        sa.update(outbox)
        .where(outbox.c.id.in_(sa.select(due.c.id)))
        .values(
            state=State.CLAIMED.value,
            token=token,
            lease_until=now + lease,
            attempts=outbox.c.attempts + 1,
        )
        .returning(*(outbox.c[name] for name in Message._fields))
    )
    return token, sorted(Message(*row) for row in connection.execute(statement))


def _goes_by(channel: Channel | None) -> sa.ColumnElement[bool]:
    is_text = outbox.c.template.endswith(TEXT_ENDING, autoescape=True)
    if channel is None:
        return sa.true()
    return is_text if channel is Channel.SMS else sa.not_(is_text)


def _may_go_by(relay: str | None, now: datetime) -> sa.ColumnElement[bool]:
    """Not bound to any relay, or to this one."""
    free = outbox.c.repeat_until.is_(None)
    return free if relay is None else free | sa.and_(outbox.c.relay == relay, outbox.c.repeat_until > now)


def recipients(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, Recipient]:
    """The people behind `contact_ids`, with stage, company and consent to tracking, in one query."""
    found = _recipients(connection, contact_ids)
    gone = set(contact_ids) - found.keys()
    # Who was merged since the claim loses the mail before it goes; until then it must have a reader.
    since = now_known_as(connection, gone)
    if since:
        found |= _recipients(connection, since.values())
    return found | {former: found[contact_id] for former, contact_id in since.items() if contact_id in found}


def _recipients(connection: sa.Connection, contact_ids: Collection[int]) -> dict[int, Recipient]:
    contact, journey, account, consent = schema.contact, schema.journey, schema.account, schema.consent
    of_tracking = sa.and_(consent.c.contact_id == contact.c.id, consent.c.purpose == TRACKING)
    statement = (
        sa.select(
            *(contact.c[name] for name in _CONTACT),
            journey.c.lifecycle,
            journey.c.stage,
            *(account.c[name].label(f"account_{name}") for name in _ACCOUNT),
            consent.c.granted,
        )
        .outerjoin_from(contact, journey, journey.c.contact_id == contact.c.id)
        .outerjoin(account, account.c.id == contact.c.account_id)
        .outerjoin(consent, of_tracking)
        .where(among(connection, contact.c.id, sorted(set(contact_ids))))
    )
    return {row[0]: _recipient(tuple(row)) for row in connection.execute(statement)}


_CONTACT = (
    "id", "created_at", "email", "phone", "name", "first_name", "last_name", "company", "job_title", "city",
    "country", "locale", "timezone", "source", "interests", "answers", "tags",
)  # fmt: skip
_ACCOUNT = ("id", "name", "domain", "country", "region", "sector", "employees", "facts")


def _recipient(row: Sequence[Any]) -> Recipient:
    values = dict(zip(_CONTACT, row, strict=False))
    values["interests"] = tuple(values["interests"] or ())
    values["answers"] = values["answers"] or {}
    values["tags"] = tuple(values["tags"] or ())
    lifecycle, stage = row[len(_CONTACT)], row[len(_CONTACT) + 1]
    contact = Contact(
        **values,
        lifecycle=Lifecycle(lifecycle) if lifecycle else Lifecycle.LEAD,
        stage=Stage(stage) if stage else Stage.ORIENTATION,
    )
    company, tracking = dict(zip(_ACCOUNT, row[len(_CONTACT) + 2 : -1], strict=True)), row[-1]
    if company["id"] is None:
        return Recipient(contact, None, tracking)
    company["facts"] = company["facts"] or {}
    return Recipient(contact, Account(**company), tracking)


NO_MORE_MAIL = (Lifecycle.DISQUALIFIED.value, Lifecycle.JUNK.value, Lifecycle.LOST.value)
"""Who is in one of these gets no mail, whatever was decided before."""
WITH_SALES = ("prospect", "accepted", "customer", "recycled")
"""Who is in one of these gets no mail that was decided on before sales had them."""


def begin_transmitting(
    connection: sa.Connection, token: int, hashes: Mapping[int, bytes], now: datetime, lease: timedelta
) -> Marked:
    """The compare-and-set before a body goes out: claimed → transmitting for those that may go.

    `hashes` is outbox id → keyed hash of the address. Only rows that `token` still holds are touched, for a
    new lease: the old one may have run out, as long as nobody has taken the row over, since whoever does
    changes its state and token. Those that consent, suppression, campaign or lifecycle forbid become
    `withheld`, with the reason. The caller commits before a byte of a body is written.

    Whoever takes a consent back updates its row, and whoever suppresses an address does so in a transaction
    that updates the person's consents too: that is what makes the order of the two certain.
    """
    ids = sorted(hashes)
    _lock_consents(connection, ids)
    suppressed = _suppressed(connection, hashes)
    consent, campaign, journey = schema.consent, schema.campaign, schema.journey
    # A mail that was decided on together with the hand-over belongs to it, and goes.
    handed_over = sa.exists().where(
        schema.handover.c.contact_id == outbox.c.contact_id,
        schema.handover.c.created_at > outbox.c.created_at,
    )
    # A mail that asks for a consent needs none, but something that is left to confirm.
    asks = outbox.c.version_id == CONFIRMATION_VERSION
    verdict = (
        sa.select(
            outbox.c.id,
            sa.case(
                (among(connection, outbox.c.id, suppressed), "the address is on the suppression list"),
                (sa.and_(asks, ~_is_left_to_confirm(now)), "there is nothing left to confirm"),
                (
                    sa.and_(~asks, consent.c.granted.is_not(sa.true())),
                    "there is no consent for " + outbox.c.purpose,
                ),
                (sa.and_(~asks, campaign.c.live.is_not(sa.true())), "the campaign is not live"),
                (journey.c.lifecycle.in_(NO_MORE_MAIL), "the contact is " + journey.c.lifecycle),
                # Sold by whom the engine knows nothing of: no hand-over tells, and nothing is decided since.
                (sa.and_(~asks, journey.c.lifecycle == Lifecycle.CUSTOMER), "the contact is a customer"),
                (
                    sa.and_(~asks, journey.c.lifecycle.in_(WITH_SALES), handed_over),
                    "the contact had gone to sales",
                ),
            ).label("reason"),
        )
        .outerjoin_from(
            outbox,
            consent,
            sa.and_(consent.c.contact_id == outbox.c.contact_id, consent.c.purpose == outbox.c.purpose),
        )
        .outerjoin(campaign, campaign.c.name == outbox.c.campaign)
        .outerjoin(journey, journey.c.contact_id == outbox.c.contact_id)
        .where(among(connection, outbox.c.id, ids))
        .subquery("verdict")
    )
    allowed = verdict.c.reason.is_(None)
    # Judged and marked in one statement, so that no other transaction fits between the two.
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.id == verdict.c.id,
            outbox.c.state == State.CLAIMED.value,
            outbox.c.token == token,
        )
        .values(
            state=sa.case((allowed, State.TRANSMITTING.value), else_=State.WITHHELD.value),
            reply=verdict.c.reason,
            lease_until=sa.case((allowed, sa.literal(now + lease, outbox.c.lease_until.type))),
            done_at=sa.case((allowed, None), else_=sa.literal(now, outbox.c.done_at.type)),
        )
        .returning(outbox.c.id, outbox.c.state)
    )
    touched = {row.id: row.state for row in connection.execute(statement)}
    allowed_ids = frozenset(each for each, state in touched.items() if state == State.TRANSMITTING)
    return Marked(allowed_ids, frozenset(touched) - allowed_ids)


def _is_left_to_confirm(now: datetime) -> sa.ColumnElement[bool]:
    opt_in = schema.opt_in
    return sa.exists().where(
        opt_in.c.id == outbox.c.occurrence,
        opt_in.c.confirmed_at.is_(None),
        opt_in.c.expires_at > sa.literal(now, opt_in.c.expires_at.type),
    )


def _lock_consents(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Waits for unsubscribes under way, and holds later ones up until the mark is committed.

    Without it a statement of PostgreSQL judges by the picture at its start, and a consent taken back
    meanwhile could be committed before the mark. On SQLite there is only one writer.
    """
    if connection.dialect.name != "postgresql":
        return
    consent = schema.consent
    connection.execute(
        sa.select(consent.c.contact_id)
        .join(
            outbox,
            sa.and_(consent.c.contact_id == outbox.c.contact_id, consent.c.purpose == outbox.c.purpose),
        )
        .where(among(connection, outbox.c.id, ids))
        .order_by(consent.c.contact_id)
        .with_for_update(read=True, of=consent)
    )


def _suppressed(connection: sa.Connection, hashes: Mapping[int, bytes]) -> list[int]:
    suppression = schema.suppression
    # Asked by hash (its key), after the locks: the list may be long, the batch is short.
    found = set(
        connection.scalars(
            sa.select(suppression.c.address_hash).where(
                suppression.c.address_hash.in_(sorted(set(hashes.values())))
            )
        )
    )
    return [outbox_id for outbox_id, hashed in hashes.items() if hashed in found]


def finish(connection: sa.Connection, token: int, outcomes: Sequence[Outcome]) -> int:
    """Writes what became of the messages that `token` still holds; returns how many those were.

    A row that the sweeper called unknown or failed meanwhile is written too: its sender knows better.
    Withheld rows, and rows that somebody else has taken or resolved, stay as they are. To write the same
    outcomes again changes nothing but attempts that did not count.
    """
    if not outcomes:
        return 0
    fields = ("id", "state", "reply", "subject", "not_before", "done_at", "relay", "repeat_until")
    rows = [{name: getattr(outcome, name) for name in fields} for outcome in outcomes]
    given = _given(connection, fields, rows)
    held = (State.CLAIMED.value, State.TRANSMITTING.value, State.UNKNOWN.value, State.FAILED.value)
    _uncount(connection, [outcome.id for outcome in outcomes if not outcome.tried])
    # One statement with all outcomes as one parameter; executemany would be one round a row on PostgreSQL.
    statement = (
        sa.update(outbox)
        .where(outbox.c.id == given.c.id, outbox.c.token == token, outbox.c.state.in_(held))
        .values(
            state=given.c.state,
            reply=given.c.reply,
            subject=sa.func.coalesce(given.c.subject, outbox.c.subject),
            not_before=sa.func.coalesce(given.c.not_before, outbox.c.not_before),
            done_at=given.c.done_at,
            relay=sa.func.coalesce(given.c.relay, outbox.c.relay),
            # The first time counts: of several attempts nobody knows which one arrived.
            repeat_until=sa.func.coalesce(outbox.c.repeat_until, given.c.repeat_until),
            lease_until=None,
        )
    )
    return connection.execute(statement).rowcount


def _uncount(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Takes back the attempt that `claim` counted."""
    if not ids:
        return
    # Whoever holds the row now: its claim ran out while the worker waited for a server that was not to be
    # had, and a message must not be given up for that. Hence a statement apart from the one with the token.
    connection.execute(
        sa.update(outbox)
        .where(among(connection, outbox.c.id, sorted(ids)), outbox.c.attempts > 0)
        .values(attempts=outbox.c.attempts - 1)
    )


def sweep(connection: sa.Connection, now: datetime) -> Swept:
    """Takes over what dead workers held: claimed → ready, transmitting → unknown (never silently resent).

    An `at_least_once` message is ready again; one that has been claimed `MAX_ATTEMPTS` times in vain has
    failed, since it may be what kills its worker. Its token stays, for a worker that was only slow.
    """
    claimed = outbox.c.state == State.CLAIMED.value
    worn_out = sa.and_(claimed, outbox.c.attempts >= MAX_ATTEMPTS)
    again = sa.or_(claimed, outbox.c.guarantee == "at_least_once")
    # One pass over the index of leases; a row that is ready again is nobody's.
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.state.in_([State.CLAIMED.value, State.TRANSMITTING.value]),
            outbox.c.lease_until <= now,
        )
        .values(
            state=sa.case(
                (worn_out, State.FAILED.value), (again, State.READY.value), else_=State.UNKNOWN.value
            ),
            token=sa.case((worn_out, outbox.c.token), (again, None), else_=outbox.c.token),
            reply=sa.case(
                (worn_out, "its worker stopped at the last of its attempts"),
                (again, None),
                else_="its worker stopped before the answer came: it may or may not have arrived",
            ),
            done_at=sa.case((worn_out, sa.literal(now, outbox.c.done_at.type))),
            lease_until=None,
        )
        .returning(outbox.c.state)
    )
    states = list(connection.scalars(statement))
    return Swept(
        ready=states.count(State.READY),
        unknown=states.count(State.UNKNOWN) + _too_late_to_repeat(connection, now),
        failed=states.count(State.FAILED),
    )


def _too_late_to_repeat(connection: sa.Connection, now: datetime) -> int:
    """Those that may have arrived, and that nobody would know any more if they came again: unknown."""
    statement = (
        sa.update(outbox)
        .where(outbox.c.repeat_until <= now, outbox.c.state == State.READY.value)
        .values(state=State.UNKNOWN.value, done_at=now)
    )
    return connection.execute(statement).rowcount


# --- rows as one parameter --------------------------------------------------------------------------


def _given(
    connection: sa.Connection, names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> sa.FromClause:
    """`rows` as a table with the columns `names` of the outbox, passed as one JSON text."""
    dialect = connection.dialect
    times = {
        name: process for name in names if (process := bind_processor(outbox.c[name], dialect)) is not None
    }
    text = encode_json(
        [
            {
                name: times[name](row[name]) if name in times and row[name] is not None else row[name]
                for name in names
            }
            for row in rows
        ]
    )
    if dialect.name == "postgresql":
        columns = [sa.column(name, outbox.c[name].type) for name in names]
        function = sa.func.jsonb_to_recordset(sa.cast(sa.literal(text, sa.Text), postgresql.JSONB))
        return function.table_valued(*columns, name="given").render_derived(with_types=True)
    each = sa.func.json_each(sa.literal(text, sa.Text)).table_valued("value", name="each")
    return sa.select(
        *(sa.func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)
    ).subquery("given")
