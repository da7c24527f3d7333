"""The demo's lead files, format by format, each as the program that it comes from would write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from random import Random

from nurture.demo.mess import mojibake, written_phone
from nurture.demo.world import Person
from nurture.demo.xlsx import workbook

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


def dutch_csv(random: Random, people: Sequence[Person]) -> bytes:
    """The old website's form as Excel exports it: semicolons, cp1252, Dutch, and some broken lines."""
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


def partner_list(random: Random, people: Sequence[Person]) -> bytes:
    """A partner's list as a workbook."""
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


def cards(random: Random, people: Sequence[Person]) -> bytes:
    """Business cards of two programs, vCard 3.0 and 4.0; the end of one is missing."""
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


def english_csv(random: Random, people: Sequence[Person]) -> bytes:
    """Enquiries in English: UTF-8 with a byte order mark."""
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
