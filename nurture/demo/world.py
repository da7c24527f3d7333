"""The demo's people: who they are, what they want, and what only the demo knows of them, their temper."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from nurture.demo.names import BELGIUM, BRITAIN, GERMANY, GOALS, NETHERLANDS, REMARKS, TRADES, Country

PEOPLE = 500
SHOP_OWNER = "hanneke@theehuis-terpstra.example"


class Temper(StrEnum):
    """How a person behaves once mail comes in; hidden from the engine, which has to find out."""

    EAGER = "eager"
    BUYER = "buyer"
    LOOKER = "looker"
    BROWSER = "browser"
    COLD = "cold"
    LEAVER = "leaver"
    SCANNED = "scanned"
    """Cold, and behind a mail filter that follows every link within seconds."""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person; answers are the choices of the firm's forms, empty where they gave none.

    `phone` is the national number as digits only; who has a `story` was not made by chance.
    """

    number: int
    country: Country
    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    town: str
    interest: str
    budget: str
    start: str
    role: str
    goal: str
    employees: str
    remark: str
    consent: bool
    temper: Temper
    story: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class World:
    """Everybody there is, in the order of their numbers."""

    people: tuple[Person, ...]

    def tempers(self) -> Mapping[str, Temper]:
        """E-mail address in lower case → temper, for those who have a usable address."""
        return {person.email.lower(): person.temper for person in self.people if "@" in person.email}


def make_world(seed: int) -> World:
    """The same people for the same seed."""
    random = Random(f"world {seed}")
    people = [_ordinary(random, number) for number in range(PEOPLE)]
    for number, special in enumerate(_CHARACTERS):
        people[number * 7 + 3] = special(people[number * 7 + 3])
    return World(tuple(people))


def slug(text: str) -> str:
    """Lower-case ASCII with hyphens, as in a domain: `Café 't Hoekje` is `cafe-t-hoekje`."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _ordinary(random: Random, number: int) -> Person:
    country = random.choices((NETHERLANDS, BELGIUM, GERMANY, BRITAIN), (70, 15, 6, 9))[0]
    first, last = random.choice(country.first_names), random.choice(country.last_names)
    town = random.choice(country.towns)
    trade, interest = random.choice(TRADES[country.language])
    company = trade.format(first=first, last=last[0].upper() + last[1:], town=town)
    temper = random.choices(tuple(Temper), (1, 15, 24, 29, 24, 4, 3))[0]
    keen = temper in (Temper.EAGER, Temper.BUYER, Temper.LOOKER)
    return Person(
        number=number,
        country=country,
        first_name=first,
        last_name=last,
        email=_address(random, number, first, last, company),
        phone=country.phone.format(number),
        company=company,
        town=town,
        interest=interest,
        budget=random.choices(
            ("<2k", "2-5k", "5-10k", "10k+", ""), (8, 38, 28, 9, 17) if keen else (25, 20, 8, 2, 45)
        )[0],
        start=random.choices(
            ("now", "1-3 months", "later", "just looking", ""),
            (20, 40, 12, 5, 23) if keen else (3, 15, 27, 25, 30),
        )[0],
        role=random.choices(("owner", "manager", "employee", ""), (54, 18, 10, 18))[0],
        goal=random.choice((*GOALS[country.language], "", "")),
        employees=random.choices(
            ("1", str(random.randint(2, 9)), str(random.randint(10, 80)), ""), (25, 35, 20, 20)
        )[0],
        remark=random.choice(REMARKS[country.language]) if random.random() < 0.3 else "",
        consent=random.random() < 0.86,
        temper=temper,
    )


def _address(random: Random, number: int, first: str, last: str, company: str) -> str:
    """Mostly at their own company; some write from home."""
    person = random.choice((slug(first), f"{slug(first)[0]}.{slug(last)}", f"{slug(first)}.{slug(last)}"))
    if random.random() < 0.22:
        provider = random.choice(("gmail.com", "hotmail.com", "outlook.com"))
        return f"{slug(first)}-{slug(last)}-{number}@{provider}"
    return f"{person}@{slug(company)}-{number}.example"


# --- people worth meeting ---------------------------------------------------------------------------


def _student(person: Person) -> Person:
    return replace(
        person,
        country=NETHERLANDS,
        first_name="Lars",
        last_name="Hofman",
        email="lars.hofman@roc-waterkant.example",
        company="ROC Waterkant",
        interest="website",
        budget="<2k",
        start="now",
        role="student",
        goal="",
        employees="",
        remark="Het is voor een schoolproject, ik moet drie webbureaus interviewen.",
        consent=True,
        story=True,
        temper=Temper.LOOKER,
    )


def _shop_owner(person: Person) -> Person:
    return replace(
        person,
        country=NETHERLANDS,
        first_name="Hanneke",
        last_name="Terpstra",
        email=SHOP_OWNER,
        company="Theehuis Terpstra",
        town="Sneek",
        interest="webshop",
        budget="5-10k",
        start="1-3 months",
        role="owner",
        goal="online verkopen",
        employees="6",
        remark="De webshop moet er staan vóór 1 mei, dan bestaat de winkel 25 jaar.",
        consent=True,
        story=True,
        temper=Temper.EAGER,
    )


def _competitor(person: Person) -> Person:
    return replace(
        person,
        country=BELGIUM,
        first_name="Kurt",
        last_name="Lemmens",
        email="kurt@pixelkracht.example",
        company="Pixelkracht Webdesign",
        interest="website",
        budget="10k+",
        start="now",
        role="owner",
        goal="",
        employees="12",
        remark="Graag een offerte voor een gemiddelde website.",
        consent=True,
        story=True,
        temper=Temper.LOOKER,
    )


def _filtered(person: Person) -> Person:
    return replace(
        person,
        country=NETHERLANDS,
        first_name="Petra",
        last_name="van Vliet",
        email="p.vanvliet@accountants-gouda.example",
        company="Accountants Gouda",
        interest="website",
        budget="10k+",
        start="1-3 months",
        role="manager",
        employees="85",
        consent=True,
        story=True,
        temper=Temper.SCANNED,
    )


_CHARACTERS = (_student, _shop_owner, _competitor, _filtered)
