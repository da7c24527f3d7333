"""The demo's lead files, messy as real ones: five ways in which leads reach a small agency.

| file | what it is |
|---|---|
| website-aanvragen.csv | the old site's form, exported by Excel: semicolons, cp1252, Dutch |
| partner-lijst.csv | a partner's list: an Excel workbook that somebody renamed |
| beurs-kaartjes.vcf | business cards from a fair, of two programs |
| english-enquiries.csv | UTF-8 with a byte order mark |
| (posts) | what people fill in on the new site while the demo runs |

The same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from nurture.demo.mappings import MAPPINGS
from nurture.demo.mess import again, mojibake, spoiled, written_phone
from nurture.demo.world import Person, Temper, World
from nurture.demo.xlsx import workbook

FAIR_CARDS = 60
PARTNER_ROWS = 80
POSTS = 90
POSTED_WITHIN = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A file to import with the source plugin `source`, and the mapping that goes with it."""

    path: Path
    source: str
    mapping: Path


@dataclass(frozen=True, slots=True)
class Post:
    """A web form that somebody sends `after` the demo's start; `body` is JSON."""

    after: timedelta
    form: str
    body: bytes


@dataclass(frozen=True, slots=True)
class LeadFiles:
    files: tuple[LeadFile, ...]
    posts: tuple[Post, ...]


def write_lead_files(folder: Path, world: World, seed: int) -> LeadFiles:
    """Writes the files into `folder` (which is made) and gives them, with the posts that come later."""
    random = Random(f"leads {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    dealt = _dealt(random, world)
    contents = (
        ("website-aanvragen.csv", "csv", _dutch_csv(random, dealt.website)),
        ("partner-lijst.csv", "xlsx", _partner_list(random, dealt.partner)),
        ("beurs-kaartjes.vcf", "vcard", _cards(random, dealt.fair)),
        ("english-enquiries.csv", "csv", _english_csv(random, dealt.english)),
    )
    files = []
    for name, source, content in contents:
        path, mapping = folder / name, folder / f"{name.partition('.')[0]}.map.yaml"
        path.write_bytes(content)
        mapping.write_text(MAPPINGS[name], encoding="utf-8")
        files.append(LeadFile(path, source, mapping))
    return LeadFiles(tuple(files), _posts(random, dealt.posts))


# --- who is in which file ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dealt:
    website: Sequence[Person]
    partner: Sequence[Person]
    fair: Sequence[Person]
    english: Sequence[Person]
    posts: Sequence[Person]


def _dealt(random: Random, world: World) -> _Dealt:
    """Deals the people out over the files; some come twice, in one file or in two."""
    dutch = [person for person in world.people if person.country.language == "nl"]
    english = [person for person in world.people if person.country.language == "en"]
    random.shuffle(dutch)
    random.shuffle(english)
    # Who has a story comes in with the first file, so that there is time for it.
    dutch.sort(key=lambda person: person.story)
    fair, rest = dutch[:FAIR_CARDS], dutch[FAIR_CARDS:]
    partner, rest = rest[:PARTNER_ROWS], rest[PARTNER_ROWS:]
    posts, website = [*rest[: POSTS - 15], *english[:15]], rest[POSTS - 15 :]
    english = english[15:]
    return _Dealt(
        website=_with_repeats(random, website, website[:14]),
        partner=_with_repeats(random, partner, website[20:34]),
        fair=_with_repeats(random, fair, (*website[40:46], website[-1])),
        english=_with_repeats(random, english, english[:5]),
        posts=_with_repeats(random, posts, (*website[60:68], *fair[:4])),
    )


def _with_repeats(random: Random, people: Sequence[Person], twice: Sequence[Person]) -> list[Person]:
    """Spoiled at random; characters with a story stay whole."""
    rows = [person if person.story else spoiled(random, person) for person in people]
    for person in twice:
        rows.insert(random.randrange(len(rows)), again(random, person))
    return rows


# --- the files --------------------------------------------------------------------------------------

_DUTCH_START = {
    "now": "zo snel mogelijk",
    "1-3 months": "1-3 maanden",
    "later": "later",
    "just looking": "ik kijk rond",
}
_BROKEN_LINES = (
    (
        31,
        "Kees;Bakker;kees@bakker-bouw.example;06-12345001;Bakker Bouw;Hoorn;NL;website;2-5k;;;;8;a; b; c;ja;",
    ),
    (90, ";;;;;;;;;;;;;;"),
    (
        120,
        "Truus;Kok;truus@kok-klei.example;06-12345002;Kok Klei;Sneek;NL;webshop;;;eigenaar;;1;mail;ma;ja",
    ),
)
"""What happens to lines that somebody edits by hand: semicolons in a remark, a row left blank."""

_UNCLOSED = 'Sjoerd;Prins;sjoerd@prins.example;06-12345003;"Prins Tuinen;Assen;NL;website;2-5k;;;;4;;ja'
_DUTCH_ROLE = {
    "owner": "eigenaar",
    "manager": "bedrijfsleider",
    "employee": "medewerker",
    "student": "student",
}


def _dutch_csv(random: Random, people: Sequence[Person]) -> bytes:
    header = (
        "Voornaam;Achternaam;E-mailadres;Telefoon;Bedrijf;Plaats;Land;Interesse;Budget;Start;Functie;"
        "Doel;Aantal medewerkers;Opmerking;Mag mailen"
    )
    lines = [header]
    for person in people:
        cells = (
            person.first_name,
            person.last_name,
            person.email,
            written_phone(random, person),
            person.company,
            person.town,
            random.choice((person.country.name, person.country.code, "")),
            person.interest,
            person.budget,
            _DUTCH_START.get(person.start, ""),
            _DUTCH_ROLE.get(person.role, ""),
            person.goal,
            person.employees,
            person.remark,
            "ja" if person.consent else random.choice(("nee", "")),
        )
        lines.append(_csv_line(cells, ";"))
    for place, line in _BROKEN_LINES:
        lines.insert(place, line)
    lines.append(_UNCLOSED)
    return ("\r\n".join(lines) + "\r\n").encode("cp1252", errors="replace")


def _csv_line(cells: Sequence[str], delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="").writerow(cells)
    return stream.getvalue()


def _partner_list(random: Random, people: Sequence[Person]) -> bytes:
    rows: list[Sequence[str | int]] = [
        (
            "Relatienr",
            "Naam",
            "Bedrijfsnaam",
            "E-mail",
            "Tel. mobiel",
            "Woonplaats",
            "Zoekt",
            "Budget",
            "Medewerkers",
            "Toestemming",
        )
    ]
    for person in people:
        # Excel took the number for a number, and the zero in front of it away.
        excelled = random.random() < 0.3 and person.phone.isdigit()
        phone: str | int = int(person.phone) if excelled else written_phone(random, person)
        rows.append(
            (
                70_000 + person.number,
                person.name,
                person.company,
                person.email,
                phone,
                person.town,
                person.interest,
                person.budget,
                int(person.employees) if person.employees else "",
                "ja" if person.consent else "nee",
            )
        )
    return workbook(rows)


def _cards(random: Random, people: Sequence[Person]) -> bytes:
    cards = [random.choice((_card_3, _card_4))(random, person) for person in people]
    cards.insert(23, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Halve Kaart\r\nEMAIL:halve@kaart.example\r\n")
    return "".join(cards).encode()


def _card_3(random: Random, person: Person) -> str:
    return _card(
        "3.0",
        f"EMAIL;TYPE=INTERNET,WORK:{person.email}",
        f"TEL;TYPE=CELL,VOICE:{written_phone(random, person)}",
        person,
    )


def _card_4(random: Random, person: Person) -> str:
    number = f"+{person.country.calling_code}{person.phone[1:]}"
    return _card("4.0", f"EMAIL:{person.email}", f"TEL;VALUE=uri;TYPE=cell:tel:{number}", person)


def _card(version: str, email: str, phone: str, person: Person) -> str:
    lines = [
        "BEGIN:VCARD",
        f"VERSION:{version}",
        f"FN:{_escaped(person.name)}",
        f"N:{_escaped(person.last_name)};{_escaped(person.first_name)};;;",
        f"ORG:{_escaped(person.company)}",
        email if person.email else "",
        phone if person.phone else "",
        f"ADR;TYPE=work:;;;{_escaped(person.town)};;;{_escaped(person.country.name)}",
        f"CATEGORIES:{person.interest}",
        f"NOTE:{_escaped(person.remark)}" if person.remark else "",
        f"TITLE:{_DUTCH_ROLE[person.role].capitalize()}" if person.role else "",
        f"X-TOESTEMMING:{'ja' if person.consent else 'nee'}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines if line)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> str:
    """At most 75 octets a line, as RFC 2426 (section 2.6) and RFC 6350 (section 3.2) want it."""
    parts, current = [], ""
    for letter in line:
        if len((current + letter).encode()) > 74:
            parts.append(current)
            current = ""
        current += letter
    return "\r\n ".join((*parts, current))


def _english_csv(random: Random, people: Sequence[Person]) -> bytes:
    header = (
        "First Name",
        "Last Name",
        "Email Address",
        "Phone",
        "Company",
        "City",
        "Country",
        "Interest",
        "Budget",
        "Start",
        "Role",
        "Goal",
        "Employees",
        "Message",
        "Newsletter",
        "Language",
    )
    lines = [_csv_line(header, ",")]
    for person in people:
        company = mojibake(person.company) if random.random() < 0.08 else person.company
        lines.append(
            _csv_line(
                (
                    person.first_name,
                    person.last_name,
                    person.email,
                    written_phone(random, person),
                    company,
                    person.town,
                    "Germany" if person.country.code == "DE" else person.country.name,
                    person.interest,
                    person.budget,
                    person.start,
                    person.role,
                    person.goal,
                    person.employees,
                    person.remark,
                    "yes" if person.consent else "no",
                    "en",
                ),
                ",",
            )
        )
    return ("\n".join(lines) + "\n").encode("utf-8-sig")


# --- the web forms ----------------------------------------------------------------------------------


def _posts(random: Random, people: Sequence[Person]) -> tuple[Post, ...]:
    posts = []
    for number, person in enumerate(people):
        # People fill in forms in the evening as well as at work; to the second, so that no two come at once.
        after = timedelta(
            days=random.randrange(POSTED_WITHIN.days), seconds=random.randrange(8 * 3600, 22 * 3600)
        )
        fields = {
            "_id": f"post-{number}",
            "name": person.name,
            "email": person.email,
            "phone": written_phone(random, person),
            "company": person.company,
            "city": person.town,
            "country": person.country.code,
            "interest": person.interest,
            "budget": person.budget,
            "start": person.start,
            "role": person.role,
            "goal": person.goal,
            "employees": person.employees,
            "message": person.remark,
            "language": person.country.language,
            "consent": "marketing" if person.consent else "",
        }
        known = {name: value for name, value in fields.items() if value}
        posts.append(Post(after, "contact", json.dumps(known, ensure_ascii=False).encode()))
        if person.temper is Temper.BROWSER and random.random() < 0.1:
            # A second click on "send", a moment later: the same delivery.
            posts.append(Post(after + timedelta(seconds=2), "contact", posts[-1].body))
    return tuple(sorted(posts, key=lambda post: (post.after, post.body)))
