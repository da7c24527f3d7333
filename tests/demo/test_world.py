from __future__ import annotations

import re

import pytest

from nurture.demo.world import PEOPLE, World, make_world, slug

NOWHERE = re.compile(r".+@[a-z0-9-]+\.example|.+-.+-\d+@(gmail|hotmail|outlook)\.com")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1)


def test_the_same_seed_makes_the_same_people(world: World) -> None:
    assert make_world(1) == world


def test_another_seed_makes_other_people(world: World) -> None:
    assert make_world(2) != world


def test_there_are_as_many_people_as_promised(world: World) -> None:
    assert len(world.people) == PEOPLE


def test_no_address_can_reach_anybody(world: World) -> None:
    assert [person.email for person in world.people if not NOWHERE.fullmatch(person.email)] == []


def test_no_two_people_share_a_telephone(world: World) -> None:
    numbers = [(person.country.code, person.phone) for person in world.people]
    assert len(set(numbers)) == len(numbers)


def test_no_two_people_share_an_address(world: World) -> None:
    assert len({person.email for person in world.people}) == PEOPLE


def test_a_student_a_competitor_and_a_shop_owner_with_a_date_are_among_them(world: World) -> None:
    told = " ".join(
        f"{person.role} {person.company} {person.remark}" for person in world.people if person.story
    )
    assert "schoolproject" in told
    assert "Webdesign" in told
    assert "1 mei" in told


@pytest.mark.parametrize(
    ("text", "expected"), [("Café 't Hoekje", "cafe-t-hoekje"), ("Weiß & Söhne", "weiss-sohne")]
)
def test_a_slug_is_plain(text: str, expected: str) -> None:
    assert slug(text) == expected
