from __future__ import annotations

from random import Random

import phonenumbers
import pytest

from nurture.demo.mess import again, mojibake, spoiled, written_phone
from nurture.demo.world import make_world

PEOPLE = make_world(1).people


def test_most_people_come_through_unharmed() -> None:
    random = Random(1)
    whole = sum(spoiled(random, person) == person for person in PEOPLE)
    assert 0.55 < whole / len(PEOPLE) < 0.75


def test_who_comes_a_second_time_can_be_recognised() -> None:
    random = Random(1)
    for person in PEOPLE:
        second = again(random, person)
        assert second.email.lower() == person.email.lower() or second.phone == person.phone


@pytest.mark.parametrize("person", [person for person in PEOPLE[:40] if person.country.code == "NL"][:10])
def test_every_way_to_write_a_number_means_that_number(person: object) -> None:
    random = Random(1)
    meant = {
        phonenumbers.format_number(
            phonenumbers.parse(written_phone(random, person), "NL"),  # type: ignore[arg-type]  # parametrised
            phonenumbers.PhoneNumberFormat.E164,
        )
        for _ in range(40)
    }
    assert len(meant) == 1


def test_mojibake_is_what_a_wrong_encoding_makes() -> None:
    assert mojibake("Zoë") == "ZoÃ«"


def test_text_that_would_be_lost_stays() -> None:
    assert mojibake("Í") == "Í"
