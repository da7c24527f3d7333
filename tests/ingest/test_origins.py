"""Each value's source and sureness are kept, and decide what replaces what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from nurture.core.model import Lead, Value
from nurture.core.provenance import Origin, from_document, origin_of
from nurture.plug.contracts import Enrichment
from nurture.store import schema
from tests.ingest.conftest import NOW, Desk


@dataclass
class Knows:
    """An enricher that knows the same of everybody who has an e-mail address."""

    values: Mapping[str, Value]
    confidence: float = 0.5
    name: str = "register"

    def enrich(self, leads: Sequence[Lead]) -> list[Enrichment | None]:
        return [Enrichment(self.values, self.confidence, "looked up") if one.email else None for one in leads]


class FromCity:
    """An enricher that goes by what another one found."""

    name = "from_city"

    def enrich(self, leads: Sequence[Lead]) -> list[Enrichment | None]:
        return [Enrichment({"country": "NL"}, 0.9, "by its city") if one.city else None for one in leads]


@pytest.fixture
def knowing(desk: Desk) -> Desk:
    desk.enrichers["register"] = Knows({"city": "Ede"})
    desk.enrich = ("register",)
    return desk


def origin(desk: Desk, field: str) -> Origin:
    return origin_of(field, from_document(desk.contact()["origins"]))


def firm_origin(desk: Desk, field: str) -> Origin:
    (firm,) = desk.rows(schema.account)
    return origin_of(field, from_document(firm["origins"]))


def test_what_is_said_is_kept_with_its_record(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    (item,) = desk.rows(schema.inbox)
    assert origin(desk, "name") == Origin(record=item["id"])


def test_what_is_found_is_kept_with_the_enricher_how_sure_when_and_why(knowing: Desk) -> None:
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    assert origin(knowing, "city") == Origin(None, "register", 0.5, NOW, "looked up")


def test_what_a_later_record_says_is_kept_with_that_record(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    assert origin(desk, "city") == Origin(record=desk.rows(schema.inbox)[1]["id"])


def test_what_is_said_stays_however_sure_an_enricher_is(knowing: Desk) -> None:
    knowing.enrichers["register"] = Knows({"city": "Ede"}, 1.0)
    knowing.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Wijchen\n")
    assert knowing.contact()["city"] == "Wijchen"


def test_what_is_said_replaces_what_was_found(knowing: Desk) -> None:
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    knowing.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Wijchen\n")
    assert (knowing.contact()["city"], origin(knowing, "city").is_found) == ("Wijchen", False)


def test_a_find_that_somebody_confirms_is_said(knowing: Desk) -> None:
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    knowing.bring("Naam;E-mail;Plaats\nAn Wit;an@wit.nl;Ede\n")
    assert not origin(knowing, "city").is_found


@pytest.mark.parametrize(("confidence", "city"), [(0.9, "Arnhem"), (0.4, "Ede"), (0.5, "Ede")])
def test_only_a_surer_find_replaces_a_find(knowing: Desk, confidence: float, city: str) -> None:
    knowing.enrichers["other"] = Knows({"city": "Arnhem"}, confidence, "other")
    knowing.enrich = ("register", "other")
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    assert knowing.contact()["city"] == city


def test_a_later_enricher_sees_what_an_earlier_one_found(knowing: Desk) -> None:
    knowing.enrichers["from_city"] = FromCity()
    knowing.enrich = ("register", "from_city")
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    assert knowing.contact()["country"] == "NL"


def test_what_is_found_of_a_firm_never_replaces_what_a_colleague_said(knowing: Desk) -> None:
    knowing.enrichers["register"] = Knows({"account.employees": 8}, 1.0)
    knowing.bring("Naam;E-mail;Bedrijf;Medewerkers\nAn Wit;an@wit.nl;Wit;40\n")
    knowing.bring("Naam;E-mail\nBo Wit;bo@wit.nl\n")
    (firm,) = knowing.rows(schema.account)
    assert firm["employees"] == 40


def test_what_is_found_of_a_firm_is_kept_as_found(knowing: Desk) -> None:
    knowing.enrichers["register"] = Knows({"account.employees": 8})
    knowing.bring("Naam;E-mail\nAn Wit;an@wit.nl\n")
    assert firm_origin(knowing, "employees").by == "register"


def test_a_guessed_name_of_a_firm_is_not_taken_for_one_that_was_said(desk: Desk) -> None:
    desk.bring("Naam;E-mail\nAn Wit;an@bakkerij-wit.nl\n")
    desk.bring("Naam;E-mail;Plaats\nAn Wit;an@bakkerij-wit.nl;Ede\n")
    (firm,) = desk.rows(schema.account)
    assert (firm["name"], firm["name_key"]) == ("Bakkerij Wit", None)
