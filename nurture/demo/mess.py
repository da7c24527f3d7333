"""What real people and programs do to good data on its way into a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from nurture.demo.world import Person, slug

Spoil = Callable[[Random, Person], Person]


def spoiled(random: Random, person: Person) -> Person:
    """The person as they end up in a file: two of three as they are, the rest with one thing wrong."""
    if random.random() < 0.62:
        return person
    return random.choices(_SPOILS, _WEIGHTS)[0](random, person)


def again(random: Random, person: Person) -> Person:
    """The same person a second time: recognisable by e-mail or telephone, never quite the same text."""
    return random.choice((_loud_address, _only_phone, _shortened))(random, person)


def written_phone(random: Random, person: Person) -> str:
    """The number in one of the ways in which people write it."""
    national = person.phone
    if not national:
        return ""
    code, rest = person.country.calling_code, national[1:]
    return random.choice(
        (
            national,
            f"{national[:2]}-{national[2:]}",
            " ".join((national[:2], national[2:4], national[4:6], national[6:8], national[8:])).strip(),
            f"+{code} {rest[:1]} {rest[1:]}",
            f"00{code}{rest}",
            f"+{code} (0){rest}",
            national[:4] + "." + national[4:],
        )
    )


def mojibake(text: str) -> str:
    """UTF-8 read as cp1252, as in `ZoÃ«`; unchanged where that leaves no text."""
    try:
        return text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return text


# --- one thing wrong --------------------------------------------------------------------------------


def _shouted(random: Random, person: Person) -> Person:
    return replace(
        person,
        first_name=person.first_name.upper(),
        last_name=person.last_name.upper(),
        company=person.company.upper(),
    )


def _whispered(random: Random, person: Person) -> Person:
    return replace(person, first_name=person.first_name.lower(), last_name=person.last_name.lower())


def _garbled(random: Random, person: Person) -> Person:
    return replace(
        person,
        first_name=mojibake(person.first_name),
        last_name=mojibake(person.last_name),
        company=mojibake(person.company),
    )


def _padded(random: Random, person: Person) -> Person:
    return replace(person, first_name=f" {person.first_name} ", email=f" {person.email} ")


def _nameless(random: Random, person: Person) -> Person:
    return replace(person, first_name="", last_name="")


def _unreachable(random: Random, person: Person) -> Person:
    return replace(person, email="", phone="")


def _only_phone(random: Random, person: Person) -> Person:
    return replace(person, email="")


def _only_email(random: Random, person: Person) -> Person:
    return replace(person, phone="")


def _role_address(random: Random, person: Person) -> Person:
    """The shop's address instead of anybody's, and often nobody's name with it."""
    role = random.choice(("info", "contact", "sales", "administratie"))
    address = f"{role}@{slug(person.company)}-{person.number}.example"
    if random.random() < 0.5:
        return replace(person, email=address)
    return replace(person, email=address, first_name="", last_name="", phone="")


def _throw_away(random: Random, person: Person) -> Person:
    return replace(person, email=f"x{person.number}@mailinator.com", phone="")


def _unusable(random: Random, person: Person) -> Person:
    local, _, domain = person.email.partition("@")
    wrong = random.choice(
        (f"{local}@", f"{local} at {domain}", f"{local}@@{domain}", "nvt", "-", f"{local}@{domain}.")
    )
    return replace(person, email=wrong, phone=random.choice((person.phone, "geen", "")))


def _wrong_number(random: Random, person: Person) -> Person:
    return replace(person, phone=random.choice(("12345", "0000000000", "zie e-mail")))


def _loud_address(random: Random, person: Person) -> Person:
    return replace(person, email=person.email.upper(), remark="")


def _shortened(random: Random, person: Person) -> Person:
    return replace(person, first_name=f"{person.first_name[:1]}.", budget="", start="", remark="")


_SPOILS: Sequence[Spoil]
_WEIGHTS: Sequence[int]
_SPOILS, _WEIGHTS = zip(
    (_shouted, 14),
    (_whispered, 12),
    (_garbled, 12),
    (_padded, 8),
    (_nameless, 8),
    (_unreachable, 4),
    (_only_phone, 10),
    (_only_email, 12),
    (_role_address, 10),
    (_throw_away, 5),
    (_unusable, 9),
    (_wrong_number, 6),
    strict=True,
)
