"""The bundled enrichers keep the contract, and never guess what nobody could know."""

from __future__ import annotations

import pytest

from nurture import Lead
from nurture.testing.suites_ingest import EnricherSuite
from plugins.company_from_email_domain import CompanyFromEmailDomain
from plugins.country_from_phone import CountryFromPhone


class TestCompanyFromEmailDomainKeepsTheContract(EnricherSuite):
    enricher = CompanyFromEmailDomain()
    lead = Lead(email="jan@bakkerij-jansen.nl")


class TestCountryFromPhoneKeepsTheContract(EnricherSuite):
    enricher = CountryFromPhone()
    lead = Lead(phone="+31612345678")


def company(email: str) -> tuple[object, object] | None:
    (answer,) = CompanyFromEmailDomain().enrich([Lead(email=email)])
    return answer and (answer.values["company"], answer.values["company_domain"])


def test_a_business_address_tells_the_company() -> None:
    assert company("jan@bakkerij-jansen.nl") == ("Bakkerij Jansen", "bakkerij-jansen.nl")


def test_a_mail_host_below_the_domain_is_the_same_company() -> None:
    assert company("jan@mail.jansen.co.uk") == ("Jansen", "jansen.co.uk")


@pytest.mark.parametrize("email", ["jan@gmail.com", "jan@ziggo.nl", "jan@t-online.de", "jan@example.com"])
def test_a_free_mail_address_tells_no_company(email: str) -> None:
    assert company(email) is None


@pytest.mark.parametrize(
    ("phone", "country"),
    [("+31612345678", "NL"), ("+493012345678", "DE"), ("+14165550123", "CA"), ("+447400123456", "GB")],
)
def test_a_number_tells_its_country(phone: str, country: str) -> None:
    (answer,) = CountryFromPhone().enrich([Lead(phone=phone)])
    assert answer is not None
    assert answer.values == {"country": country}


def test_a_known_country_is_not_guessed_again() -> None:
    assert list(CountryFromPhone().enrich([Lead(phone="+31612345678", country="BE")])) == [None]
