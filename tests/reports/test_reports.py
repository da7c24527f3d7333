"""Reports over a few people whose story is known: every number by hand, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.core.difference import Difference
from nurture.core.model import DecisionRecord, Result
from nurture.core.proportion import Share
from nurture.errors import NurtureError
from nurture.reports.catalogue import make_report
from nurture.reports.report import Cell
from nurture.store import outcomes, records, schema
from nurture.store.bulk import insert_rows
from nurture.store.engine import Store
from nurture.store.figures import Period
from nurture.store.outcomes import NewOutcome
from tests.store.people import NOW

DAY = timedelta(days=1)
END = NOW + 100 * DAY
PEOPLE: Sequence[tuple[int, str | None, str, str]] = (
    (1, "fair", "customer", "decision"),
    (2, "fair", "accepted", "decision"),
    (3, "fair", "contact", "comparison"),
    (4, "web", "contact", "orientation"),
    (5, "web", "junk", "orientation"),
    (6, None, "recycled", "orientation"),
)
"""Id, source, lifecycle, stage; each known since so many days after `NOW` as their id."""


def since(id_: int) -> datetime:
    return NOW + id_ * DAY


def moved(came_from: str, to: str) -> DecisionRecord:
    return DecisionRecord("stage_changed", "evidence", evidence={"from": came_from, "to": to})


def given_to_sales(rule: str) -> Sequence[DecisionRecord]:
    return DecisionRecord("promoted", "fits", rule=rule), DecisionRecord("handed_over", "to a", rule=rule)


def in_arm(arm: str) -> DecisionRecord:
    return DecisionRecord("split", f"arm {arm}", "spring", step="proof", evidence={"arm": arm})


@pytest.fixture
def store(store: Store) -> Store:
    contact = ("id", "source", "created_at", "updated_at")
    handover = (
        "contact_id",
        "campaign",
        "version_id",
        "team",
        "because",
        "dossier",
        "created_at",
        "answer",
        "reason",
    )
    told = [
        (1, 3, moved("orientation", "comparison")),
        *((1, 8, one) for one in given_to_sales("asks-for-quote")),
        *((2, 12, one) for one in given_to_sales("promote")),
        (3, 23, moved("orientation", "comparison")),
        *((6, 26, one) for one in given_to_sales("promote")),
        *((id_, 2, in_arm("a")) for id_ in (1, 2)),
        *((id_, 2, in_arm("holdout")) for id_ in (3, 4)),
    ]
    with store.write() as connection:
        rows = [(id_, source, since(id_), NOW) for id_, source, _, _ in PEOPLE]
        insert_rows(connection, schema.contact, contact, rows)
        standing = [(id_, lifecycle, stage) for id_, _, lifecycle, stage in PEOPLE]
        insert_rows(connection, schema.journey, ("contact_id", "lifecycle", "stage"), standing)
        for id_, days, record in told:
            records.add_records(connection, [(id_, record)], NOW + days * DAY)
        given = [(1, 8, "accepted", None), (2, 12, "accepted", None), (6, 26, "rejected", "not_now")]
        insert_rows(
            connection,
            schema.handover,
            handover,
            [
                (id_, "spring", 1, "a", "fits", {}, NOW + days * DAY, answer, why)
                for id_, days, answer, why in given
            ],
        )
        won = NewOutcome(1, Result.WON, since(1) + 40 * DAY, "crm", Decimal("1200.50"), "EUR")
        outcomes.record_outcomes(connection, [won], NOW)
        read = {"campaign": "spring", "step": "welcome"}
        later = {"campaign": "spring", "step": "prices"}
        signal = ("contact_id", "kind", "at", "received_at", "data", "classed")
        signals = [(1, "opened", 2, read), (1, "clicked", 7, later), (3, "opened", 22, read)]
        insert_rows(
            connection,
            schema.signal,
            signal,
            [(id_, kind, NOW + days * DAY, NOW, data, "human") for id_, kind, days, data in signals],
        )
        enrolment = (
            "contact_id",
            "campaign",
            "version_id",
            "occurrence",
            "track",
            "since",
            "entered_at",
            "done",
            "state",
        )
        return_to = [
            (id_, "spring", 1, n, "orientation", NOW, NOW, [], "finished") for id_, n in ((1, 1), (1, 2))
        ]
        connection.exec_driver_sql(
            "INSERT INTO campaign_version (id, name, hash, source, file, published_at) "
            "VALUES (1, 'spring', 'x', '', '', '2026-03-01 00:00:00+00')"
        )
        insert_rows(connection, schema.enrolment, enrolment, return_to)
    return store


def rows(store: Store, name: str, by: str = "", period: Period = Period()) -> list[Mapping[str, Cell]]:  # noqa: B008
    with store.read() as connection:
        return make_report(connection, name, by, period, END).by_key()


def counts(row: Mapping[str, Any]) -> list[Any]:
    return [row[name] for name in ("group", "people", "contacts", "sales", "accepted", "won", "lost")]


def test_the_funnel_counts_how_far_people_came(store: Store) -> None:
    assert counts(rows(store, "funnel")[0]) == ["all", 6, 5, 3, 2, 1, 0]


def handed_back(store: Store, id_: int) -> None:
    with store.write() as connection:
        back = sa.update(schema.handover).where(schema.handover.c.contact_id == id_)
        connection.execute(back.values(returned_at=END))
        stands_as(connection, id_, "contact")


def stands_as(connection: sa.Connection, id_: int, lifecycle: str) -> None:
    connection.execute(
        sa.update(schema.journey).where(schema.journey.c.contact_id == id_).values(lifecycle=lifecycle)
    )


def test_who_was_accepted_and_handed_back_is_not_accepted_in_the_funnel(store: Store) -> None:
    handed_back(store, 2)
    (row,) = rows(store, "funnel")
    assert (row["sales"], row["accepted"]) == (3, 1)


def test_who_was_won_without_a_hand_over_was_given_to_sales_and_accepted(store: Store) -> None:
    with store.write() as connection:
        won = NewOutcome(4, Result.WON, since(4) + DAY, "crm")
        outcomes.record_outcomes(connection, [won], NOW)
    (row,) = rows(store, "funnel")
    assert (row["sales"], row["accepted"], row["won"]) == (4, 3, 2)


def test_the_funnel_by_source_keeps_those_without_one(store: Store) -> None:
    found = {row["group"]: counts(row)[1:] for row in rows(store, "funnel", "source")}
    assert found == {"fair": [3, 3, 2, 2, 1, 0], "web": [2, 1, 0, 0, 0, 0], "(no source)": [1, 1, 1, 0, 0, 0]}


def test_who_came_into_a_campaign_twice_is_one_person(store: Store) -> None:
    found = {row["group"]: row["people"] for row in rows(store, "funnel", "campaign")}
    assert found == {"spring": 1, "(in no campaign)": 5}


@pytest.mark.parametrize("report", ["funnel", "wins"])
def test_people_can_be_told_apart_by_what_they_answered(store: Store, report: str) -> None:
    with store.write() as connection:
        for id_, answers in ((1, {"origin": "social"}), (2, {"origin": "social"}), (3, {"origin": "search"})):
            change = sa.update(schema.contact).where(schema.contact.c.id == id_)
            connection.execute(change.values(answers=answers))
    found = {row["group"]: row["people"] for row in rows(store, report, "answers.origin")}
    assert found == {"social": 2, "search": 1, "(no answer)": 3}


def test_a_week_begins_on_its_monday(store: Store) -> None:
    found = {row["group"]: row["people"] for row in rows(store, "funnel", "week")}
    # NOW is a Monday; six days later it is Sunday.
    assert found == {"2026-03-02": 6}


def test_what_was_won_is_told_with_its_currency(store: Store) -> None:
    assert rows(store, "funnel")[0]["value"] == "1,200.50 EUR"


def test_a_period_holds_those_who_became_known_in_it(store: Store) -> None:
    assert rows(store, "funnel", period=Period(since(2), since(4)))[0]["people"] == 2


def test_who_did_something_before_their_record_came_is_known_since_then(store: Store) -> None:
    with store.write() as connection:
        early = [(4, "visited", NOW - 9 * DAY, NOW, {}, "human")]
        insert_rows(
            connection, schema.signal, ("contact_id", "kind", "at", "received_at", "data", "classed"), early
        )
    assert rows(store, "funnel", period=Period(until=NOW))[0]["people"] == 1


def test_time_in_stage_counts_where_people_went(store: Store) -> None:
    found = {row["stage"]: row for row in rows(store, "stages")}
    shown = {
        stage: [row[name] for name in ("stays", "forward", "sales", "back", "left", "still")]
        for stage, row in found.items()
    }
    assert shown == {
        # 1 and 3 to comparison, 6 to sales; 4 is still there.
        "orientation": [4, 3, 1, 0, 0, 1],
        # 1 to sales, 3 is still there.
        "comparison": [2, 1, 1, 0, 0, 1],
        # 2 went to sales from there.
        "decision": [1, 1, 1, 0, 0, 0],
    }


def test_the_median_time_in_stage_counts_those_who_still_wait(store: Store) -> None:
    # Orientation: after 2 days, 20 and 20 days; one waits for 96.
    assert rows(store, "stages")[0]["median"] == 20


def test_who_fell_back_has_not_moved_on_however_long_one_waits(store: Store) -> None:
    with store.write() as connection:
        records.add_records(connection, [(3, moved("comparison", "orientation"))], NOW + 25 * DAY)
    comparison = rows(store, "stages")[1]
    # 1 moved on after five days; 3 fell back after two, and so did not.
    assert (comparison["forward"], comparison["back"], comparison["by_90"]) == (1, 1, 50.0)


@pytest.mark.parametrize("lifecycle", ["lost", "disqualified"])
def test_who_is_lost_straight_from_a_stage_has_left_it_and_not_moved_on(store: Store, lifecycle: str) -> None:
    with store.write() as connection:
        stands_as(connection, 3, lifecycle)
    comparison = rows(store, "stages")[1]
    # 1 moved on after five days; 3 never will.
    told = [comparison[name] for name in ("stays", "forward", "left", "still", "by_90")]
    assert told == [2, 1, 1, 0, 50.0]


def test_who_is_won_straight_from_a_stage_went_to_sales_when_they_were_won(store: Store) -> None:
    with store.write() as connection:
        stands_as(connection, 4, "customer")
        won = NewOutcome(4, Result.WON, since(4) + 30 * DAY, "crm")
        outcomes.record_outcomes(connection, [won], NOW)
    orientation = rows(store, "stages")[0]
    # After 2, 20, 20 and 30 days.
    told = [orientation[name] for name in ("stays", "forward", "sales", "still", "by_90")]
    assert told == [4, 4, 2, 0, 100.0]


def test_a_stage_that_is_told_by_hand_once_more_is_the_same_stay(store: Store) -> None:
    before = rows(store, "stages")
    with store.write() as connection:
        records.add_records(connection, [(3, moved("comparison", "comparison"))], NOW + 25 * DAY)
    assert rows(store, "stages") == before


def test_the_share_that_is_won_in_time_counts_the_lost(store: Store) -> None:
    lost = [NewOutcome(id_, Result.LOST, since(id_) + DAY, "crm") for id_ in (2, 3, 4)]
    with store.write() as connection:
        outcomes.record_outcomes(connection, lost, NOW)
    (row,) = rows(store, "wins")
    # One of six after 40 days, whatever became of the others before.
    assert row["by_90"] == pytest.approx(16.7)


def test_time_to_win_counts_from_when_they_became_known(store: Store) -> None:
    (row,) = rows(store, "wins")
    assert (row["people"], row["won"], row["median"]) == (6, 1, 40)


def test_answers_are_told_by_the_rule_that_promoted(store: Store) -> None:
    found = {row["group"]: (row["accepted"], row["rejected"]) for row in rows(store, "handovers", "rule")}
    assert found == {"asks-for-quote": (1, 0), "promote": (1, 1)}


def test_who_was_accepted_and_handed_back_was_not_taken(store: Store) -> None:
    handed_back(store, 2)
    (row,) = rows(store, "handovers", "team")
    assert (row["accepted"], row["handed_back"], row["rejected"]) == (1, 1, 1)


def test_each_reason_of_a_rejection_has_its_column(store: Store) -> None:
    (row,) = rows(store, "handovers", "team")
    assert row["rejected_not_now"] == 1


def test_a_move_counts_for_the_mail_read_first_and_the_one_read_last(store: Store) -> None:
    found = {row["mail"]: (row["first"], row["last"]) for row in rows(store, "mails")}
    # 1 moved on twice: first after the welcome alone, then after both. 2 and 6 had read nothing.
    assert found == {"welcome": (3, 2), "prices": (0, 1), "(no mail)": (2, 2)}


@pytest.mark.parametrize("first", [2, 3])
def test_the_share_who_read_a_mail_is_of_the_very_people_who_are_counted(store: Store, first: int) -> None:
    mail = {"campaign": "spring", "version_id": 1, "step": "welcome", "occurrence": 1, "template": "welcome"}
    mail |= {"purpose": "marketing", "locale": "nl", "message_id": "<1@firm.example>", "state": "sent"}
    with store.write() as connection:
        # All in one mailing, long after they became known.
        moments = {"created_at": END, "not_before": END, "done_at": END}
        connection.execute(
            sa.insert(schema.outbox), [{**mail, **moments, "contact_id": id_} for id_ in range(1, 7)]
        )
    welcome = rows(store, "mails", period=Period(since=since(first)))[0]
    assert isinstance(welcome["opened"], Share)
    assert (welcome["opened"].hits, welcome["opened"].of) == (1, 7 - first)


def test_a_split_compares_each_arm_with_the_hold_out(store: Store) -> None:
    found = {row["arm"]: row for row in rows(store, "splits")}
    assert isinstance(found["a"]["moved"], Share)
    assert (found["a"]["moved"].hits, found["a"]["moved"].of) == (2, 2)
    assert isinstance(found["a"]["moved_more"], Difference)
    assert found["a"]["moved_more"].value == 0.5
    assert found["holdout"]["moved_more"] is None


def test_an_unknown_report_says_which_there_are(store: Store) -> None:
    with pytest.raises(NurtureError, match="did you mean funnel"):
        rows(store, "funel")


def test_a_report_that_cannot_be_told_apart_so_says_how_it_can(store: Store) -> None:
    with pytest.raises(NurtureError, match="cannot be told apart by 'week'") as raised:
        rows(store, "wins", "week")
    assert raised.value.hint == "write one of: all, source, stage, answers.NAME"
