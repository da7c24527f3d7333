"""Labelled records for `matching`: people of eight countries as they end up in lists, and who each is.

Made without looking at how records are matched. What makes it hard is what makes real lists hard: everybody
is written in several ways, and many who are not the same look alike.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from bench.matching_names import CALLED, LANDS, TRADES, WORDS, Land


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as it is registered; `legal` are the ways to write its legal form, none among them."""

    name: str
    legal: tuple[str, ...]
    domain: str
    switchboard: str
    town: str
    info: bool
    mailboxes: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Household:
    """People who live together: one mailbox, one telephone."""

    email: str
    landline: str
    town: str


@dataclass(slots=True)
class Person:
    """Somebody: where they work now, where before, and by what they can be reached."""

    id: int
    land: Land
    first: str
    last: str
    firms: list[Firm]
    private: str
    mobile: str
    town: str
    household: Household | None = None
    suffix: str = ""
    second: str = ""
    married: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a list, and whose it is. `first` and `last` are empty where the list has one column.

    `firm` is the domain of the firm that the line speaks of, by name or by the address; empty where of none,
    or of somebody who had another one before: they are of both.
    """

    person: int
    name: str
    first: str
    last: str
    email: str
    phone: str
    company: str
    town: str
    country: str
    firm: str


@dataclass(slots=True)
class World:
    """The people, and counters that make everything of theirs unique."""

    random: Random
    people: list[Person] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)


def labelled(n: int, seed: int) -> list[Record]:
    """`n` records in the order in which they come in."""
    world = World(Random(f"people {seed}"))
    records: list[Record] = []
    while len(records) < n:
        for person in _group(world):
            records += _records_of(world.random, person)
    world.random.shuffle(records)
    return records[:n]


# --- people -----------------------------------------------------------------------------------------


def _group(world: World) -> list[Person]:
    """The people of a firm, of a household, or somebody alone; and at times a namesake from elsewhere."""
    kind = world.random.choices((_staff, _family, _alone, _namesake), (68, 7, 15, 10))[0]
    people = kind(world)
    world.people += people
    return people


def _staff(world: World) -> list[Person]:
    random = world.random
    land = _land(random)
    firm = _firm(world, land)
    people = [_person(world, land, [firm]) for _ in range(min(40, 1 + int(random.expovariate(0.35))))]
    if len(people) > 1 and random.random() < 0.35:
        # Jan and Jaap Jansen, Jansen and Janssen: two of one firm who are not the same.
        one, other = people[0], people[1]
        if random.random() < 0.6:
            other.last = one.last
            same = [name for name in land.first if name[0] == one.first[0] and name != one.first]
            other.first = random.choice(same or list(land.first))
        else:
            other.first = one.first
        other.private = _private(world, other)
        if (other.first, other.last) == (one.first, one.last):
            people.pop(1)
    for person in people:
        if random.random() < 0.06:
            person.firms.append(_firm(world, land))
    return people


def _family(world: World) -> list[Person]:
    random = world.random
    land = _land(random)
    last = _surname(random, land)
    town = random.choice(land.towns)
    mailbox = _address(world, f"{random.choice(('familie', 'fam', ''))}.{last}".strip("."), land)
    household = Household(mailbox, _number(world, land.phones[1]), town)
    people = []
    for _ in range(random.choice((2, 2, 3, 4))):
        person = _person(world, land, [_firm(world, land)] if random.random() < 0.4 else [])
        person.last, person.household, person.town = last, household, town
        person.private = _private(world, person)
        people.append(person)
    names = {person.first for person in people}
    if random.random() < 0.15:
        people[1].first = people[0].first
        people[0].suffix, people[1].suffix = "sr.", "jr."
        people[1].private = _private(world, people[1])
    elif len(names) < len(people):
        people = people[:1]
    return people


def _alone(world: World) -> list[Person]:
    land = _land(world.random)
    return [_person(world, land, [_firm(world, land)] if world.random.random() < 0.6 else [])]


def _namesake(world: World) -> list[Person]:
    """Somebody else of the same name, of the same country, now and then in the same town."""
    if not world.people:
        return _alone(world)
    other = world.random.choice(world.people)
    namesake = _person(world, other.land, [_firm(world, other.land)] if world.random.random() < 0.7 else [])
    namesake.first, namesake.last = other.first, other.last
    namesake.private = _private(world, namesake)
    if world.random.random() < 0.3:
        namesake.town = other.town
    return [namesake]


def _person(world: World, land: Land, firms: list[Firm]) -> Person:
    random = world.random
    person = Person(
        id=len(world.addresses),
        land=land,
        first=_common(random, land.first),
        last=_surname(random, land),
        firms=firms,
        private="",
        mobile=_number(world, land.phones[0]),
        town=firms[0].town if firms and random.random() < 0.7 else random.choice(land.towns),
    )
    person.private = _private(world, person)
    if random.random() < 0.15:
        person.second = random.choice(land.first)
    if random.random() < 0.08:
        person.married = _common(random, land.last)
    return person


def _firm(world: World, land: Land) -> Firm:
    random = world.random
    while True:
        first = _common(random, land.last) if random.random() < 0.4 else random.choice(WORDS)
        parts = [random.choice(TRADES), first]
        if random.random() < 0.3:
            parts.append(random.choice((random.choice(WORDS), random.choice(land.towns))))
        random.shuffle(parts)
        name = " ".join(parts)
        if random.random() < 0.06:
            name = f"{first} & {_common(random, land.last)}"
        ending = land.ending if random.random() < 0.8 else "com"
        domain = f"{_slug(name, random.choice(('', '-')))}.{ending}"
        if domain not in world.domains:
            world.domains.add(domain)
            return Firm(
                name,
                random.choice(land.legal),
                domain,
                _number(world, land.phones[1]),
                random.choice(land.towns),
                random.random() < 0.15,
            )


def _private(world: World, person: Person) -> str:
    random, first, last = world.random, person.first, person.last
    shapes = (
        f"{first}.{last}",
        f"{first}{last}",
        f"{first[0]}.{last}",
        f"{last}.{first}",
        f"{first}{random.randrange(50, 100)}",
        f"{first}.{last}{random.randrange(1, 100)}",
        f"{random.choice(WORDS)}{random.choice(WORDS)}{random.randrange(10)}",
    )
    return _address(world, random.choice(shapes), person.land)


def _address(world: World, local: str, land: Land) -> str:
    domain = world.random.choice(land.free_mail)
    local = ".".join(_slug(part, "") for part in local.split(".") if _slug(part, ""))
    address, number = f"{local}@{domain}", 1
    while address in world.addresses:
        number += world.random.randrange(1, 30)
        address = f"{local}{number}@{domain}"
    world.addresses.add(address)
    return address


def _number(world: World, form: str) -> str:
    digits = int(form.partition("{:0")[2].rstrip("}"))
    while True:
        number = world.random.randrange(10 ** (digits - 1) * 2, 10**digits - 1)
        if number not in world.numbers:
            world.numbers.add(number)
            return form.format(number)


def _land(random: Random) -> Land:
    return random.choices(LANDS, (30, 18, 14, 10, 10, 7, 5, 6))[0]


def _common(random: Random, names: Sequence[str]) -> str:
    """The first of a list are the common ones: by Zipf's law, a little flattened."""
    return random.choices(names, [1 / (rank + 3) for rank in range(len(names))])[0]


def _surname(random: Random, land: Land) -> str:
    """Half of all people have a common surname; of the others there are very many, and few of each."""
    if random.random() < 0.5:
        return _common(random, land.last)
    return random.choice(land.roots) + random.choice(land.endings)


def _slug(text: str, between: str) -> str:
    plain = unicodedata.normalize("NFKD", _latin(text)).encode("ascii", "ignore").decode().lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return between.join(words)


def _latin(text: str) -> str:
    for letter, plain in (("ß", "ss"), ("ø", "o"), ("Ø", "O"), ("æ", "ae"), ("ł", "l"), ("ı", "i")):
        text = text.replace(letter, plain)
    return text


# --- how they are written ---------------------------------------------------------------------------


def _records_of(random: Random, person: Person) -> Iterator[Record]:
    for _ in range(random.choices((1, 2, 3, 4), (35, 35, 20, 10))[0]):
        yield _record(random, person)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of list: how often it has each thing; `work`: how often people give what they have at work."""

    weight: int
    email: float
    phone: float
    company: float
    town: float
    work: float


SOURCES = (
    Source(45, email=1.0, phone=0.65, company=0.75, town=0.2, work=0.7),  # web forms
    Source(20, email=0.9, phone=0.9, company=1.0, town=0.6, work=0.95),  # cards from a fair
    Source(25, email=0.85, phone=0.8, company=0.95, town=0.6, work=0.85),  # lists of a partner, old exports
    Source(10, email=0.5, phone=1.0, company=0.85, town=0.2, work=0.7),  # notes of telephone calls
)


def _record(random: Random, person: Person) -> Record:
    source = random.choices(SOURCES, [each.weight for each in SOURCES])[0]
    # Who has changed jobs stands in older lists with the older one.
    firm = person.firms[-1 if random.random() < 0.6 else 0] if person.firms else None
    email = _email(random, person, firm, source) if random.random() < source.email else ""
    phone = _phone(random, person, firm, source) if random.random() < source.phone or not email else ""
    company = _company(random, firm) if firm is not None and random.random() < source.company else ""
    first, last = _first_name(random, person), _last_name(random, person)
    if person.suffix and random.random() < 0.6:
        last = f"{last} {person.suffix}"
    first, last = _mistyped_name(random, first, last)
    record = Record(
        person=person.id,
        name="",
        first=first,
        last=last,
        email=email,
        phone=phone,
        company=company,
        town=person.town if random.random() < source.town else "",
        country=person.land.code if random.random() < 0.8 else "",
        firm=_spoken_of(person, email, company),
    )
    return _in_one_column(random, record) if random.random() < 0.5 else _in_two_columns(random, record)


def _spoken_of(person: Person, email: str, company: str) -> str:
    if len(person.firms) != 1:
        return ""
    domain = person.firms[0].domain
    return domain if company or email.lower().endswith(f"@{domain}") else ""


def _in_one_column(random: Random, record: Record) -> Record:
    first, last = record.first, record.last
    shapes = (f"{first} {last}", f"{last}, {first}", f"{last} {first}")
    name = random.choices(shapes, (88, 8, 4))[0]
    if random.random() < 0.06:
        name = name.upper() if random.random() < 0.5 else name.lower()
    if random.random() < 0.03:
        name = f"{random.choice(('Dr.', 'Mr.', 'Dhr.', 'Herr', 'Mevr.'))} {name}"
    return replace(record, name=" ".join(name.split()), first="", last="")


def _in_two_columns(random: Random, record: Record) -> Record:
    if random.random() < 0.04:
        return replace(record, first=record.last, last=record.first)
    if random.random() < 0.06:
        return replace(record, first=record.first.upper(), last=record.last.upper())
    return record


def _first_name(random: Random, person: Person) -> str:
    first = person.first
    if first in CALLED and random.random() < 0.1:
        first = random.choice(CALLED[first])
    chance = random.random()
    if chance < 0.07:
        return f"{first[0]}." + (f"{person.second[0]}." if person.second else "")
    if person.second and chance < 0.2:
        return f"{first} {person.second}" if chance < 0.13 else f"{first} {person.second[0]}."
    return _plain(random, first)


def _last_name(random: Random, person: Person) -> str:
    last = person.last
    if person.married and random.random() < 0.4:
        return f"{person.married}-{last}" if random.random() < 0.5 else f"{last}-{person.married}"
    if person.land.code == "ES" and random.random() < 0.5:
        last = last.split()[0]
    words = last.split()
    if len(words) > 1 and words[0].lower() in ("van", "de", "von", "le"):
        chance = random.random()
        if chance < 0.08:
            last = words[-1]
        elif chance < 0.2 and words[0].lower() == "van" and len(words) > 2:
            last = f"{random.choice(('v.d.', 'vd', 'v/d', 'v.d'))} {words[-1]}"
        elif chance < 0.26:
            last = "".join(words).capitalize()
    return _plain(random, last)


_GERMAN = {"ü": "ue", "ö": "oe", "ä": "ae", "ß": "ss", "ø": "oe", "å": "aa", "æ": "ae", "Ö": "Oe", "Ø": "Oe"}


def _plain(random: Random, name: str) -> str:
    """Without its accents, as many lists have it; or with two letters for an umlaut."""
    if name.isascii() or random.random() < 0.5:
        return name
    if random.random() < 0.5:
        name = "".join(_GERMAN.get(letter, letter) for letter in name)
    return unicodedata.normalize("NFKD", _latin(name)).encode("ascii", "ignore").decode()


def _mistyped_name(random: Random, first: str, last: str) -> tuple[str, str]:
    chance = random.random()
    if chance < 0.05:
        return first, _mistyped(random, last)
    return (_mistyped(random, first), last) if chance < 0.08 else (first, last)


def _mistyped(random: Random, text: str) -> str:
    """One wrong key: two letters swapped, one left out, doubled, or its neighbour hit."""
    places = [i for i in range(1, len(text) - 1) if text[i].isalpha() and text[i + 1].isalpha()]
    if len(text) < 5 or not places:
        return text
    i = random.choice(places)
    changes: tuple[Callable[[], str], ...] = (
        lambda: text[:i] + text[i + 1] + text[i] + text[i + 2 :],
        lambda: text[:i] + text[i + 1 :],
        lambda: text[:i] + text[i] + text[i:],
        lambda: text[:i] + random.choice("aeinorst") + text[i + 1 :],
    )
    return random.choice(changes)()


def _email(random: Random, person: Person, firm: Firm | None, source: Source) -> str:
    """Most people give the same address each time, and now and then another one."""
    usual = random.random() < 0.95
    at_work = firm is not None and (person.id % 100 < 100 * source.work) is usual
    if at_work and firm is not None:
        if firm.info and random.random() < 0.4:
            return f"info@{firm.domain}"
        return _written_address(random, _mailbox(person, firm))
    if person.household is not None and (person.id % 10 < 5) is usual:
        return _written_address(random, person.household.email)
    return _written_address(random, person.private)


def _mailbox(person: Person, firm: Firm) -> str:
    """Firms give their people addresses by a rule, and a number where another one has it already."""
    if person.id not in firm.mailboxes:
        first, last = _slug(person.first, ""), _slug(person.last, "")
        shapes = (f"{first}.{last}", f"{first[0]}.{last}", f"{first[0]}{last}", first)
        local, number = shapes[len(firm.name) % 4], 1
        while local in firm.mailboxes.values():
            number += 1
            local = f"{shapes[len(firm.name) % 4]}{number}"
        firm.mailboxes[person.id] = local
    return f"{firm.mailboxes[person.id]}@{firm.domain}"


def _written_address(random: Random, address: str) -> str:
    local, _, domain = address.partition("@")
    chance = random.random()
    if chance < 0.05:
        local = f"{local}+{random.choice(('news', 'lead', 'web', 'shop', 'info'))}"
    elif chance < 0.09 and domain in ("gmail.com", "googlemail.com"):
        local = local.replace(".", "") if "." in local else f"{local[:2]}.{local[2:]}"
    elif chance < 0.11 and domain == "gmail.com":
        domain = "googlemail.com"
    elif chance < 0.13:
        name, dot, ending = domain.partition(".")
        domain = f"{_mistyped(random, name)}{dot}{ending}"
    elif chance < 0.14:
        local = _mistyped(random, local)
    elif chance < 0.18:
        return address.upper()
    return f"{local}@{domain}"


def _phone(random: Random, person: Person, firm: Firm | None, source: Source) -> str:
    if firm is not None and random.random() < 0.25 * source.work:
        number = firm.switchboard
    elif person.household is not None and random.random() < 0.3:
        number = person.household.landline
    else:
        number = person.mobile
    code = number[:3]
    return random.choice(
        (number, f"00{number[1:]}", f"{code} {number[3:5]} {number[5:]}", f"{code} {number[3:]}")
    )


def _company(random: Random, firm: Firm) -> str:
    name = firm.name
    chance = random.random()
    if chance < 0.05:
        name = _mistyped(random, name)
    elif chance < 0.08:
        name = " ".join(reversed(name.split()))
    elif chance < 0.11:
        name = f"{name} {random.choice(('Nederland', 'Benelux', 'Europe', 'Group', 'Holding'))}"
    elif chance < 0.14:
        name = name.upper()
    elif chance < 0.17:
        name = name.replace(" ", "")
    elif "&" in name and chance < 0.6:
        name = name.replace("&", random.choice(("en", "und", "and", "+")))
    return f"{name} {random.choice(firm.legal)}".strip()


# --- what they have in common -----------------------------------------------------------------------


def linked(records: Sequence[Record]) -> float:
    """The share of the pairs of one person that have, by way of others of theirs, anything but the name in
    common that is written the same: a mailbox, a number, a company. Of the rest hardly anybody can be sure.
    """
    groups = {i: {i} for i in range(len(records))}
    seen: dict[tuple[int, str], int] = {}
    for i, record in enumerate(records):
        for trait in _traits(record):
            other = seen.setdefault((record.person, trait), i)
            if groups[i] is not groups[other]:
                groups[i] |= groups[other]
                groups |= dict.fromkeys(groups[i], groups[i])
    sizes = Counter(record.person for record in records)
    pairs = sum(n * (n - 1) // 2 for n in sizes.values())
    return sum(len(group) - 1 for group in groups.values()) / 2 / pairs if pairs else 1.0


_FREE = frozenset(domain for land in LANDS for domain in land.free_mail)


def _traits(record: Record) -> Iterator[str]:
    if record.email:
        local, _, domain = record.email.lower().partition("@")
        yield f"m {local.partition('+')[0].replace('.', '')}@{domain.replace('googlemail', 'gmail')}"
        if domain not in _FREE:
            yield f"f {_slug(domain.partition('.')[0], '')}"
    if record.phone:
        yield "p " + "".join(filter(str.isdecimal, record.phone)).lstrip("0")
    if record.company:
        yield "f " + "".join(sorted(_slug(record.company, " ").split()))
        yield f"f {_slug(record.company, '')}"
