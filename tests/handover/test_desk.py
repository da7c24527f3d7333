"""The desk: opens in bulk, gives each their turn, and takes one answer with all that follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from nurture.clock import VirtualClock
from nurture.core.campaign import Policy, Window
from nurture.core.model import DecisionRecord, Lifecycle
from nurture.errors import NurtureError
from nurture.handover.desk import HandoverDesk
from nurture.store import journey, records, schema
from nurture.store.engine import Store
from nurture.tokens import ANSWER, AnswerFacts
from tests.handover.world import SIGNER, campaign, desk_of, open_all, request
from tests.store.people import NOW, StatementCounter, add_contacts, rows_of


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def desk(store: Store, clock: VirtualClock) -> HandoverDesk:
    return desk_of(store, clock)


def opened(desk: HandoverDesk, store: Store, n: int = 1) -> list[int]:
    ids = add_contacts(store, n, lifecycle="prospect")
    return open_all(desk, store, [request(id_) for id_ in ids])


def place(store: Store) -> tuple[str, datetime | None]:
    (row,) = rows_of(store, schema.journey)
    return row.lifecycle, row.recycle_at


def decisions(store: Store) -> list[DecisionRecord]:
    with store.read() as connection:
        return [told.record for told in records.told(connection, [1])]


# --- opening ----------------------------------------------------------------------------------------


def test_members_take_turns_over_several_openings(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store, 3, lifecycle="prospect")
    open_all(desk, store, [request(1), request(2)])
    open_all(desk, store, [request(3)])
    assert [row.assignee for row in reversed(desk.list())] == ["Sanne", "Daan", "Sanne"]


def test_the_dossier_says_why_they_have_it(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    assert desk.show(id_).assigned_because == "Sanne: next in turn, no hand-over open"
    assert [record.reason for record in decisions(store)] == [
        f"hand-over {id_} goes to Sanne: next in turn, no hand-over open"
    ]


def test_whoever_is_told_of_decisions_hears_who_got_it(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store, lifecycle="prospect")
    with store.write() as connection:
        ((contact_id, record),) = desk.open(connection, [request()], NOW)
    assert (contact_id, record.what, record.evidence["to"]) == (1, "handover_assigned", "sanne@example.com")


def test_a_step_can_hand_over_in_a_campaign_that_says_nothing_of_it(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store, lifecycle="prospect")
    (id_,) = open_all(desk, store, [request(campaign=replace(campaign(), handover=None))])
    assert desk.row(id_).assignee == "Sanne"


def test_a_team_without_members_gets_its_hand_over_all_the_same(store: Store, clock: VirtualClock) -> None:
    desk = desk_of(store, clock, teams={})
    (id_,) = opened(desk, store)
    assert desk.show(id_).assignee is None


def test_the_dossier_comes_back_as_it_was_built(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    dossier, asked = desk.show(id_), request()
    assert (dossier.contact, dossier.account, dossier.fit, dossier.evidence) == (
        asked.contact,
        asked.account,
        asked.fit,
        asked.effect.evidence,
    )


def test_one_notice_a_channel_of_the_policy(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store)
    open_all(desk, store, [request(campaign=campaign(notify=("email", "webhook")))])
    assert [row.channel for row in rows_of(store, schema.notice)] == ["email", "webhook"]


def test_no_secret_lies_in_the_database(desk: HandoverDesk, store: Store) -> None:
    opened(desk, store)
    sanne = {"name": "Sanne", "email": "sanne@example.com", "why": ""}
    assert [row.target for row in rows_of(store, schema.notice)] == [sanne]
    (row,) = rows_of(store, schema.handover)
    assert (row.dossier["accept_url"], row.dossier["reject_url"]) == ("", "")


def test_the_addresses_lead_to_this_hand_over_and_expire(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    dossier = desk.show(id_)
    address, _, fragment = dossier.accept_url.partition("#")
    start, token = address.rsplit("/", 1)
    facts = SIGNER.read(ANSWER, token, AnswerFacts)
    assert (start, fragment) == ("https://nurture.example/h", "accept")
    assert facts == AnswerFacts(id_, int((NOW + timedelta(days=90)).timestamp()))


def test_a_plain_deadline_is_so_many_hours(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    assert desk.show(id_).answer_by == NOW + timedelta(hours=4)


def test_a_deadline_in_business_hours_skips_the_night(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store)
    office = Policy(Window(days=frozenset({1, 2, 3, 4, 5}), start=time(9), end=time(11)))
    (id_,) = open_all(desk, store, [request(campaign=replace(campaign(business=True), policy=office))])
    # NOW is 10:30 in Amsterdam: half an hour on Monday, two on Tuesday, and on Wednesday until 10:30.
    assert desk.show(id_).answer_by == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def test_opening_300_takes_no_more_statements_than_opening_3(desk: HandoverDesk, store: Store) -> None:
    add_contacts(store, 300, lifecycle="prospect")
    counter = StatementCounter(store)
    counts = []
    # The first one also makes the grounds of its decision records, once for all.
    for n in (1, 3, 300):
        counter.n = 0
        with store.write() as connection:
            desk.open(connection, [request(id_) for id_ in range(1, n + 1)], NOW)
        counts.append(counter.n)
    assert counts[2] <= counts[1] <= 10


# --- answering --------------------------------------------------------------------------------------


def test_an_accepted_prospect_belongs_to_sales(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    result = desk.answer(id_, "accepted", by="Sanne")
    assert (result.lifecycle, place(store)) == (Lifecycle.ACCEPTED, ("accepted", None))


@pytest.mark.parametrize(
    ("reason", "lifecycle", "rests"),
    [
        pytest.param("not_now", "recycled", timedelta(days=30), id="as the campaign says"),
        pytest.param("no_fit", "disqualified", None, id="as the campaign says, too"),
        pytest.param("unreachable", "recycled", timedelta(days=90), id="by default"),
    ],
)
def test_a_rejection_leads_where_its_reason_says(
    desk: HandoverDesk, store: Store, reason: str, lifecycle: str, rests: timedelta | None
) -> None:
    (id_,) = opened(desk, store)
    desk.answer(id_, "rejected", reason)
    assert place(store) == (lifecycle, NOW + rests if rests else None)


def test_an_answer_is_kept_as_a_decision_and_wakes_the_contact(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    desk.answer(id_, "rejected", "not_now", by="Sanne", note="in autumn")
    _, record = decisions(store)
    assert (record.what, record.reason) == (
        "handover_rejected",
        f"Sanne rejected hand-over {id_}: Not now, later perhaps; they are left alone until 1 April 2026",
    )
    said = {"handover": id_, "reason": "not_now", "note": "in autumn", "by": "Sanne", "to": "recycled"}
    assert record.evidence == said
    assert [row.due_at for row in rows_of(store, schema.journey)] == [NOW]


def test_the_same_answer_twice_is_one(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    assert [desk.answer(id_, "accepted").repeated for _ in range(2)] == [False, True]
    assert len(decisions(store)) == 2


def test_another_answer_afterwards_is_refused_and_changes_nothing(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    desk.answer(id_, "accepted", by="Sanne")
    with pytest.raises(NurtureError, match=f"hand-over {id_} was already accepted by Sanne"):
        desk.answer(id_, "rejected", "spam")
    assert place(store) == ("accepted", None)


def test_a_worker_that_decided_without_the_answer_must_let_go(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    with store.write() as connection:
        journey.wake(connection, [1], NOW)
        claim = journey.claim(connection, NOW, limit=1, lease=timedelta(seconds=20))
    desk.answer(id_, "accepted")
    with store.write() as connection:
        assert journey.still_held(connection, claim.token, [1]) == frozenset()


def test_an_answer_about_a_customer_moves_nobody(desk: HandoverDesk, store: Store) -> None:
    (id_,) = opened(desk, store)
    with store.write() as connection:
        connection.execute(schema.journey.update().values(lifecycle="customer"))
    result = desk.answer(id_, "rejected", "duplicate")
    assert (result.lifecycle, place(store)) == (None, ("customer", None))


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        ("maybe", None, "'maybe' is no answer"),
        ("rejected", None, "a rejection needs a reason"),
        ("rejected", "dunno", "'dunno' is no reason"),
        ("accepted", "spam", "an accepted hand-over has no reason"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(
    desk: HandoverDesk, store: Store, answer: str, reason: str | None, message: str
) -> None:
    (id_,) = opened(desk, store)
    with pytest.raises(NurtureError, match=message):
        desk.answer(id_, answer, reason)
    assert desk.row(id_).answer is None


def test_a_hand_over_that_is_not_there_is_named(desk: HandoverDesk) -> None:
    with pytest.raises(NurtureError, match="there is no hand-over 99"):
        desk.show(99)


def test_observers_hear_of_an_answer(store: Store, clock: VirtualClock) -> None:
    heard: list[tuple[int, str]] = []
    desk = desk_of(
        store,
        clock,
        observe=lambda ids, records: heard.extend((id_, r.what) for id_, r in zip(ids, records, strict=True)),
    )
    (id_,) = opened(desk, store)
    desk.answer(id_, "accepted")
    assert heard == [(1, "handover_accepted")]
