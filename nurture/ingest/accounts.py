"""Which company each person works for: found or made by business domain, or by the company's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nurture.core.addresses import country_of_domain, domain_of
from nurture.core.alike_firms import Firms, firm_names_alike
from nurture.core.model import Lead
from nurture.core.provenance import ALL_ELSE, Origin, may_replace, origin_of
from nurture.ingest.companies import business_domain, company_key, legal_form
from nurture.ingest.merge import Changes
from nurture.store.people import Company

_NAMED = ("sector", "region", "country", "employees")

OriginOf = Callable[[str], Origin]
"""Where the value of a lead's field came from."""


class Accounts:
    """The accounts of one batch: known ones, and those that it makes."""

    def __init__(self, known: Iterable[Company]) -> None:
        self.new: list[Company] = []
        self.changed: dict[int, Company] = {}
        self._by_id: dict[int, Company] = {}
        self._by_domain: dict[str, Company] = {}
        self._by_key: dict[str, list[Company]] = {}
        for company in known:
            self._by_id[company.id] = company
            self._index(company)

    def link(
        self, lead: Lead, said: str | None, account_id: int | None, origin: OriginOf
    ) -> tuple[Company | None, Changes]:
        """The company of a lead, and what the lead changed in it.

        `said` is the name that the person gave, where `lead.company` may be an enricher's guess;
        `account_id` is the account they belong to until now.
        """
        domain, key = domain_of_lead(lead), company_key(said) if said else None
        country = lead.country or country_of_domain(domain_of(lead.email or ""))
        company = self._find(domain, said, country, self._by_id.get(account_id or 0))
        if company is None:
            if domain is None and key is None:
                return None, {}
            company = Company(name=said or lead.company, name_key=key, domain=domain)
            company.origins[ALL_ELSE] = Origin(origin("account.").record)
            _note(company, "name", origin("company"))
            self._index(company)
            self.new.append(company)
            self._fill(company, lead, origin)
            return company, {}
        changes = self._fill(company, lead, origin)
        if said and company.name_key is None:
            # Until now the name was a guess, or there was none.
            self._set(company, "name", said, changes, origin("company"))
            company.name_key = key
        elif said and key == company.name_key and legal_form(said) and not legal_form(company.name or ""):
            # The full name: it tells this firm from others that are called the same.
            self._set(company, "name", said, changes, origin("company"))
        if domain and company.domain is None:
            self._set(company, "domain", domain, changes, origin("company_domain"))
        if changes:
            self._index(company)
            if company.id:
                self.changed[company.id] = company
        return company, changes

    def _find(
        self, domain: str | None, said: str | None, country: str | None, current: Company | None
    ) -> Company | None:
        """By domain; else the one they are of; else by name, if neither country nor legal form is another."""
        if domain and domain in self._by_domain:
            return self._by_domain[domain]
        key = company_key(said) if said else None
        if current is not None and _may_still_be(current, domain, said):
            return current
        for company in self._by_key.get(key, ()) if key else ():
            home = company.country or country_of_domain(company.domain or "")
            at_home = None in (country, home) or country == home
            if at_home and _may_be(company, domain, key) and not _has_another_form(company, said):
                return company
        return None

    def _fill(self, company: Company, lead: Lead, origin: OriginOf) -> Changes:
        changes: Changes = {}
        for name, value in lead.account.items():
            told = origin(f"account.{name}")
            present = getattr(company, name) if name in _NAMED else company.facts.get(name)
            if told.is_found and not may_replace(present, origin_of(name, company.origins), told):
                continue
            if name in _NAMED:
                self._set(company, name, value, changes, told)
            elif name not in ("name", "domain") and present != value:
                changes[f"account.{name}"] = [present, value]
                company.facts[name] = value
                _note(company, name, told)
        if company.country is None and lead.country:
            self._set(company, "country", lead.country, changes, origin("country"))
        return changes

    def _set(self, company: Company, name: str, value: Any, changes: Changes, origin: Origin) -> None:
        before = getattr(company, name)
        if before != value:
            setattr(company, name, value)
            changes[f"account.{name}"] = [before, value]
            _note(company, name, origin)

    def _index(self, company: Company) -> None:
        if company.domain:
            self._by_domain.setdefault(company.domain, company)
        if company.name_key:
            named = self._by_key.setdefault(company.name_key, [])
            if all(company is not other for other in named):
                named.append(company)
        for domain, key in company.also:
            if domain:
                self._by_domain.setdefault(domain, company)
            if key:
                self._by_key.setdefault(key, []).append(company)


def _note(company: Company, name: str, origin: Origin) -> None:
    """Keeps where a value came from, where that is not where all else came from."""
    company.origins.pop(name, None)
    if origin_of(name, company.origins) != origin:
        company.origins[name] = origin


def _may_be(company: Company, domain: str | None, key: str | None) -> bool:
    """Whether neither its domain nor its name says that it is another one."""
    if (domain, key) in company.also or (domain is None and key in {also for _, also in company.also}):
        return True
    return (domain is None or company.domain is None) and (key is None or company.name_key in (None, key))


def _has_another_form(company: Company, said: str | None) -> bool:
    """Whether legal forms tell two companies of one name apart: a B.V. and an N.V."""
    one, other = legal_form(company.name or ""), legal_form(said or "")
    return one is not None and other is not None and one.differs_from(other)


def _may_still_be(company: Company, domain: str | None, said: str | None) -> bool:
    """The same of the one that somebody is of: they may have written its name in another way this time."""
    key = company_key(said) if said else None
    if _has_another_form(company, said):
        return False
    if _may_be(company, domain, key):
        return True
    if company.name_key is None or key is None or (domain and company.domain not in (None, domain)):
        return False
    return firm_names_alike(company.name_key, key) is not Firms.OTHER


def domain_of_lead(lead: Lead) -> str | None:
    """The domain of the company that a lead works for."""
    return lead.company_domain or business_domain(lead.email)


def wanted_accounts(leads: Sequence[tuple[Lead, str | None]]) -> tuple[set[str], set[str]]:
    """The domains and the name keys under which the accounts of these leads may stand."""
    domains = {domain for lead, _ in leads if (domain := domain_of_lead(lead))}
    keys = {key for _, said in leads if said and (key := company_key(said))}
    return domains, keys
