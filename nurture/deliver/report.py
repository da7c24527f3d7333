"""What became of one batch of mails, for whoever asked for it to be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from nurture.core.model import Delivery, DeliveryState
from nurture.store.outbox import Message, Outcome, State


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that the other side refused for good: what a bounce is made of."""

    outbox_id: int
    contact_id: int
    reply: str


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of one batch. `deferred` will be tried again; `error` says why the transport gave up.

    `lost` are those whose claim ran out, and that others took over, before the other side was ready.
    `problems` are the reasons for mails that could not be written, each once.
    """

    claimed: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    withheld: int = 0
    lost: int = 0
    refused: tuple[Refused, ...] = ()
    problems: tuple[str, ...] = ()
    error: str = ""

    def plus(self, other: SendReport) -> SendReport:
        """Both together."""
        return SendReport(
            self.claimed + other.claimed,
            self.sent + other.sent,
            self.deferred + other.deferred,
            self.failed + other.failed,
            self.unknown + other.unknown,
            self.withheld + other.withheld,
            self.lost + other.lost,
            self.refused + other.refused,
            tuple(dict.fromkeys(self.problems + other.problems)),
            "; ".join(filter(None, (self.error, other.error))),
        )


def made_report(
    messages: Sequence[Message],
    outcomes: Sequence[Outcome],
    deliveries: Mapping[int, Delivery],
    unwritable: Mapping[int, str],
    withheld: Collection[int],
    lost: Collection[int],
    error: str,
) -> SendReport:
    """What became of a batch, from what was said of each message."""
    states = Counter(outcome.state for outcome in outcomes if outcome.id not in lost)
    contact_of = {message.id: message.contact_id for message in messages}
    return SendReport(
        claimed=len(messages),
        sent=states[State.SENT],
        deferred=states[State.READY],
        failed=states[State.FAILED],
        unknown=states[State.UNKNOWN],
        withheld=len(withheld),
        lost=len(lost),
        refused=tuple(
            Refused(delivery.outbox_id, contact_of[delivery.outbox_id], delivery.reply)
            for delivery in deliveries.values()
            if delivery.state is DeliveryState.FAILED
        ),
        problems=tuple(dict.fromkeys(unwritable.values())),
        error=error,
    )
