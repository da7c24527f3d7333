"""What follows from a transport's word on a mail: sent, tried again later, failed, or unknown."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from nurture.core.model import Delivery, DeliveryState
from nurture.store.outbox import MAX_ATTEMPTS, Message, Outcome, State

BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
)
"""How long to wait after the first, second, … attempt; after the last, as long again (RFC 5321, 4.5.4.1)."""

UNREACHABLE_AT_MOST = timedelta(minutes=15)
"""Where it is not the mail's fault, it is looked at again at least so often, and never given up."""

_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def settle(
    message: Message, delivery: Delivery, subject: str, now: datetime, elsewhere: bool = False
) -> Outcome:
    """The new state of `message`. An `at_least_once` one is tried again when its fate is unknown.

    So is one that its transport knows again (`repeat_until`), for as long as it does. `elsewhere`: there is
    another relay, which may have at once what this one has not tried.
    """
    wait = BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]
    state, reply, until = delivery.state, delivery.reply, None
    if message.guarantee == "at_least_once":
        state = DeliveryState.DEFERRED if state is DeliveryState.UNKNOWN else state
    else:
        # Of several attempts nobody knows which one arrived: the first says how long there is.
        until = message.repeat_until or delivery.repeat_until
        if delivery.repeat_until is not None and until is not None and now + wait < until:
            state = DeliveryState.DEFERRED
    if state is DeliveryState.SENT:
        return Outcome(message.id, State.SENT, reply, subject, done_at=now)
    if state is DeliveryState.NOT_TRIED:
        again = now if elsewhere and until is None else now + min(wait, UNREACHABLE_AT_MOST)
        return Outcome(message.id, State.READY, reply, not_before=again, tried=False)
    if state is DeliveryState.DEFERRED and message.attempts < MAX_ATTEMPTS:
        return Outcome(message.id, State.READY, reply, not_before=now + wait, repeat_until=until)
    if state is DeliveryState.UNKNOWN or (state is DeliveryState.DEFERRED and until is not None):
        return Outcome(message.id, State.UNKNOWN, reply, subject, done_at=now)
    return Outcome(message.id, State.FAILED, reply, subject, done_at=now)


def readable(reply: str) -> str:
    """A server's words as they can be stored and shown: controls, and what is no character, are blanks."""
    return _NOT_TEXT.sub(" ", reply).strip()
