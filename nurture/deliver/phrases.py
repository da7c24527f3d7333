"""What makes a subject read like advertising that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

PHRASES = {
    "en": (
        "100% free", "act now", "as seen on", "be your own boss", "best price", "buy now", "cash bonus",
        "cheap", "click here", "congratulations", "dear friend", "don't delete", "don't miss out",
        "double your", "earn money", "exclusive deal", "extra income", "for free", "free gift", "free money",
        "guaranteed", "last chance", "limited time", "lowest price", "make money", "once in a lifetime",
        "only today", "order now", "prize", "risk-free", "special promotion", "this is not spam", "urgent",
        "while stocks last", "winner", "you have won", "you have been selected",
    ),
    "nl": (
        "100% gratis", "alleen vandaag", "bestel nu", "beste prijs", "de laagste prijs", "dit is geen spam",
        "dringend", "eenmalige kans", "extra inkomen", "extra korting", "geen risico", "gefeliciteerd",
        "gegarandeerd", "geld verdienen", "goedkoop", "gratis", "je bent geselecteerd", "je hebt gewonnen",
        "klik hier", "koop nu", "laatste kans", "mis het niet", "nu kopen", "op is op", "prijswinnaar",
        "speciale aanbieding", "spoed", "u bent geselecteerd", "u heeft gewonnen", "verdien geld",
        "zolang de voorraad strekt",
    ),
}  # fmt: skip
"""By language; those of English hold everywhere."""

_CAPITALS = re.compile(r"\b[^\W\d_a-zà-ÿ]{4,}\b")


def like_spam(subject: str, language: str) -> Iterator[str]:
    """What is wrong with a subject, in words."""
    low = subject.lower()
    for phrase in dict.fromkeys((*PHRASES.get(language, ()), *PHRASES["en"])):
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", low):
            yield f"says “{phrase}”"
    if subject.count("!") > 1:
        yield f"has {subject.count('!')} exclamation marks"
    letters = [letter for letter in subject if letter.isalpha()]
    if len(letters) >= 8 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters):
        yield "is written in capitals"
    elif len(_CAPITALS.findall(subject)) > 1:
        yield "shouts: " + ", ".join(_CAPITALS.findall(subject))
    if re.search(r"[$€£]{2,}", subject):
        yield "has a row of money signs"


NOTHING_SAYING = frozenset(
    {"click here", "here", "click", "read more", "more", "this link", "link", "learn more", "go", "this page"}
    | {
        "klik hier",
        "hier",
        "klik",
        "lees meer",
        "meer",
        "deze link",
        "meer weten",
        "ga",
        "deze pagina",
        "lees verder",
    }
    | {"hier klicken", "weiterlesen", "mehr", "cliquez ici", "ici", "en savoir plus", "lire la suite"}
)
"""Texts of links that do not say where they lead."""
