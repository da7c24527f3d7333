"""What follows from a transport's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.core.model import Delivery, DeliveryState
from nurture.deliver.retry import BACK_OFF, UNREACHABLE_AT_MOST, readable, settle
from nurture.store.outbox import MAX_ATTEMPTS, Message, State
from tests.deliver.people import NOW


def settled(
    state: DeliveryState, attempts: int = 1, guarantee: str = "at_most_once"
) -> tuple[State, timedelta | None]:
    message = Message(7, 1, "c", 1, "s", "t", "marketing", "nl", "<1@x>", guarantee, attempts)
    outcome = settle(message, Delivery(7, state, "reply"), "subject", NOW)
    return outcome.state, outcome.not_before - NOW if outcome.not_before else None


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (DeliveryState.SENT, State.SENT),
        (DeliveryState.FAILED, State.FAILED),
        (DeliveryState.UNKNOWN, State.UNKNOWN),
    ],
)
def test_what_is_certain_ends_the_message(state: DeliveryState, after: State) -> None:
    assert settled(state) == (after, None)


def test_a_deferred_message_waits_longer_each_time() -> None:
    waits = [settled(DeliveryState.DEFERRED, attempts)[1] for attempts in range(1, MAX_ATTEMPTS)]
    assert waits == list(BACK_OFF)


def test_a_message_is_deferred_only_so_often() -> None:
    assert settled(DeliveryState.DEFERRED, MAX_ATTEMPTS) == (State.FAILED, None)


def test_what_was_not_tried_is_never_given_up_and_soon_tried() -> None:
    assert settled(DeliveryState.NOT_TRIED, 100) == (State.READY, UNREACHABLE_AT_MOST)


def test_an_unknown_message_is_tried_again_only_where_it_may_go_twice() -> None:
    assert settled(DeliveryState.UNKNOWN, 1, "at_least_once") == (State.READY, BACK_OFF[0])


@pytest.mark.parametrize(
    ("reply", "stored"),
    [
        ("250 queued\0", "250 queued"),
        ("550 no\r\n such\x1b[31m user", "550 no  such [31m user"),
        ("250 \udcff?", "250  ?"),
        ("250 één 日本", "250 één 日本"),
    ],
)
def test_a_reply_is_stored_without_what_cannot_be_shown(reply: str, stored: str) -> None:
    assert readable(reply) == stored
