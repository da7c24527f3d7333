"""The enricher `country_from_phone`: a telephone number in E.164 begins with its country."""

from __future__ import annotations

from collections.abc import Sequence

from nurture import Enricher, Enrichment, Lead, hookimpl

API_VERSION = 1


class CountryFromPhone:
    """Fills `country`. People keep their number when they move, so it is not quite sure."""

    name = "country_from_phone"
    gives = ("country",)

    def enrich(self, leads: Sequence[Lead]) -> Sequence[Enrichment | None]:
        return [_enrichment(lead.phone) if lead.phone and not lead.country else None for lead in leads]


@hookimpl
def register_enrichers() -> list[Enricher]:
    return [CountryFromPhone()]


def _enrichment(phone: str) -> Enrichment | None:
    region = _region(phone)
    if region is None:
        return None
    return Enrichment({"country": region}, 0.8, f"the telephone number begins with that of {region}")


def _region(phone: str) -> str | None:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # slow to import, and every command loads plugins

    for length in (1, 2, 3):
        code = phone[1 : 1 + length]
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code)) if code.isdecimal() else None
        if regions is not None:
            return regions[0] if len(regions) == 1 and regions[0] != "001" else _by_number(phone)
    return None


def _by_number(phone: str) -> str | None:
    """For codes that several countries share (+1, +44), the whole number decides."""
    import phonenumbers

    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return None
    return region if region and len(region) == 2 else None
