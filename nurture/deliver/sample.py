"""Somebody made up, to see a mail before there is anybody to get it: a full record, or hardly more than an
address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from nurture.core.model import Account, Contact, Stage, Value
from nurture.store.outbox import Recipient

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_PEOPLE = {
    "nl": ("Annelies", "van der Berg", "Bakkerij Van der Berg", "eigenaar", "Utrecht", "NL"),
    "de": ("Katharina", "Schönfeld", "Schreinerei Schönfeld", "Inhaberin", "Münster", "DE"),
    "fr": ("Élodie", "Lefèvre", "Menuiserie Lefèvre", "gérante", "Lille", "FR"),
    "en": ("Harriet", "Ashworth", "Ashworth & Sons Bakery", "owner", "Leeds", "GB"),
}


class Anything(Mapping[str, Value]):
    """Answers in which every question was answered."""

    def __init__(self, given: Mapping[str, Value]) -> None:
        self._given = given

    def __getitem__(self, question: str) -> Value:
        return self._given.get(question, "5-10k")

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def made_up(locale: str, *, stage: Stage = Stage.ORIENTATION, sparse: bool = False) -> Recipient:
    """A contact who knows the language of `locale`; a `sparse` one has an address and nothing else."""
    if sparse:
        return Recipient(Contact(0, _BEGINNING, email="info@example.com", locale=locale, stage=stage), None)
    first, last, company, role, city, country = _PEOPLE.get(locale.partition("-")[0], _PEOPLE["en"])
    contact = Contact(
        0,
        _BEGINNING,
        email="made-up@example.com",
        phone="+31201234567",
        name=f"{first} {last}",
        first_name=first,
        last_name=last,
        company=company,
        job_title=role,
        city=city,
        country=country,
        locale=locale,
        interests=("website", "webshop"),
        answers=Anything({}),
        stage=stage,
    )
    account = Account(
        0, name=company, domain="bakery.example", country=country, region=city, sector="retail", employees=12
    )
    return Recipient(contact, account)
