"""What sales does not answer is chased: reminded of, escalated, given to the next; each told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from nurture.clock import VirtualClock
from nurture.core.campaign import Campaign
from nurture.core.model import DecisionRecord, Notice, SalesPerson
from nurture.handover.desk import HandoverDesk
from nurture.setting_sales import Lead, Person, Team
from nurture.store import handovers, records, rosters
from nurture.store.engine import Store
from tests.handover.world import TEAM, RecordingChannel, campaign, desk_of, open_all, request
from tests.store.people import NOW, add_contacts

HOUR = timedelta(hours=1)
LIES = Lead(name="Lies", email="lies@example.com")
LED = TEAM.model_copy(update={"lead": LIES})


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


def opened(
    store: Store, clock: VirtualClock, channel: RecordingChannel, team: Team = LED, n: int = 1, **policy: Any
) -> HandoverDesk:
    given = campaign(remind=HOUR, **{"escalate": "lead", **policy})
    desk = desk_of(store, clock, channel, teams={"sales": team}, given=given)
    ids = add_contacts(store, n, lifecycle="prospect")
    open_all(desk, store, [request(id_, campaign=given) for id_ in ids])
    return desk


def told(desk: HandoverDesk, clock: VirtualClock, channel: RecordingChannel, *pauses: timedelta) -> list[str]:
    """What was told to whom, with everything done at each of these moments, and twice over."""
    for pause in (timedelta(), *pauses):
        clock.advance(pause)
        for _ in range(2):
            desk.chase_batch()
            while desk.notify_batch():
                pass
    # Those of one moment go out side by side.
    ordered = sorted(channel.told, key=lambda one: (one.at, one.kind))
    return [f"{one.kind} {one.to.name if one.to else 'nobody'}" for one in ordered]


def newest(channel: RecordingChannel) -> Notice:
    return channel.told[-1]


def decisions(store: Store) -> list[DecisionRecord]:
    with store.read() as connection:
        return [each.record for each in records.told(connection, [1])]


# --- reminders and escalations ------------------------------------------------------------------------


def test_a_reminder_comes_before_the_deadline_once(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel)
    assert told(desk, clock, channel, 2 * HOUR) == ["opened Sanne"]
    assert told(desk, clock, channel, HOUR, HOUR / 2) == ["opened Sanne", "reminder Sanne"]


def test_after_the_deadline_the_lead_hears_of_it_once_and_sanne_keeps_it(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel)
    assert told(desk, clock, channel, 3 * HOUR, HOUR, 48 * HOUR)[1:] == ["reminder Sanne", "escalated Lies"]
    assert (
        newest(channel).why == "Sanne has not answered in time, due Mon 2 Mar 2026, 14:30 (Europe/Amsterdam)."
    )
    assert desk.list()[0].assignee == "Sanne"


def test_who_is_late_altogether_is_escalated_and_not_reminded(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel)
    assert told(desk, clock, channel, 5 * HOUR)[1:] == ["escalated Lies"]


def test_without_an_escalation_a_deadline_passes_in_silence(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, escalate="")
    assert told(desk, clock, channel, 3 * HOUR, 48 * HOUR)[1:] == ["reminder Sanne"]


def test_an_escalation_can_name_anybody(store: Store, clock: VirtualClock, channel: RecordingChannel) -> None:
    desk = opened(store, clock, channel, escalate="boss@example.com")
    told(desk, clock, channel, 5 * HOUR)
    assert newest(channel).to == SalesPerson("boss@example.com", "boss@example.com")


def test_an_escalation_without_a_lead_is_kept_as_a_decision(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, TEAM)
    assert told(desk, clock, channel, 5 * HOUR) == ["opened Sanne"]
    assert decisions(store)[-1].reason.endswith("; there is nobody to tell of it")


def test_an_answer_ends_the_chase(store: Store, clock: VirtualClock, channel: RecordingChannel) -> None:
    desk = opened(store, clock, channel)
    desk.answer(desk.list()[0].id, "accepted")
    assert told(desk, clock, channel, 3 * HOUR, 48 * HOUR) == ["opened Sanne"]


# --- the next member ----------------------------------------------------------------------------------


def test_what_nobody_answers_goes_from_member_to_member_and_then_to_the_lead(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, escalate="next")
    assert told(desk, clock, channel, 4 * HOUR)[1:] == ["passed_on Sanne", "reassigned Daan"]
    assert told(desk, clock, channel, 3 * HOUR, HOUR)[3:] == [
        "reminder Daan",
        "passed_on Daan",
        "reassigned Lies",
    ]
    assert told(desk, clock, channel, 4 * HOUR, 48 * HOUR)[6:] == ["escalated Lies"]


def test_the_next_one_has_a_deadline_of_their_own(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, escalate="next")
    told(desk, clock, channel, 5 * HOUR)
    (row,) = desk.list()
    assert (row.assignee, row.answer_by) == ("Daan", NOW + 9 * HOUR)
    assert row.assigned_because == "Daan: next in turn, no hand-over open"


def test_why_it_was_given_to_somebody_else_is_told(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, escalate="next")
    told(desk, clock, channel, 5 * HOUR)
    late = "Sanne has not answered in time, due Mon 2 Mar 2026, 14:30 (Europe/Amsterdam)"
    assert sorted(one.why for one in channel.told[1:]) == [f"Daan has it now: {late}.", f"{late}."]
    assert decisions(store)[-1].reason == f"{late}; Daan: next in turn, no hand-over open"


def test_it_is_not_given_to_somebody_who_is_away(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, TEAM, escalate="next")
    with store.write() as connection:
        rosters.add_absence(connection, "daan@example.com", date(2026, 3, 1), date(2026, 3, 9))
    assert told(desk, clock, channel, 5 * HOUR) == ["opened Sanne"]
    assert "nobody else to give it to" in decisions(store)[-1].reason


# --- hours of business ----------------------------------------------------------------------------------

MORNINGS = {"days": "mon-fri", "hours": "09:00-11:00", "timezone": "Europe/Amsterdam"}


def test_the_team_s_own_hours_count(store: Store, clock: VirtualClock, channel: RecordingChannel) -> None:
    team = Team(members=TEAM.members, lead=LIES, **MORNINGS)
    desk = opened(store, clock, channel, team, business=True)
    # NOW is 10:30 in Amsterdam: half an hour on Monday, two on Tuesday, and on Wednesday until 10:30.
    assert desk.list()[0].answer_by == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def test_a_reminder_counts_back_in_hours_of_business(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    team = Team(members=TEAM.members, lead=LIES, **MORNINGS)
    desk = opened(store, clock, channel, team, business=True)
    # One hour of business before Wednesday at 10:30.
    clock.set(datetime(2026, 3, 4, 8, 29, tzinfo=UTC))
    assert told(desk, clock, channel) == ["opened Sanne"]
    assert told(desk, clock, channel, timedelta(minutes=1)) == ["opened Sanne", "reminder Sanne"]


def test_the_team_s_holidays_count(store: Store, clock: VirtualClock, channel: RecordingChannel) -> None:
    clock.set(datetime(2026, 4, 26, 22, 30, tzinfo=UTC))  # the night before the King's birthday
    team = Team(members=TEAM.members, holidays="NL", timezone="Europe/Amsterdam")
    given = campaign(business=True)
    desk = desk_of(store, clock, teams={"sales": team}, given=given)
    add_contacts(store)
    (id_,) = open_all(desk, store, [request(campaign=given)], at=clock.now())
    assert desk.row(id_).answer_by == datetime(2026, 4, 28, 11, 0, tzinfo=UTC)


# --- many, and killed -----------------------------------------------------------------------------------


def test_a_killed_worker_leaves_all_of_a_batch_or_nothing(
    store: Store, clock: VirtualClock, channel: RecordingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = opened(store, clock, channel)
    clock.advance(5 * HOUR)

    class Killed(BaseException):
        """Ends a worker in the middle of its work, as SIGKILL does."""

    def die(*_arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(records, "add_records", die)
        with pytest.raises(Killed):
            desk.chase_batch()
    assert told(desk, clock, channel)[1:] == ["escalated Lies"]


def test_a_batch_is_a_handful_of_statements_and_what_is_left_stays_due(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    desk = opened(store, clock, channel, n=12, escalate="next")
    clock.advance(5 * HOUR)
    assert [desk.chase_batch(10) for _ in range(3)] == [10, 2, 0]


def test_what_is_due_is_known_to_whoever_rings(
    store: Store, clock: VirtualClock, channel: RecordingChannel
) -> None:
    opened(store, clock, channel)
    with store.read() as connection:
        assert handovers.next_look(connection) == NOW + 3 * HOUR
        due = [handovers.count_due_looks(connection, NOW + hours * HOUR, 10) for hours in (2, 3)]
    assert due == [0, 1]


def test_a_campaign_may_change_its_mind(store: Store, clock: VirtualClock, channel: RecordingChannel) -> None:
    opened(store, clock, channel)
    silent: Campaign = replace(campaign(), handover=None)
    desk = desk_of(store, clock, channel, teams={"sales": LED}, given=silent)
    assert told(desk, clock, channel, 5 * HOUR) == ["opened Sanne"]
    assert desk.list()[0].next_look is None


def test_hours_of_a_team_are_read_from_its_settings() -> None:
    team = Team(members=(Person(name="Sanne", email="s@example.com"),), **MORNINGS)
    assert (team.days, team.hours) == (frozenset(range(1, 6)), (time(9), time(11)))
