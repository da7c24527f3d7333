"""Who gets a prospect: the one who suits, in turn, by the weights; and the reason says so."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.assign import WAYS, Member, Roster, Wanted, assign
from nurture.core.model import SalesPerson

SANNE = Member("Sanne", "sanne@example.com", countries=frozenset({"NL"}), languages=frozenset({"nl"}))
AN = Member("An", "an@example.com", countries=frozenset({"NL"}), languages=frozenset({"nl"}))
PAUL = Member("Paul", "paul@example.com", countries=frozenset({"DE"}), languages=frozenset({"de"}))
ANYWHERE = Member("Mo", "mo@example.com")
DUTCH = Wanted(country="NL", language="nl")
BY_PLACE = ("territory", "language", "round_robin")
FIRST_OF_DECEMBER = date(2026, 12, 1)


def given_out(wanted: list[Wanted], *members: Member, ways: tuple[str, ...] = BY_PLACE, **roster: Any) -> Any:
    found, _ = assign(wanted, ways, Roster(members, **roster))
    return found


def who(*arguments: Any, **options: Any) -> list[str | None]:
    return [one.to.name if one.to else None for one in given_out(*arguments, **options)]


def why(wanted: Wanted, *members: Member, **options: Any) -> str:
    (found,) = given_out([wanted], *members, **options)
    return str(found.because)


# --- who ------------------------------------------------------------------------------------------------


def test_members_take_turns() -> None:
    assert who([Wanted()] * 3, SANNE, AN, ways=("round_robin",)) == ["Sanne", "An", "Sanne"]


def test_who_serves_the_country_comes_first() -> None:
    assert who([DUTCH, Wanted("DE")], PAUL, ANYWHERE, SANNE) == ["Sanne", "Paul"]


def test_who_names_no_country_takes_what_nobody_serves() -> None:
    assert who([Wanted("FR")] * 2, PAUL, ANYWHERE, SANNE) == ["Mo", "Mo"]


def test_where_nobody_serves_it_the_whole_team_takes_turns() -> None:
    assert who([Wanted("FR")] * 2, PAUL, SANNE) == ["Paul", "Sanne"]


def test_a_region_is_narrower_than_its_country() -> None:
    regional = Member("Bo", "bo@example.com", regions=frozenset({"utrecht"}))
    assert who([Wanted("NL", "Utrecht"), Wanted("NL", "Zeeland")], SANNE, regional) == ["Sanne", "Sanne"]
    assert who([Wanted("NL", "Utrecht")], ANYWHERE, regional) == ["Bo"]


def test_the_order_of_the_ways_decides_between_place_and_language() -> None:
    fleming = Member("Fien", "fien@example.com", languages=frozenset({"nl"}), countries=frozenset({"BE"}))
    german = Member("Gerd", "gerd@example.com", languages=frozenset({"de"}), countries=frozenset({"NL"}))
    asked = [DUTCH]
    assert who(asked, fleming, german, ways=("territory", "language")) == ["Gerd"]
    assert who(asked, fleming, german, ways=("language", "territory")) == ["Fien"]


@pytest.mark.parametrize("said", ["an@example.com", "AN@Example.com", "An"])
def test_the_owner_gets_it_whatever_the_turn(said: str) -> None:
    owned = Wanted(owner=said, owned="has the account")
    assert who([owned] * 3, SANNE, AN, ways=("owner", "round_robin")) == ["An"] * 3


def test_an_owner_who_is_away_does_not_get_it() -> None:
    owned = Wanted(owner="An")
    away = {"an@example.com": FIRST_OF_DECEMBER}
    assert who([owned], SANNE, AN, ways=("owner", "round_robin"), away=away) == ["Sanne"]


def test_the_least_loaded_comes_first_and_each_one_given_counts() -> None:
    waiting = {"sanne@example.com": 2, "an@example.com": 1}
    ways = ("least_loaded",)
    assert who([DUTCH] * 3, SANNE, AN, ways=ways, waiting=waiting) == ["An", "Sanne", "An"]


def test_who_is_full_gets_nothing_while_others_have_room() -> None:
    full = Member("Sanne", "sanne@example.com", open_at_most=1)
    assert who([DUTCH] * 3, full, AN, ways=("round_robin",)) == ["Sanne", "An", "An"]


def test_where_all_are_full_the_turn_goes_on() -> None:
    full = [Member(name, f"{name}@example.com", open_at_most=1) for name in ("a", "b")]
    assert who([DUTCH] * 4, *full, ways=("round_robin",)) == ["a", "b", "a", "b"]


def test_where_nobody_is_there_the_lead_gets_it() -> None:
    away = {"sanne@example.com": FIRST_OF_DECEMBER}
    lead = SalesPerson("Lies", "lies@example.com")
    assert who([DUTCH], SANNE, away=away, lead=lead) == ["Lies"]


def test_where_nobody_is_there_and_nobody_leads_somebody_gets_it_all_the_same() -> None:
    assert who([DUTCH], SANNE, away={"sanne@example.com": FIRST_OF_DECEMBER}) == ["Sanne"]


def test_a_team_of_nobody_gives_to_nobody() -> None:
    assert who([DUTCH]) == [None]


# --- why ------------------------------------------------------------------------------------------------


def test_the_reason_says_what_decided_and_who_was_away() -> None:
    said = why(
        DUTCH,
        SANNE,
        AN,
        away={"an@example.com": FIRST_OF_DECEMBER},
        waiting={"sanne@example.com": 2},
    )
    assert said == "Sanne: serves NL, speaks nl, next in turn, 2 hand-overs open; An is away until 1 December"


def test_the_reason_says_that_nobody_serves_it() -> None:
    said = why(Wanted("FR"), PAUL, ways=("territory",))
    assert said == "Paul: next in turn, no hand-over open; nobody who could take it serves FR"


def test_the_reason_says_who_had_too_much() -> None:
    full = Member("Sanne", "sanne@example.com", open_at_most=5)
    said = why(DUTCH, full, AN, ways=("round_robin",), waiting={"sanne@example.com": 5})
    assert said == "An: next in turn, no hand-over open; Sanne has 5 hand-overs open, as many as they take"


def test_the_reason_of_an_owner_is_theirs() -> None:
    owned = Wanted(owner="An", owned="was given Bakkerij De Vries before")
    assert why(owned, SANNE, AN, ways=("owner",)) == "An: was given Bakkerij De Vries before"


def test_many_who_are_away_are_counted() -> None:
    others = [Member(str(number), f"{number}@example.com") for number in range(5)]
    away = {one.email: FIRST_OF_DECEMBER for one in others}
    assert why(DUTCH, AN, *others, ways=("round_robin",), away=away).endswith("; 2 more could not take it")


# --- in the long run --------------------------------------------------------------------------------------

weights = st.lists(st.integers(1, 20), min_size=1, max_size=6)


@given(weights, st.integers(1, 400))
def test_shares_follow_the_weights_to_one_hand_over(weights: list[int], n: int) -> None:
    members = [Member(str(i), f"{i}@example.com", weight=weight) for i, weight in enumerate(weights)]
    had = Counter(who([Wanted()] * n, *members, ways=("round_robin",)))
    for member in members:
        # The first of each may come early: never further off than one, beside what the others have had.
        assert abs(had[member.name] - n * member.weight / sum(weights)) <= 1 + (len(weights) - 1) / 2


@given(weights, st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_batches_give_the_same_as_one_by_one(weights: list[int], sizes: list[int]) -> None:
    members = tuple(Member(str(i), f"{i}@example.com", weight=weight) for i, weight in enumerate(weights))
    at_once, _ = assign([Wanted()] * sum(sizes), ("round_robin",), Roster(members))
    passed: dict[str, int] = {}
    in_batches = []
    for size in sizes:
        found, passed = assign([Wanted()] * size, ("round_robin",), Roster(members, passed=passed))
        in_batches += found
    assert [one.to for one in in_batches] == [one.to for one in at_once]


@given(weights, st.integers(1, 200), st.integers(1, 50))
def test_who_comes_back_finds_no_pile(weights: list[int], meanwhile: int, after: int) -> None:
    members = tuple(
        Member(str(i), f"{i}@example.com", weight=weight) for i, weight in enumerate([3, *weights])
    )
    away = {members[0].email: FIRST_OF_DECEMBER}
    _, passed = assign([Wanted()] * meanwhile, ("round_robin",), Roster(members, away=away))
    back, _ = assign([Wanted()] * after, ("round_robin",), Roster(members, passed=passed))
    had = sum(one.to == SalesPerson("0", members[0].email) for one in back)
    assert had <= after * 3 / (3 + sum(weights)) + 1 + len(weights) / 2


territories = st.frozensets(st.sampled_from(["NL", "BE", "DE"]), max_size=2)
people = st.lists(
    st.tuples(
        territories, st.frozensets(st.sampled_from(["nl", "de"])), st.one_of(st.none(), st.integers(0, 3))
    ),
    min_size=1,
    max_size=5,
)
prospects = st.lists(
    st.builds(
        Wanted,
        country=st.sampled_from(["NL", "BE", "DE", "FR", None]),
        language=st.sampled_from(["nl", "de", "fr", None]),
    ),
    max_size=12,
)


@given(people, prospects, st.permutations(WAYS), st.sets(st.integers(0, 4)))
def test_nobody_gets_it_who_is_away_or_full_while_somebody_else_could(
    people: list[Any], prospects: list[Wanted], ways: list[str], away: set[int]
) -> None:
    members = tuple(
        Member(str(i), f"{i}@example.com", countries=lands, languages=tongues, open_at_most=most)
        for i, (lands, tongues, most) in enumerate(people)
    )
    absent = {f"{i}@example.com": FIRST_OF_DECEMBER for i in away}
    waiting: Counter[str] = Counter()
    for found in assign(prospects, ways, Roster(members, away=absent))[0]:
        free = [
            one.email
            for one in members
            if one.email not in absent and (one.open_at_most is None or waiting[one.email] < one.open_at_most)
        ]
        assert found.to is not None
        assert found.to.email in (free or [one.email for one in members if one.email not in absent] or absent)
        waiting[found.to.email] += 1
