"""What follows from a transport's word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.core.model import Delivery, DeliveryState
from nurture.deliver.retry import BACK_OFF, UNREACHABLE_AT_MOST, readable, settle
from nurture.store.outbox import MAX_ATTEMPTS, Message, Outcome, State
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


# --- what may have arrived, over a transport that knows a repetition ---------------------------------


def repeated(
    state: DeliveryState,
    attempts: int = 1,
    *,
    since: timedelta | None = None,
    left: timedelta | None = timedelta(hours=23),
    guarantee: str = "at_most_once",
    elsewhere: bool = False,
) -> Outcome:
    """What becomes of a message that may be repeated for `left`, or (`since`) since an earlier attempt."""
    earlier = None if since is None else NOW + since
    message = Message(7, 1, "c", 1, "s", "t", "marketing", "nl", "<1@x>", guarantee, attempts, earlier)
    delivery = Delivery(7, state, "no answer came", None if left is None else NOW + left)
    return settle(message, delivery, "subject", NOW, elsewhere)


def test_what_can_be_repeated_is_tried_again_in_time() -> None:
    outcome = repeated(DeliveryState.UNKNOWN)
    assert (outcome.state, outcome.not_before) == (State.READY, NOW + BACK_OFF[0])
    assert outcome.repeat_until == NOW + timedelta(hours=23)


def test_the_first_attempt_says_how_long_a_message_can_be_repeated() -> None:
    outcome = repeated(DeliveryState.UNKNOWN, 4, since=timedelta(hours=2))
    assert (outcome.state, outcome.repeat_until) == (State.READY, NOW + timedelta(hours=2))


def test_what_would_be_repeated_too_late_is_unknown() -> None:
    assert repeated(DeliveryState.UNKNOWN, 7).state is State.UNKNOWN
    assert repeated(DeliveryState.UNKNOWN, 4, since=timedelta(minutes=30)).state is State.UNKNOWN


def test_what_is_put_off_too_often_and_may_have_arrived_is_unknown_and_not_failed() -> None:
    outcome = repeated(DeliveryState.DEFERRED, MAX_ATTEMPTS, since=timedelta(hours=2), left=None)
    assert outcome.state is State.UNKNOWN


def test_what_may_have_arrived_waits_for_its_relay_though_there_is_another() -> None:
    bound = repeated(DeliveryState.NOT_TRIED, since=timedelta(hours=2), left=None, elsewhere=True)
    assert bound.not_before == NOW + BACK_OFF[0]
    assert repeated(DeliveryState.NOT_TRIED, left=None, elsewhere=True).not_before == NOW


def test_what_may_go_twice_is_bound_to_no_relay() -> None:
    outcome = repeated(DeliveryState.UNKNOWN, guarantee="at_least_once")
    assert (outcome.state, outcome.repeat_until) == (State.READY, None)
