"""The enricher `company_from_email_domain`: a business address tells where its owner works.

`jan@bakkerij-jansen.nl` → Bakkerij Jansen, bakkerij-jansen.nl. Never from a free-mail address.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nurture import Enricher, Enrichment, Lead, domain_of, hookimpl, is_business_domain

if TYPE_CHECKING:
    from tldextract import TLDExtract

API_VERSION = 1


class CompanyFromEmailDomain:
    """Fills `company` and `company_domain`; a company that the person named stays."""

    name = "company_from_email_domain"
    gives = ("company", "company_domain")

    def enrich(self, leads: Sequence[Lead]) -> Sequence[Enrichment | None]:
        return [_enrichment(domain_of(lead.email)) if lead.email else None for lead in leads]


@hookimpl
def register_enrichers() -> list[Enricher]:
    return [CompanyFromEmailDomain()]


@lru_cache(maxsize=8_192)
def _enrichment(domain: str) -> Enrichment | None:
    if not is_business_domain(domain):
        return None
    parts = domain.split(".")
    label, registered = parts[0], domain
    if len(parts) > 2 or len(label) < 4:
        found = _extract()(domain)
        # A suffix that the list does not know (an invented one, a new one) is taken to be the last word.
        label = found.domain if found.suffix else parts[-2]
        registered = found.top_domain_under_public_suffix or ".".join(parts[-2:])
    words = " ".join(word.capitalize() for word in label.replace("_", "-").split("-") if word)
    values = {"company": words, "company_domain": registered}
    return Enrichment(values, 0.6, f"the e-mail address is at {registered}")


@cache
def _extract() -> TLDExtract:
    # Every command loads the plugins, and this takes longer than all of them.
    from tldextract import TLDExtract

    # The list that came with the library: sorting must not wait for the network.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
