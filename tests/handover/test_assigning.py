"""The desk gives out by what the database knows: whose an account is, who is away, who has how many open."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from nurture.clock import VirtualClock
from nurture.handover.desk import HandoverDesk
from nurture.handover.team_book import TeamBook
from nurture.setting_sales import Lead, Person, Team
from nurture.store import rosters, schema
from nurture.store.engine import Store
from nurture.store.merging_accounts import merge_one_account
from nurture.store.merging_rounds import Merging
from tests.handover.world import TEAM, campaign, desk_of, open_all, request
from tests.store.people import NOW, add_contacts


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


def desk_for(store: Store, clock: VirtualClock, *members: Person, **team: Any) -> HandoverDesk:
    return desk_of(store, clock, teams={"sales": Team(members=members, **team)})


def person(name: str, **more: Any) -> Person:
    return Person(name=name, email=f"{name.lower()}@example.com", **more)


def given(desk: HandoverDesk, store: Store, *asked: Any) -> list[str]:
    """To whom each of these goes, each in a batch of its own."""
    for one in asked:
        open_all(desk, store, [one])
    return [row.assignee for row in reversed(desk.list(open_only=False))]


def by(*ways: str) -> Any:
    return campaign(assign=ways)


def test_weights_hold_over_batches(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 8, lifecycle="prospect")
    desk = desk_for(store, clock, person("Sanne", weight=3), person("Daan"))
    assert Counter(given(desk, store, *map(request, range(1, 9)))) == {"Sanne": 6, "Daan": 2}


def test_the_country_and_the_language_of_the_contact_decide(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 2, lifecycle="prospect")
    desk = desk_for(
        store, clock, person("Sanne", countries=["NL"]), person("Fien", countries=["BE"], languages=["nl"])
    )
    asked = request(campaign=by("territory", "language"))
    belgian = replace(asked, contact=replace(asked.contact, country="BE"))
    assert given(desk, store, belgian) == ["Fien"]
    assert desk.list()[0].assigned_because == "Fien: serves BE, speaks nl, next in turn, no hand-over open"


def test_the_account_s_country_and_region_count_where_the_contact_has_none(
    store: Store, clock: VirtualClock
) -> None:
    add_contacts(store, 2, lifecycle="prospect")
    desk = desk_for(store, clock, person("Sanne", countries=["NL"]), person("Bo", regions=["Antwerpen"]))
    asked = request(campaign=by("territory"))
    antwerp = replace(asked, account=replace(asked.account, country="BE", region="antwerpen"))
    assert given(desk, store, antwerp) == ["Bo"]


def test_who_was_given_somebody_before_gets_them_again(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 2, lifecycle="prospect")
    desk = desk_of(store, clock)
    again = replace(request(1, campaign=by("owner")), account=None)
    assert given(desk, store, request(1), request(2), again) == ["Sanne", "Daan", "Sanne"]


def test_colleagues_go_to_whoever_has_the_account(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 3, lifecycle="prospect")
    with store.write() as connection:
        account = {"id": 3, "name": "Bakkerij De Vries", "created_at": NOW, "updated_at": NOW}
        connection.execute(schema.account.insert().values(**account))
        connection.execute(schema.contact.update().where(schema.contact.c.id != 2).values(account_id=3))
    desk = desk_of(store, clock)
    other = replace(request(2), account=None)
    colleague = request(3, campaign=by("owner"))
    assert given(desk, store, request(1), other, colleague) == ["Sanne", "Daan", "Sanne"]
    assert desk.list()[0].assigned_because == "Sanne: had others of Bakkerij De Vries before"


def test_colleagues_of_an_account_that_was_merged_go_to_whoever_had_it(
    store: Store, clock: VirtualClock
) -> None:
    add_contacts(store, 3, lifecycle="prospect")
    with store.write() as connection:
        for id_ in (3, 4):
            account = {"id": id_, "name": f"Bakkerij {id_}", "created_at": NOW, "updated_at": NOW}
            connection.execute(schema.account.insert().values(**account))
            whose = schema.contact.c.id == id_ - 2
            connection.execute(schema.contact.update().where(whose).values(account_id=id_))
    desk = desk_of(store, clock)
    assert given(desk, store, request(1)) == ["Sanne"]
    with store.write() as connection:
        merge_one_account(connection, Merging(3, 4, "hand"), NOW)
    asked = request(2, campaign=by("owner"))
    again = replace(asked, account=replace(asked.account, id=4))
    assert given(desk, store, again) == ["Sanne", "Sanne"]


def test_an_owner_that_the_account_names_comes_first(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 1, lifecycle="prospect")
    desk = desk_of(store, clock)
    asked = request(campaign=by("owner"))
    owned = replace(asked, account=replace(asked.account, facts={"owner": "daan@example.com"}))
    assert given(desk, store, owned) == ["Daan"]


def test_who_is_away_by_command_gets_nothing_and_that_is_said(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 1, lifecycle="prospect")
    desk = desk_of(store, clock)
    with store.write() as connection:
        rosters.add_absence(connection, "sanne@example.com", date(2026, 3, 1), date(2026, 3, 2))
    assert given(desk, store, request()) == ["Daan"]
    because = desk.list()[0].assigned_because
    assert because == "Daan: next in turn, no hand-over open; Sanne is away until 2 March"


def test_an_absence_ends_on_the_team_s_own_clock(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 1, lifecycle="prospect")
    away = ["2026-03-01"]
    team = {"timezone": "Pacific/Auckland"}
    desk = desk_for(store, clock, person("Sanne", away=away), person("Daan"), **team)
    # Half past ten in the evening of the first in UTC; in Auckland it is the second already.
    late = NOW - timedelta(hours=11)
    (id_,) = open_all(desk, store, [request()], at=late)
    assert desk.row(id_).assignee == "Sanne"


def test_the_lead_gets_it_while_all_are_away(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 1, lifecycle="prospect")
    away = ["2026-03-01..2026-03-09"]
    lead = Lead(name="Lies", email="lies@example.com")
    desk = desk_for(store, clock, person("Sanne", away=away), lead=lead)
    assert given(desk, store, request()) == ["Lies"]


def test_so_many_open_are_enough_until_one_is_answered(store: Store, clock: VirtualClock) -> None:
    add_contacts(store, 4, lifecycle="prospect")
    desk = desk_for(store, clock, person("Sanne", open_at_most=1, weight=20), person("Daan"))
    assert given(desk, store, *map(request, (1, 2, 3))) == ["Sanne", "Daan", "Daan"]
    desk.answer(desk.list()[-1].id, "accepted")
    assert given(desk, store, request(4))[-1] == "Sanne"


def test_two_workers_at_once_take_different_turns(store: Store, clock: VirtualClock) -> None:
    n = 6
    add_contacts(store, 2 * n, lifecycle="prospect")
    desk = desk_of(store, clock, teams={"sales": TEAM, "other": TEAM})
    together = threading.Barrier(2)

    def work(ids: range) -> None:
        together.wait()
        for id_ in ids:
            asked = request(id_)
            teams = ("sales", "other") if id_ % 2 else ("other", "sales")
            both = [replace(asked, effect=replace(asked.effect, team=team)) for team in teams]
            with store.write() as connection:
                desk.open(connection, both, NOW)

    threads = [threading.Thread(target=work, args=(range(k * n + 1, (k + 1) * n + 1),)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        rows = connection.execute(
            sa.select(schema.handover.c.team, schema.handover.c.assignee_name, sa.func.count()).group_by(
                schema.handover.c.team, schema.handover.c.assignee_name
            )
        ).all()
    assert sorted(map(tuple, rows)) == [(t, p, n) for t in ("other", "sales") for p in ("Daan", "Sanne")]


# --- absences -----------------------------------------------------------------------------------------


def absences_after(store: Store, *said: tuple[int, int], back_on: int | None = None) -> list[tuple[int, int]]:
    """The absences, as days of March 2026, when these were said one after the other."""
    with store.write() as connection:
        for first, last in said:
            rosters.add_absence(connection, "sanne@example.com", date(2026, 3, first), date(2026, 3, last))
        if back_on is not None:
            rosters.end_absence(connection, "sanne@example.com", date(2026, 3, back_on))
    with store.read() as connection:
        return [(one.first.day, one.last.day) for one in rosters.absences(connection, date(2026, 3, 1))]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([(20, 25), (2, 4)], [(2, 4), (20, 25)]),  # another one, later, stays
        ([(2, 9), (2, 4)], [(2, 4)]),  # the same one, corrected
        ([(2, 4), (3, 9)], [(2, 2), (3, 9)]),
    ],
)
def test_an_absence_stands_in_place_of_those_of_the_same_days(
    store: Store, said: list[tuple[int, int]], known: list[tuple[int, int]]
) -> None:
    assert absences_after(store, *said) == known


@pytest.mark.parametrize(("back_on", "known"), [(3, [(2, 2), (20, 25)]), (2, [(20, 25)]), (10, [(2, 4)])])
def test_who_is_back_is_away_later_all_the_same_unless_there_is_nothing_else_to_end(
    store: Store, back_on: int, known: list[tuple[int, int]]
) -> None:
    assert absences_after(store, (2, 4), (20, 25), back_on=back_on) == known


def test_an_absence_from_the_beginning_of_time_is_one(store: Store) -> None:
    with store.write() as connection:
        rosters.add_absence(connection, "sanne@example.com", date.min, date.max)
        assert rosters.end_absence(connection, "sanne@example.com", date(2026, 3, 2)) == 1


def test_who_is_back_in_the_evening_is_back_on_that_day(store: Store, clock: VirtualClock) -> None:
    clock.set(datetime(2026, 3, 3, 2, tzinfo=UTC))  # the evening of the second there
    teams = {"sales": Team(members=(person("Sanne"),), timezone="America/Los_Angeles")}
    book = TeamBook(store, clock, teams)
    book.away("Sanne", date(2026, 3, 1), date(2026, 3, 9))
    book.back("Sanne")
    assert book.standings()[0].away_until is None
