"""Telling sales: at least once, tried again while that can help, and visible when it cannot."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.core.model import Notice, SalesPerson
from nurture.errors import NurtureError
from nurture.handover.desk import HandoverDesk
from nurture.plug.contracts import NoticeOutcome
from nurture.store import erasure, notices, schema
from nurture.store.engine import Store
from tests.handover.world import RecordingChannel, campaign, desk_of, open_all, request
from tests.store.people import NOW, add_contacts, rows_of

AGAIN = NoticeOutcome(False, True, "busy")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


def opened(store: Store, clock: VirtualClock, *channels: object) -> HandoverDesk:
    desk = desk_of(store, clock, *channels)
    add_contacts(store, lifecycle="prospect")
    open_all(desk, store, [request()])
    return desk


class Threaded(RecordingChannel):
    """Keeps in which threads it was called."""

    def notify(self, notice: Notice) -> NoticeOutcome:
        self.threads = {*getattr(self, "threads", ()), threading.get_ident()}
        return super().notify(notice)


def test_what_a_channel_is_told_of_one_hand_over_comes_in_its_order(
    store: Store, clock: VirtualClock
) -> None:
    channel = Threaded()
    desk = opened(store, clock, channel)
    number = desk.list()[0].id
    with store.write() as connection:
        more = [
            notices.NewNotice(number, kind, "email", None) for kind in ("reminder", "escalated", "resumed")
        ]
        notices.add_notices(connection, more, NOW)
    desk.notify_batch()
    assert [one.kind for one in channel.told] == ["opened", "reminder", "escalated", "resumed"]
    # One after the other: never two at once.
    assert len(channel.threads) == 1


def notice(store: Store) -> sa.Row[tuple[object, ...]]:
    (row,) = rows_of(store, schema.notice)
    return row


def test_a_channel_gets_the_dossier_and_whom_to_tell(store: Store, clock: VirtualClock) -> None:
    channel = RecordingChannel()
    assert opened(store, clock, channel).notify_batch() == 1
    (told,) = channel.told
    assert told.dossier is not None
    assert told.dossier.accept_url.startswith("https://nurture.example/h/")
    assert (told.kind, told.team, told.to) == ("opened", "sales", SalesPerson("Sanne", "sanne@example.com"))
    assert (told.webhook, told.secret) == ("http://127.0.0.1:9/crm", "a secret of the team")
    assert told.key == f"handover-{told.handover_id}-opened-email"
    assert (notice(store).state, notice(store).done_at) == ("done", NOW)


def test_what_is_done_is_not_done_again(store: Store, clock: VirtualClock) -> None:
    desk = opened(store, clock, RecordingChannel())
    assert [desk.notify_batch() for _ in range(2)] == [1, 0]


def test_pauses_double_and_end_after_eight_tries(store: Store, clock: VirtualClock) -> None:
    channel = RecordingChannel(outcomes=[AGAIN])
    desk = opened(store, clock, channel)
    pauses = []
    while notice(store).state == "ready":
        before = clock.now()
        clock.set(max(before, notice(store).not_before))
        pauses.append((clock.now() - before) / timedelta(minutes=1))
        assert desk.notify_batch() == 1
    assert pauses == [0, 1, 2, 4, 8, 16, 32, 64]
    assert (notice(store).state, notice(store).reply, len(channel.told)) == ("failed", "busy", 8)


def test_every_try_has_the_same_key(store: Store, clock: VirtualClock) -> None:
    channel = RecordingChannel(outcomes=[AGAIN, NoticeOutcome(True)])
    desk = opened(store, clock, channel)
    desk.notify_batch()
    clock.advance(timedelta(minutes=1))
    desk.notify_batch()
    assert len(channel.told) == 2
    assert len({told.key for told in channel.told}) == 1


def test_what_trying_again_cannot_help_fails_at_once(store: Store, clock: VirtualClock) -> None:
    opened(store, clock, RecordingChannel(outcomes=[NoticeOutcome(False, False, "gone")])).notify_batch()
    assert (notice(store).state, notice(store).reply) == ("failed", "gone")


def test_a_channel_that_is_not_there_fails_by_name(store: Store, clock: VirtualClock) -> None:
    opened(store, clock).notify_batch()
    assert (notice(store).state, notice(store).reply) == (
        "failed",
        "no plugin registered a channel named 'email'",
    )


class Broken:
    name = "email"

    def notify(self, notice: Notice) -> NoticeOutcome:
        raise RuntimeError("no such thing")


def test_a_channel_that_raises_is_tried_again(store: Store, clock: VirtualClock) -> None:
    opened(store, clock, Broken()).notify_batch()
    assert (notice(store).state, notice(store).reply) == ("ready", "RuntimeError: no such thing")


class Killed(BaseException):
    """Ends a worker in the middle of its work, as SIGKILL does."""


class Deadly:
    name = "email"

    def notify(self, notice: Notice) -> NoticeOutcome:
        raise Killed


def test_what_a_killed_worker_had_in_hand_is_told_two_minutes_later(
    store: Store, clock: VirtualClock
) -> None:
    with pytest.raises(Killed):
        opened(store, clock, Deadly()).notify_batch()
    other = desk_of(store, clock, RecordingChannel())
    tried = []
    for pause in (timedelta(minutes=1, seconds=50), timedelta(seconds=11)):
        clock.advance(pause)
        tried.append(other.notify_batch())
    assert tried == [0, 1]


def test_a_batch_is_small_enough_for_its_lease(store: Store, clock: VirtualClock) -> None:
    desk = desk_of(store, clock, RecordingChannel())
    ids = add_contacts(store, 12, lifecycle="prospect")
    open_all(desk, store, [request(id_) for id_ in ids])
    assert [desk.notify_batch(limit=50) for _ in range(2)] == [10, 2]


# --- withdrawn ----------------------------------------------------------------------------------------


def erased(store: Store) -> None:
    with store.write() as connection:
        notices.withdraw(connection, [1], NOW)
        erasure.erase(connection, [1], {}, NOW)


def test_whoever_was_told_of_somebody_erased_is_told_to_erase_them_too(
    store: Store, clock: VirtualClock
) -> None:
    channel = RecordingChannel()
    desk = opened(store, clock, channel)
    desk.notify_batch()
    erased(store)
    assert desk.notify_batch() == 1
    told = channel.told[-1]
    assert (told.kind, told.handover_id, told.team, told.dossier) == ("withdrawn", 1, "sales", None)
    assert told.to == SalesPerson("Sanne", "sanne@example.com")
    assert "Erase what you hold of them" in told.why


def test_everybody_who_ever_had_it_is_told_once_on_each_channel(store: Store, clock: VirtualClock) -> None:
    channel, other = RecordingChannel(), RecordingChannel("webhook")
    given = campaign(notify=("email", "webhook"), remind=timedelta(hours=1), escalate="next")
    desk = desk_of(store, clock, channel, other, given=given)
    add_contacts(store, lifecycle="prospect")
    open_all(desk, store, [request(campaign=given)])
    for hours in (3, 5):
        clock.set(NOW + timedelta(hours=hours))
        desk.chase_batch()
    erased(store)
    desk.notify_batch()
    told = [(one.kind, one.to.name) for each in (channel, other) for one in each.told if one.to]
    assert sorted(told) == [("withdrawn", name) for name in ("Daan", "Daan", "Sanne", "Sanne")]


def test_nothing_of_the_person_is_left_in_what_withdraws_them(store: Store, clock: VirtualClock) -> None:
    opened(store, clock, RecordingChannel())
    erased(store)
    assert rows_of(store, schema.handover) == []
    assert "bakkerij" not in repr(rows_of(store, schema.notice)).lower()
    assert "de vries" not in repr(rows_of(store, schema.notice)).lower()


def test_what_was_not_told_yet_of_somebody_erased_is_never_told(store: Store, clock: VirtualClock) -> None:
    channel = RecordingChannel()
    desk = opened(store, clock, channel)
    erased(store)
    desk.notify_batch()
    assert [one.kind for one in channel.told] == ["withdrawn"]


def test_a_hand_over_whose_person_was_erased_says_so_and_who_was_told(
    store: Store, clock: VirtualClock
) -> None:
    channel = RecordingChannel()
    desk = opened(store, clock, channel)
    erased(store)
    said = "the person of hand-over 1 was erased on 2026-03-02, at their own request; Sanne, by email: "
    with pytest.raises(NurtureError, match=f"{said}to be told"):
        desk.show(1)
    desk.notify_batch()
    with pytest.raises(NurtureError, match=f"{said}told"):
        desk.show(1)
