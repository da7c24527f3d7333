"""What people call their columns: field → names in English, Dutch and German, the surest first.

Names are folded (`text.fold`): small letters, no accents, no punctuation. Where two columns of a file fit one
field, the one that stands earlier here is asked first, and the other when that one is empty.
"""

from __future__ import annotations

INFIX = "infix"
CONSENT = "consent"
EXTERNAL_ID = "external_id"

NAMES: dict[str, tuple[str, ...]] = {
    "email": (
        *(
            "email",
            "e mail",
            "mail",
            "email address",
            "e mail address",
            "mail address",
            "emailadres",
            "e mailadres",
        ),
        *(
            "e mail adres",
            "email adres",
            "mailadres",
            "e mail adresse",
            "email adresse",
            "emailadresse",
            "mailadresse",
        ),
        *("work email", "business email", "zakelijk e mailadres", "email 1", "e mail 1", "primary email"),
        *("email address 1", "e mail 1 value", "contact email", "your email", "uw e mail", "uw e mailadres"),
        *("private email", "email 2", "e mail 2"),
    ),
    "phone": (
        *(
            "mobile",
            "mobile phone",
            "mobile number",
            "mobiel",
            "mobiele telefoon",
            "mobiel nummer",
            "mobielnummer",
        ),
        *(
            "gsm",
            "gsm nummer",
            "handy",
            "handynummer",
            "mobil",
            "mobiltelefon",
            "mobilnummer",
            "cell",
            "cell phone",
        ),
        *(
            "phone",
            "phone number",
            "telephone",
            "telephone number",
            "tel",
            "tel nr",
            "telnr",
            "phone 1 value",
        ),
        *("telefoon", "telefoonnummer", "tel nummer", "telefon", "telefonnummer", "rufnummer", "telefon nr"),
        *(
            "business phone",
            "work phone",
            "zakelijk telefoonnummer",
            "telefon geschaftlich",
            "contact number",
        ),
        *("phone 2", "mobile 2", "telefoon 2", "home phone"),
    ),
    "name": (
        *(
            "full name",
            "name",
            "contact name",
            "contact",
            "contact person",
            "your name",
            "volledige naam",
            "naam",
        ),
        *("contactpersoon", "uw naam", "vollstandiger name", "kontakt", "kontaktname", "ansprechpartner"),
        *("ansprechpartnerin", "lead name", "person"),
    ),
    "first_name": (
        *(
            "first name",
            "firstname",
            "given name",
            "forename",
            "first",
            "voornaam",
            "roepnaam",
            "vorname",
            "rufname",
        ),
    ),
    INFIX: ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "infix", "namenszusatz"),
    "last_name": (
        *("last name", "lastname", "surname", "family name", "last", "achternaam", "familienaam", "nachname"),
        *("familienname", "zuname"),
    ),
    "company": (
        *(
            "company",
            "company name",
            "organisation",
            "organization",
            "organisation name",
            "organization name",
        ),
        *("account name", "employer", "firm", "business name", "bedrijf", "bedrijfsnaam", "naam bedrijf"),
        *("organisatie", "firma", "firmenname", "unternehmen", "unternehmensname", "organisation 1 name"),
        *("organization 1 name",),
    ),
    "job_title": (
        *(
            "job title",
            "jobtitle",
            "position",
            "job",
            "job role",
            "function",
            "functie",
            "functietitel",
            "funktion",
        ),
        *("berufsbezeichnung", "stellenbezeichnung", "organization 1 title"),
    ),
    "website": (
        *("website", "web site", "url", "homepage", "web", "company website", "website url", "webseite"),
        *("internetseite", "internet", "webadres", "site"),
    ),
    "city": (
        "city",
        "town",
        "stad",
        "plaats",
        "woonplaats",
        "plaatsnaam",
        "vestigingsplaats",
        "ort",
        "stadt",
        "wohnort",
    ),
    "country": (
        *("country", "country code", "country region", "land", "landcode", "landnaam", "vestigingsland"),
        *("landercode", "staat"),
    ),
    "locale": (
        *(
            "language",
            "preferred language",
            "locale",
            "lang",
            "taal",
            "voorkeurstaal",
            "taalvoorkeur",
            "sprache",
        ),
        *("bevorzugte sprache", "korrespondenzsprache"),
    ),
    "timezone": ("timezone", "time zone", "tz", "tijdzone", "zeitzone"),
    "interests": (
        "interests",
        "interest",
        "interested in",
        "interesses",
        "interesse",
        "interessen",
        "interesse in",
    ),
    "account.employees": (
        *(
            "employees",
            "number of employees",
            "company size",
            "employee count",
            "no of employees",
            "headcount",
        ),
        *("aantal medewerkers", "medewerkers", "aantal werknemers", "bedrijfsgrootte", "mitarbeiter"),
        *(
            "mitarbeiterzahl",
            "anzahl mitarbeiter",
            "unternehmensgrosse",
            "num employees",
            "account employees",
        ),
    ),
    "account.sector": (
        *("industry", "sector", "account sector", "branche", "bedrijfstak", "sektor", "wirtschaftszweig"),
    ),
    "account.region": ("region", "province", "account region", "regio", "provincie", "bundesland", "kanton"),
    EXTERNAL_ID: ("external id", "uid", "lead id", "contact id", "record id", "externe id", "extern id"),
    CONSENT: ("consent", "consents", "toestemming", "einwilligung"),
}

FIELD_OF = {name: (field, rank) for field, names in NAMES.items() for rank, name in enumerate(names)}
"""Folded column name → the field it fills and how sure that is (0 is the surest)."""

ROBOT_TRAPS = frozenset({"_gotcha", "_honeypot"})
"""Fields of a web form that people do not see: who fills them in is a robot."""
