"""Hand-overs: turns are taken once, answers are given once, and notices are held by one worker at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from nurture.core.model import Lifecycle
from nurture.store import handovers, notices, schema
from nurture.store.engine import Store
from nurture.store.handovers import HandoverRow
from nurture.store.notices import NewNotice, NoticeResult, NoticeRow
from tests.store.people import NOW, add_contacts, rows_of

LEASE = timedelta(minutes=5)
DOSSIER = {"contact": {"name": "An", "email": None, "phone": None}}


def opened(store: Store, n: int = 1, team: str = "sales") -> list[int]:
    contact_ids = add_contacts(store, n, lifecycle="prospect")
    with store.write() as connection:
        ids = handovers.new_ids(connection, n)
        rows = [
            HandoverRow(id_, contact, "web", 1, team, "Sanne", "s@x.example", "asked", DOSSIER, NOW, None)
            for id_, contact in zip(ids, contact_ids, strict=True)
        ]
        handovers.add_handovers(connection, rows)
        notices.add_notices(connection, [NewNotice(id_, "opened", "email", None) for id_ in ids], NOW)
    return ids


def claim(store: Store, now: datetime = NOW, limit: int = 50) -> tuple[int, list[NoticeRow]]:
    with store.write() as connection:
        return notices.claim_notices(connection, now, limit=limit, lease=LEASE, max_attempts=3)


def finish(store: Store, token: int, *results: NoticeResult) -> None:
    with store.write() as connection:
        notices.finish_notices(connection, token, results)


def test_a_hand_over_comes_back_as_it_was_stored(store: Store) -> None:
    (id_,) = opened(store)
    with store.read() as connection:
        row = handovers.load(connection, [id_])[id_]
    assert (row.contact, row.assignee, row.dossier, row.answer) == ("An", "Sanne", DOSSIER, None)


def test_only_the_first_answer_is_taken(store: Store) -> None:
    (id_,) = opened(store)
    with store.write() as connection:
        answers = [
            handovers.set_answer(connection, id_, answer, reason=None, note=None, by=None, now=NOW)
            for answer in ("accepted", "rejected")
        ]
    assert answers == [True, False]


def test_an_answered_hand_over_is_not_listed_as_open(store: Store) -> None:
    first, second = opened(store, 2)
    with store.write() as connection:
        handovers.set_answer(connection, first, "accepted", reason=None, note=None, by=None, now=NOW)
        open_ones = handovers.listing(connection, open_only=True, team=None)
        every_one = handovers.listing(connection, open_only=False, team=None)
    assert [row.id for row in open_ones] == [second]
    assert [row.id for row in every_one] == [second, first]


def test_another_teams_hand_overs_are_not_listed(store: Store) -> None:
    opened(store)
    with store.read() as connection:
        assert handovers.listing(connection, open_only=True, team="another") == []


def test_moving_a_contact_takes_it_out_of_a_workers_hands(store: Store) -> None:
    opened(store)
    with store.write() as connection:
        connection.execute(schema.journey.update().values(token=7, lease_until=NOW))
        assert handovers.move_contact(connection, 1, Lifecycle.PROSPECT, Lifecycle.ACCEPTED, None)
    (row,) = rows_of(store, schema.journey)
    assert (row.lifecycle, row.token, row.lease_until) == ("accepted", None, None)


def test_who_is_a_customer_already_is_not_moved(store: Store) -> None:
    add_contacts(store, lifecycle="customer")
    with store.write() as connection:
        assert not handovers.move_contact(connection, 1, Lifecycle.PROSPECT, Lifecycle.RECYCLED, NOW)
    (row,) = rows_of(store, schema.journey)
    assert row.lifecycle == "customer"


def test_a_claimed_notice_is_nobody_elses(store: Store) -> None:
    opened(store, 3)
    assert len(claim(store, limit=2)[1]) == 2
    assert len(claim(store)[1]) == 1
    assert claim(store)[1] == []


def test_a_notice_whose_worker_died_is_claimed_again_with_the_same_key(store: Store) -> None:
    opened(store)
    (first,) = claim(store)[1]
    (again,) = claim(store, NOW + LEASE + timedelta(seconds=1))[1]
    assert (again.key, first.attempts, again.attempts) == (first.key, 1, 2)


def test_a_late_worker_does_not_overwrite_the_one_that_took_over(store: Store) -> None:
    (id_,) = opened(store)
    late, (notice,) = claim(store)
    later = NOW + LEASE + timedelta(seconds=1)
    holder, _ = claim(store, later)
    finish(store, late, NoticeResult(notice.id, "failed", later, "too late", None))
    finish(store, holder, NoticeResult(notice.id, "done", later, "in time", later))
    (row,) = rows_of(store, schema.notice)
    assert (row.handover_id, row.state, row.reply, row.done_at, row.token) == (
        id_,
        "done",
        "in time",
        later,
        None,
    )


def test_a_notice_that_kills_its_workers_is_failed_in_the_end(store: Store) -> None:
    opened(store)
    for attempt in range(4):
        claim(store, NOW + attempt * 2 * LEASE)
    (row,) = rows_of(store, schema.notice)
    assert (row.state, row.attempts) == ("failed", 3)


def test_a_notice_waits_for_its_time(store: Store) -> None:
    opened(store)
    token, (notice,) = claim(store)
    later = NOW + timedelta(minutes=1)
    finish(store, token, NoticeResult(notice.id, "ready", later, "busy", None))
    with store.read() as connection:
        assert notices.next_notice(connection) == later
        assert notices.count_due_notices(connection, NOW, 10) == 0
        assert notices.count_due_notices(connection, later, 10) == 1
