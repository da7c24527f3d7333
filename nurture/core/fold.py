"""A decision applied to a snapshot in memory: what the store does with rows, for simulation and tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nurture.core.changes import revised
from nurture.core.model import (
    Decision,
    Enrol,
    Enrolment,
    HandOver,
    Move,
    Revise,
    Send,
    Sent,
    Snapshot,
)


def apply(snapshot: Snapshot, decision: Decision, now: datetime) -> Snapshot:
    """The snapshot as it is after `decision`, taken at `now`.

    Raised when a message would be sent twice, as the outbox's unique key would: ValueError.
    """
    enrolments, sent, open_handover = list(snapshot.enrolments), list(snapshot.sent), snapshot.open_handover
    contact = snapshot.contact
    for effect in decision.effects:
        if isinstance(effect, Enrol):
            last = max((enrolment.id for enrolment in enrolments), default=0)
            enrolments.append(replace(effect.enrolment, id=last + 1))
        elif isinstance(effect, Move):
            enrolments = [_moved(enrolment, effect.enrolment) for enrolment in enrolments]
        elif isinstance(effect, Send):
            sent.append(_sent(sent, effect, now))
        elif isinstance(effect, HandOver):
            open_handover = True
        elif isinstance(effect, Revise):
            contact = revised(contact, effect)
    contact = replace(
        contact,
        lifecycle=decision.lifecycle,
        stage=decision.stage,
        stage_since=decision.stage_since,
        fit=decision.fit,
        engagement=decision.engagement,
    )
    return replace(
        snapshot,
        contact=contact,
        enrolments=tuple(enrolments),
        sent=tuple(sent),
        open_handover=open_handover,
    )


def _moved(before: Enrolment, after: Enrolment) -> Enrolment:
    return after if before.id == after.id else before


def _sent(already: list[Sent], send: Send, now: datetime) -> Sent:
    key = (send.campaign, send.step, send.occurrence, send.lap)
    if any((one.campaign, one.step, one.occurrence, one.lap) == key for one in already):
        raise ValueError(f"{send.step} of {send.campaign} would be sent twice (occurrence {send.occurrence})")
    return Sent(send.campaign, send.step, send.occurrence, now, lap=send.lap)
