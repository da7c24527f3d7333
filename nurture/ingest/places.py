"""Countries, languages and time zones, as people name them in English, Dutch and German."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from nurture.ingest.text import fold

_TOLD_IN = ("en", "nl", "de")
_ALSO_COUNTRIES = {
    "holland": "NL",
    "the netherlands": "NL",
    "die niederlande": "NL",
    "uk": "GB",
    "great britain": "GB",
    "groot brittannie": "GB",
    "grossbritannien": "GB",
    "england": "GB",
    "engeland": "GB",
    "scotland": "GB",
    "wales": "GB",
    "usa": "US",
    "u s a": "US",
    "amerika": "US",
    "america": "US",
    "brd": "DE",
    "belgique": "BE",
    "suisse": "CH",
    "espana": "ES",
    "italia": "IT",
    "polska": "PL",
    "czech republic": "CZ",
    "tsjechie": "CZ",
    "turkey": "TR",
}
_ALSO_LANGUAGES = {"vlaams": "nl", "flemish": "nl", "engels": "en", "espanol": "es", "francais": "fr"}
_LOCALE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{2}))?(?:\.[\w-]+)?", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def clean_country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country's name, or of its two- or three-letter code; None where it is none."""
    return _countries().get(fold(text))


@lru_cache(maxsize=4_096)
def clean_locale(text: str) -> str | None:
    """A language tag (`nl`, `nl-BE`) of a language's name or tag; None where it is none."""
    if named := _languages().get(fold(text)):
        return named
    tag = _LOCALE.fullmatch(text.strip())
    if tag is None or tag[1].lower() not in _language_codes():
        return None
    region = _countries().get(tag[2].lower()) if tag[2] else None
    return f"{tag[1].lower()}-{region}" if region else tag[1].lower()


@lru_cache(maxsize=1_024)
def clean_timezone(text: str) -> str | None:
    """An IANA zone's name as it is; None where there is no such zone."""
    return text.strip() if text.strip() in _zones() else None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _TOLD_IN:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(fold(name), code)
                found[code.lower()] = code
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
            found.setdefault(alias.lower(), codes[0])
    return found | _ALSO_COUNTRIES


@cache
def _language_codes() -> frozenset[str]:
    return frozenset(_languages().values())


@cache
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in _TOLD_IN:
        for code, name in Locale(language).languages.items():
            if code.isalpha() and len(code) <= 3:
                found.setdefault(fold(name), code)
    return found | _ALSO_LANGUAGES
