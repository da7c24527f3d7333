"""Which attribute of a CRM's record gets what: texts with {names} in them, filled from a notice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nurture import Dossier

_NAME = re.compile(r"\{([^{}]*)\}")

_CONTACT = (
    *("name", "first_name", "last_name", "email", "phone", "job_title", "company", "city", "country"),
    *("locale", "source", "stage"),
)
_ACCOUNT = ("name", "domain", "sector", "region", "country", "employees")
NAMES = (
    *(f"contact.{name}" for name in _CONTACT),
    *(f"account.{name}" for name in _ACCOUNT),
    *("because", "say_next", "team", "handover"),
)
"""What may stand in {braces}, beside `answers.KEY`."""

_LONG = frozenset({"description", "emailAddress", "website"})
"""Attributes that may be longer than a line."""

PERSON = {
    "firstName": "{contact.first_name}",
    "lastName": "{contact.last_name}",
    "title": "{contact.job_title}",
    "emailAddress": "{contact.email}",
    "phoneNumber": "{contact.phone}",
    "addressCity": "{contact.city}",
    "addressCountry": "{contact.country}",
    "description": "{because}\n{say_next}",
}
"""What a record gets by itself; a lead has `accountName` too."""


def unknown_names(text: str) -> list[str]:
    """The {names} in a text that there are not."""
    return [name for name in _NAME.findall(text) if name not in NAMES and not name.startswith("answers.")]


def filled(fields: Mapping[str, str], dossier: Dossier) -> dict[str, str]:
    """Attribute → value; what would be empty is left out. Lead data is filled in once: it names nothing."""
    facts = _facts(dossier)
    texts = {
        attribute: _NAME.sub(lambda found: facts.get(found[1], ""), text).strip()
        for attribute, text in fields.items()
    }
    cut = {name: text if name in _LONG else one_line(text) for name, text in texts.items()}
    return {attribute: text for attribute, text in cut.items() if text}


def one_line(text: str) -> str:
    """What a short attribute may hold: EspoCRM refuses `<`, `>` and `=` in names and titles (its pattern
    `$noBadCharacters`), and most of what is longer than 100 characters.
    """
    return " ".join("".join(" " if c in "<>=" or not c.isprintable() else c for c in text).split())[:100]


def _facts(dossier: Dossier) -> dict[str, str]:
    contact, account = dossier.contact, dossier.account
    facts: dict[str, Any] = {f"contact.{name}": getattr(contact, name) for name in _CONTACT}
    facts |= {f"account.{name}": getattr(account, name, None) for name in _ACCOUNT}
    facts |= {f"answers.{key}": value for key, value in contact.answers.items()}
    facts |= {
        "because": dossier.because,
        "say_next": dossier.say_next,
        "team": dossier.team,
        "handover": dossier.handover_id,
    }
    return {name: _said(value) for name, value in facts.items() if value not in (None, "", ())}


def _said(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)[:10_000]
