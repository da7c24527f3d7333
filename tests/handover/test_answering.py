"""What sales answers, and where it leads: asked for more, handed back, recycled until a day, merged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nurture.clock import VirtualClock
from nurture.core.campaign import RejectRule
from nurture.core.model import DecisionRecord
from nurture.errors import NurtureError
from nurture.handover.desk import HandoverDesk
from nurture.store import records, schema, signals, snapshots
from nurture.store.engine import Store
from nurture.store.signals import NewSignal
from tests.handover.world import RecordingChannel, campaign, desk_of, open_all, request
from tests.store.people import NOW, add_contacts, rows_of

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
def desk(store: Store, clock: VirtualClock, channel: RecordingChannel) -> HandoverDesk:
    return desk_of(store, clock, channel)


def opened(desk: HandoverDesk, store: Store, n: int = 1) -> int:
    add_contacts(store, n, lifecycle="prospect")
    (id_,) = open_all(desk, store, [request(1)])
    return id_


def stands(store: Store) -> tuple[str, datetime | None]:
    row = rows_of(store, schema.journey)[0]
    return row.lifecycle, row.recycle_at


def told(desk: HandoverDesk, channel: RecordingChannel) -> list[tuple[str, str]]:
    while desk.chase_batch() or desk.notify_batch():
        pass
    return [(one.kind, one.why) for one in channel.told]


def decisions(store: Store) -> list[DecisionRecord]:
    with store.read() as connection:
        return [each.record for each in records.told(connection, [1])]


def happens(store: Store, desk: HandoverDesk, at: datetime, kind: str = "submitted", **data: Any) -> None:
    with store.write() as connection:
        signals.record_signals(connection, [NewSignal(1, kind, at, data)], at)
    desk.look_again([1])


def becomes_known(store: Store, desk: HandoverDesk, **answers: Any) -> None:
    with store.write() as connection:
        connection.execute(schema.contact.update().values(answers=answers))
    desk.look_again([1])


def tags(store: Store) -> tuple[str, ...]:
    with store.read() as connection:
        ((person, _),) = snapshots.contacts_of(connection, [1])
    return person.tags


# --- asking for more ------------------------------------------------------------------------------------


def test_who_is_asked_more_of_is_nurtured_meanwhile_and_stays_with_sales(
    desk: HandoverDesk, store: Store
) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "asked", by="Sanne", need="budget")
    assert (stands(store), desk.row(id_).paused) == (("contact", None), True)
    with store.read() as connection:
        assert snapshots.sales_of(connection, [1])[1].open
    assert decisions(store)[-1].reason == (
        f"Sanne asks for more of hand-over {id_}: budget; they are nurtured meanwhile"
    )


def test_a_campaign_can_put_the_question(desk: HandoverDesk, store: Store) -> None:
    desk.answer(opened(desk, store), "asked", need="budget")
    assert tags(store) == ("ask-budget",)


def test_a_question_in_words_is_no_tag(desk: HandoverDesk, store: Store) -> None:
    desk.answer(opened(desk, store), "asked", need="Who decides?")
    assert tags(store) == ()


def test_a_paused_hand_over_is_not_chased(
    desk: HandoverDesk, store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk.answer(opened(desk, store), "asked", need="budget")
    clock.advance(10 * DAY)
    assert [kind for kind, _ in told(desk, channel)] == ["opened"]


def test_once_it_is_known_the_hand_over_comes_back_with_a_new_deadline(
    desk: HandoverDesk, store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "asked", need="budget")
    clock.advance(2 * DAY)
    becomes_known(store, desk, budget="10k+")
    # Both notices are told together, in no order of theirs.
    assert sorted(told(desk, channel))[1:] == [("resumed", "Known now: budget is 10k+.")]
    row = desk.row(id_)
    assert (row.paused, row.answer_by) == (False, NOW + 2 * DAY + timedelta(hours=4))
    assert (stands(store), tags(store)) == (("prospect", None), ())
    assert desk.show(id_).contact.answers == {"budget": "10k+"}


def test_something_else_becoming_known_does_not_bring_it_back(
    desk: HandoverDesk, store: Store, channel: RecordingChannel
) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "asked", need="budget")
    becomes_known(store, desk, role="owner")
    assert ([kind for kind, _ in told(desk, channel)], desk.row(id_).paused) == (["opened"], True)


def test_a_question_in_words_is_over_when_they_say_anything(
    desk: HandoverDesk, store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk.answer(opened(desk, store), "asked", need="Who decides?")
    happens(store, desk, NOW - DAY, form="quote")
    happens(store, desk, NOW + DAY, "opened")
    assert told(desk, channel)[1:] == []
    happens(store, desk, NOW + DAY, form="quote")
    assert told(desk, channel)[1:] == [("resumed", "They submitted the form quote.")]


def test_what_never_becomes_known_comes_back_after_thirty_days(
    desk: HandoverDesk, store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk.answer(opened(desk, store), "asked", need="budget")
    clock.advance(30 * DAY - timedelta(seconds=1))
    assert len(told(desk, channel)) == 1
    clock.advance(timedelta(seconds=1))
    assert told(desk, channel)[1:] == [("resumed", "Nothing came within 30 days.")]


def test_it_can_be_asked_again_and_each_return_is_told(
    desk: HandoverDesk, store: Store, channel: RecordingChannel
) -> None:
    id_ = opened(desk, store)
    for _ in range(2):
        desk.answer(id_, "asked", need="budget")
        becomes_known(store, desk, budget="10k+")
        told(desk, channel)
    assert sorted(kind for kind, _ in told(desk, channel)) == ["opened", "resumed", "resumed"]


def test_sales_can_answer_without_waiting(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "asked", need="budget")
    desk.answer(id_, "accepted")
    assert (stands(store), tags(store)) == (("accepted", None), ())


def test_the_same_question_twice_is_one_and_another_is_refused(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    assert [desk.answer(id_, "asked", need="budget").repeated for _ in range(2)] == [False, True]
    with pytest.raises(NurtureError, match="was paused already, for: budget"):
        desk.answer(id_, "asked", need="role")


# --- handing back ---------------------------------------------------------------------------------------


def test_what_is_handed_back_is_nurtured_again_at_once(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "accepted")
    desk.answer(id_, "handed_back", "unreachable", by="Sanne")
    assert stands(store) == ("recycled", NOW)
    assert decisions(store)[-1].reason == (
        f"Sanne handed back hand-over {id_}: Could not be reached; they are nurtured again"
    )


def test_what_is_handed_back_goes_where_the_campaign_sends_its_reason(
    desk: HandoverDesk, store: Store
) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "accepted")
    desk.answer(id_, "handed_back", "no_fit")
    assert stands(store) == ("disqualified", None)


def test_only_newer_signals_promote_who_was_handed_back(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "accepted")
    desk.answer(id_, "handed_back", "not_now")
    with store.read() as connection:
        assert snapshots.sales_of(connection, [1])[1].rejected_at == NOW


def test_what_was_not_accepted_cannot_be_handed_back(desk: HandoverDesk, store: Store) -> None:
    with pytest.raises(NurtureError, match="was not accepted, so it cannot be handed back"):
        desk.answer(opened(desk, store), "handed_back", "not_now")


def test_handing_back_twice_is_once(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    desk.answer(id_, "accepted")
    assert [desk.answer(id_, "handed_back", "not_now").repeated for _ in range(2)] == [False, True]


# --- where a rejection leads -----------------------------------------------------------------------------


def ruled(store: Store, clock: VirtualClock, **rules: RejectRule) -> HandoverDesk:
    return desk_of(store, clock, given=campaign(when_rejected=rules))


def test_sales_can_name_the_day_on_which_they_come_back(desk: HandoverDesk, store: Store) -> None:
    desk.answer(opened(desk, store), "rejected", "not_now", until=date(2026, 9, 1))
    # Midnight in Amsterdam.
    assert stands(store) == ("recycled", datetime(2026, 8, 31, 22, 0, tzinfo=UTC))


def test_a_campaign_can_name_the_day(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, not_now=RejectRule("recycle", on=date(2026, 9, 1)))
    desk.answer(opened(desk, store), "rejected", "not_now")
    assert stands(store) == ("recycled", datetime(2026, 8, 31, 22, 0, tzinfo=UTC))


def test_a_day_of_the_campaign_that_has_passed_is_now(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, not_now=RejectRule("recycle", on=date(2026, 1, 1)))
    desk.answer(opened(desk, store), "rejected", "not_now")
    assert stands(store) == ("recycled", NOW)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"answer": "rejected", "reason": "not_now", "until": date(2026, 1, 1)}, "2026-01-01 has passed"),
        ({"answer": "rejected", "reason": "no_fit", "until": date(2027, 1, 1)}, "they do not come back"),
        ({"answer": "accepted", "until": date(2027, 1, 1)}, "only who is rejected or handed back"),
        ({"answer": "asked"}, "asking for more needs what to ask for"),
        ({"answer": "asked", "need": "x" * 201}, "may have 200 characters"),
        ({"answer": "accepted", "need": "budget"}, "only a question has a need"),
        ({"answer": "handed_back"}, "handing back needs a reason"),
        ({"answer": "rejected", "reason": "spam", "same_as": "2"}, "only a duplicate is the same"),
        ({"answer": "rejected", "reason": "duplicate", "same_as": "nobody"}, "no other contact 'nobody'"),
        (
            {"answer": "rejected", "reason": "duplicate", "same_as": "An de"},
            "may be any of the contacts 2, 3",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    desk: HandoverDesk, store: Store, given: dict[str, Any], message: str
) -> None:
    id_ = opened(desk, store, 3)
    with pytest.raises(NurtureError, match=message):
        desk.answer(id_, **given)
    assert (stands(store), desk.row(id_).answer, desk.row(id_).paused) == (("prospect", None), None, False)


# --- duplicates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["2", "an2@bakkerij.example"])
def test_a_duplicate_becomes_one_with_the_contact_that_sales_names(
    store: Store, clock: VirtualClock, named: str
) -> None:
    desk = ruled(store, clock, duplicate=RejectRule("merge"))
    id_ = opened(desk, store, 2)
    with store.write() as connection:
        identity = {"contact_id": 2, "kind": "email", "value": "an2@bakkerij.example"}
        connection.execute(schema.identity.insert().values(**identity))
        connection.execute(
            schema.journey.update().where(schema.journey.c.contact_id == 2).values(lifecycle="customer")
        )
    result = desk.answer(id_, "rejected", "duplicate", by="Sanne", same_as=named)
    assert result.merged_into == 2
    assert [(row.contact_id, row.lifecycle) for row in rows_of(store, schema.journey)] == [(2, "customer")]
    assert desk.row(id_).contact_id == 2


def test_a_duplicate_that_is_told_twice_is_one(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, duplicate=RejectRule("merge"))
    id_ = opened(desk, store, 2)
    said = [desk.answer(id_, "rejected", "duplicate", same_as="2").repeated for _ in range(2)]
    assert said == [False, True]


def test_an_answer_that_is_told_again_when_its_day_has_come_is_one(
    desk: HandoverDesk, store: Store, clock: VirtualClock
) -> None:
    id_, until = opened(desk, store), (NOW + 2 * DAY).date()
    desk.answer(id_, "rejected", "not_now", until=until)
    clock.sleep(3 * 86_400)
    assert desk.answer(id_, "rejected", "not_now", until=until).repeated


@pytest.mark.parametrize("day", [date.min, date(1970, 1, 1)])
def test_a_day_long_past_is_refused_in_words(desk: HandoverDesk, store: Store, day: date) -> None:
    with pytest.raises(NurtureError, match="has passed"):
        desk.answer(opened(desk, store), "rejected", "not_now", until=day)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_the_last_day_there_is_can_be_given(store: Store, clock: VirtualClock, zone: str) -> None:
    desk = desk_of(store, clock, given=replace(campaign(), timezone=zone))
    desk.answer(opened(desk, store), "rejected", "not_now", until=date.max)
    lifecycle, comes_back = stands(store)
    assert (lifecycle, comes_back >= NOW + 365 * DAY) == ("recycled", True)


def test_a_duplicate_of_a_contact_is_no_prospect_of_theirs(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, duplicate=RejectRule("merge"))
    id_ = opened(desk, store, 2)
    with store.write() as connection:
        connection.execute(
            schema.journey.update().where(schema.journey.c.contact_id == 2).values(lifecycle="contact")
        )
    desk.answer(id_, "rejected", "duplicate", same_as="2")
    assert [row.lifecycle for row in rows_of(store, schema.journey)] == ["contact"]


def test_a_duplicate_of_nobody_rests(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, duplicate=RejectRule("merge"))
    desk.answer(opened(desk, store), "rejected", "duplicate")
    assert stands(store) == ("recycled", NOW + 90 * DAY)


def test_a_campaign_that_disqualifies_duplicates_merges_nobody(store: Store, clock: VirtualClock) -> None:
    desk = ruled(store, clock, duplicate=RejectRule("disqualify"))
    desk.answer(opened(desk, store, 2), "rejected", "duplicate", same_as="2")
    assert [row.lifecycle for row in rows_of(store, schema.journey)] == ["disqualified", "prospect"]


def test_the_dossier_says_what_was_answered(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    said = []
    for answer, more in (
        ("asked", {"need": "budget"}),
        ("accepted", {}),
        ("handed_back", {"reason": "not_now", "note": "in autumn"}),
    ):
        desk.answer(id_, answer, by="Sanne", **more)
        said.append(desk.show(id_).facts["answered"])
    assert said == ["Asked: budget", "Accepted by Sanne", "Handed back by Sanne: not_now (in autumn)"]


def test_a_dossier_leads_only_to_what_can_be_answered(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)

    def ways() -> list[str]:
        shown = desk.show(id_)
        addresses = (shown.accept_url, shown.reject_url, shown.ask_url, shown.hand_back_url)
        return [url.partition("#")[2] for url in addresses if url]

    found = [ways()]
    for answer, more in (
        ("asked", {"need": "budget"}),
        ("accepted", {}),
        ("handed_back", {"reason": "not_now"}),
    ):
        desk.answer(id_, answer, **more)
        found.append(ways())
    everything = ["accept", "reject", "ask", "hand-back"]
    assert found == [everything, ["accept", "reject", "hand-back"], ["hand-back"], []]


def test_an_old_dossier_still_reads(desk: HandoverDesk, store: Store) -> None:
    id_ = opened(desk, store)
    with store.write() as connection:
        newer = ("ask_url", "hand_back_url", "assigned_because")
        kept = {key: value for key, value in desk.row(id_).dossier.items() if key not in newer}
        connection.execute(schema.handover.update().values(dossier=kept))
    assert desk.show(id_).contact == request().contact
