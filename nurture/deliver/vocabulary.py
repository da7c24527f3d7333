"""What a template may speak of, in words: for the reference. A test holds that nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture.deliver.templates import BUILT_IN

VARIABLES: Mapping[str, str] = {
    "contact": "the reader: see its fields",
    "account": "the reader's company: see its fields",
    "answers": 'what the reader answered, by question: `answers.budget`, `answers.get("some question")`',
    "firm": "who sends: `[firm]` of `nurture.toml`",
    "words": "the words of the locale: `templates/LOCALE/words.yaml`",
    "stage": "`orientation`, `comparison` or `decision`",
    "campaign": "the campaign's name",
    "step": "the step's id",
    "unsubscribe_url": "where one click ends the mails of this purpose; every mail prints it",
    "preferences_url": "where the reader chooses what we write about, and how often",
    "confirm_url": "where the reader confirms a consent; only in `consent/confirm`, the mail that asks",
    "purpose": "what the mail is about, as `[consent.purposes]` calls it in the reader's language",
    "preheader": "the preheader, written out; not in subject and preheader themselves",
}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "name": "full name",
        "first_name": "",
        "last_name": "",
        "email": "there for everybody who gets a mail",
        "phone": "in the international form",
        "company": "as they wrote it themselves",
        "job_title": "",
        "city": "",
        "country": "two letters: NL",
        "locale": "language: nl, nl-BE",
        "interests": "a list",
        "answers": "the same as `answers`",
    },
    "account": {
        "name": "",
        "domain": "of its mail addresses",
        "country": "two letters",
        "region": "",
        "sector": "",
        "employees": "a number",
        "facts": "what else is known, by name: `account.facts.revenue`",
    },
    "firm": {
        "name": "",
        "address": "the postal address; every mail prints it",
        "website": "",
        "phone": "",
        "email": "",
    },
}
"""By variable; any of `contact` and `account` may be unknown, but for the address of the contact."""

FILTERS: Mapping[str, str] = {
    "default": "or `d`: what stands for something unknown; `or` does the same",
    "urlencode": "for a value in an address: `?city={{ contact.city|urlencode }}`",
    "web_address": "for a value that is an address: `#` where it would be a script. In href and src it is "
    "there of itself",
    "upper": "", "lower": "", "capitalize": "", "title": "", "trim": "without white space around it",
    "truncate": "`truncate(40)`: shortened, with …", "replace": '`replace("a", "b")`',
    "striptags": "without elements", "wordcount": "how many words", "string": "as text",
    "escape": "or `e`: escaped; values are of themselves", "safe": "for `words.…` only: HTML of your own",
    "join": '`contact.interests|join(", ")`', "length": "or `count`", "first": "", "last": "", "list": "",
    "sort": "", "reverse": "", "unique": "", "min": "", "max": "", "sum": "", "items": "of a table of values",
    "map": "", "select": "", "reject": "", "selectattr": "", "rejectattr": "",
    "int": "", "float": "", "abs": "", "round": "`round(2)`: at most ten digits",
}  # fmt: skip
"""Filters are Jinja's, but for `web_address`; one that is not here does not exist."""

ALIASES = {"d": "default", "e": "escape", "count": "length"}
"""Short names of filters, told with the long one."""

MACROS_FILE = "nurture/macros.html"
_MACRO = re.compile(
    r"\{#-? (?P<about>[^#]+?) -?#\}\s*\{% macro (?P<name>\w+)\((?P<signature>.*?)\) -?%\}", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro that every workspace has."""

    name: str
    signature: str
    about: str


def macros() -> Iterator[Macro]:
    """The macros of `nurture/macros.html`, with what is said above each."""
    source = (BUILT_IN / MACROS_FILE).read_text(encoding="utf-8")
    for found in _MACRO.finditer(source):
        yield Macro(found["name"], found["signature"], " ".join(found["about"].split()))
