"""One firm: its people, how they stand, and what they do together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.colleagues import find_pictures, picture_signal
from nurture.core.engagement import decayed
from nurture.core.model import Signal
from nurture.core.plan import Plan
from nurture.core.settling import settled_of
from nurture.core.words import signal_words
from nurture.errors import NurtureError
from nurture.journey.origins import FieldOrigin, firm_origins
from nurture.journey.plans import PlanBook
from nurture.store import firms, former_accounts
from nurture.store.engine import Store
from nurture.store.former_accounts import Former


@dataclass(frozen=True, slots=True)
class FirmPicture:
    """A rule about several people that the firm meets: what it gives each of them now, and who they were.

    `points` are what is left of `worth`. `people` are names: for those who look at this firm, kept nowhere.
    """

    rule: str
    words: str
    at: datetime
    points: float
    worth: int
    stage: str | None
    buying: bool
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works there."""

    id: int
    name: str | None
    email: str | None
    job_title: str | None
    lifecycle: str
    stage: str
    fit: int
    engagement: float
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Firm:
    """Everything about one account. `origins` tells where its data came from; `merged` are accounts that are
    part of it now."""

    id: int
    name: str | None
    domain: str | None
    origins: Sequence[FieldOrigin]
    people: Sequence[Colleague]
    pictures: Sequence[FirmPicture]
    merged: Sequence[Former] = ()


def show_firm(store: Store, clock: Clock, plans: PlanBook, wanted: str) -> Firm:
    """The firm that `wanted` names: an id, a domain or a name. Raised when none or several: NurtureError."""
    now = clock.now()
    with store.read() as connection:
        row = find_firm(connection, wanted)
        plan = plans.current(connection)
        shared = plan.signal_rules.shared
        did = firms.signals_of_firms(connection, [row.id], shared.kinds) if shared else {}
        return Firm(
            id=row.id,
            name=row.name,
            domain=row.domain,
            origins=firm_origins(connection, row),
            people=[Colleague(*one) for one in firms.people_of(connection, row.id)],
            pictures=told_pictures(connection, did.get(row.id, ()), plan, now),
            merged=former_accounts.merged_into(connection, row.id),
        )


def told_pictures(
    connection: sa.Connection, signals: tuple[Signal, ...], plan: Plan, now: datetime
) -> list[FirmPicture]:
    """What a firm's people do together, with their names."""
    found = find_pictures(settled_of(signals, plan.profile.settle, now), plan.signal_rules)
    names = firms.names_of(connection, [who for one in found for who in one.people]) if found else {}
    return [
        FirmPicture(
            rule=one.rule.id,
            words=signal_words(picture_signal(one)),
            at=one.signal.at,
            points=decayed(one.rule.points, now - one.signal.at, plan.profile.half_life),
            worth=one.rule.points,
            stage=one.rule.stage,
            buying=one.rule.buying,
            people=tuple(names.get(who, f"#{who}") for who in one.people),
        )
        for one in found
    ]


def find_firm(connection: sa.Connection, wanted: str) -> Any:
    """The row of the firm that `wanted` names. Raised when none or several: NurtureError."""
    found = firms.find_firms(connection, wanted)
    if not found:
        raise NurtureError(f"no firm is known as {wanted!r}", hint="give an id, a domain or a name")
    if len(found) > 1:
        several = "\n".join(f"  {row.id}  {row.name or '(no name)'}  {row.domain or ''}" for row in found)
        raise NurtureError(f"{wanted!r} may be any of these:\n{several}", hint="give the id")
    return found[0]
