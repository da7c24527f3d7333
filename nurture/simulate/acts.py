"""What people do in a simulation, and how it gets into the store: as the public pages would put it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import SignalClass, SignalKind, Value
from nurture.store import consents, feedback, signals
from nurture.store.consents import ConsentChange
from nurture.store.signals import NewSignal
from nurture.tokens import Signer

_WHY = "simulated"
FOR_GOOD = (SignalKind.BOUNCED, SignalKind.COMPLAINED)
"""What ends all mail to the address; a bounce that is told of in a script or a test is a hard one."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a contact does at a time: the `kind` of the signal that it leaves, and its data."""

    at: datetime
    contact_id: int
    kind: str
    data: Mapping[str, Value] = field(default_factory=dict)


def record_acts(
    connection: sa.Connection, acts: Sequence[Act], purpose: str, now: datetime, signer: Signer
) -> None:
    """Stores acts and wakes who did them, in the order given.

    An unsubscription withdraws the consent for the purpose in its data, else for `purpose`. After a bounce
    or a complaint the address gets no more mail, as `deliver.feedback` has it.
    """
    withdrawals = [_withdrawal(act, purpose) for act in acts if act.kind == SignalKind.UNSUBSCRIBED]
    if withdrawals:
        consents.change(connection, withdrawals)
    dead = {act.contact_id: act.kind for act in acts if act.kind in FOR_GOOD}
    if dead:
        found = feedback.addresses(connection, dead)
        reasons = {signer.address_hash(address): dead[contact_id] for contact_id, address in found.items()}
        consents.suppress_all(connection, reasons, now)
    signals.record_signals(connection, [_signal(act) for act in acts], now)


def _withdrawal(act: Act, purpose: str) -> ConsentChange:
    meant = act.data.get("purpose", purpose)
    return ConsentChange(act.contact_id, str(meant), False, f"one-click, {_WHY}", act.at)


def _signal(act: Act) -> NewSignal:
    # As the public pages class them: a picture that was loaded proves no reader.
    machine = act.kind in FOR_GOOD
    probable = act.kind == SignalKind.OPENED
    classed = SignalClass.MACHINE if machine else SignalClass.PROBABLE if probable else SignalClass.HUMAN
    return NewSignal(act.contact_id, act.kind, act.at, act.data, classed, _WHY)
