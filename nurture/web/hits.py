"""What a request can leave behind, and how a group of them is stored in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from nurture.core.model import Signal, SignalClass, SignalKind, Value
from nurture.store import consents, signals
from nurture.store.consents import ConsentChange
from nurture.store.signals import NewSignal
from nurture.tokens import LinkFacts, OpenFacts, UnsubscribeFacts
from nurture.web.classify import classify


@dataclass(frozen=True, slots=True)
class Hit:
    """An open or a click; `headers` are the few that tell a prefetch, by their lower-case names."""

    facts: LinkFacts | OpenFacts
    at: datetime
    method: str
    user_agent: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Somebody wants no more mail; `how` says by which way (one-click, page)."""

    facts: UnsubscribeFacts
    at: datetime
    how: str


Happened: TypeAlias = Hit | Unsubscribed


def store_group(
    connection: sa.Connection, group: Sequence[tuple[bytes, Happened]], now: datetime
) -> tuple[Signal, ...]:
    """Stores what happened, each under its own key, and wakes the contacts.

    The number of statements does not depend on the size of the group.
    """
    consents.change(connection, [_withdrawal(one) for _, one in group if isinstance(one, Unsubscribed)])
    delivered = signals.delivered_at(
        connection, {one.facts.outbox_id for _, one in group if isinstance(one, Hit)}
    )
    new = [
        _unsubscribed(key, one) if isinstance(one, Unsubscribed) else _tracked(key, one, delivered)
        for key, one in group
    ]
    return signals.record_signals(connection, new, now)


def _withdrawal(one: Unsubscribed) -> ConsentChange:
    evidence = f"{one.how}, message {one.facts.outbox_id} ({one.facts.campaign}, {one.facts.step})"
    return ConsentChange(one.facts.contact_id, one.facts.purpose, False, evidence, one.at)


def _unsubscribed(key: bytes, one: Unsubscribed) -> NewSignal:
    data = {**_mail(one.facts), "purpose": one.facts.purpose, "how": one.how}
    return NewSignal(
        one.facts.contact_id, SignalKind.UNSUBSCRIBED, one.at, data, SignalClass.HUMAN, "asked for", key
    )


def _tracked(key: bytes, hit: Hit, delivered: Mapping[int, datetime]) -> NewSignal:
    facts = hit.facts
    is_click = isinstance(facts, LinkFacts)
    sent_at = delivered.get(facts.outbox_id)
    classed, why = classify(
        is_click=is_click,
        method=hit.method,
        user_agent=hit.user_agent,
        headers=hit.headers,
        since_sent=None if sent_at is None else hit.at - sent_at,
    )
    # All that the rules looked at is kept, so that it can be classed anew by better ones.
    data: dict[str, Value] = {**_mail(facts), "method": hit.method, "agent": hit.user_agent, **hit.headers}
    if isinstance(facts, LinkFacts):
        data["url"] = facts.url
    kind = SignalKind.CLICKED if is_click else SignalKind.OPENED
    return NewSignal(facts.contact_id, kind, hit.at, data, classed, why, key)


def _mail(facts: LinkFacts | OpenFacts | UnsubscribeFacts) -> dict[str, Value]:
    return {"campaign": facts.campaign, "step": facts.step, "message": facts.outbox_id}
