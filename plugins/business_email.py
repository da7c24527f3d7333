"""The rule `business_email(contact.email)`: whether an address is at a company's own domain."""

from __future__ import annotations

from functools import cache

from nurture import Rule, Value, domain_of, hookimpl, is_business_domain

API_VERSION = 1


class BusinessEmail:
    """Unknown without an address; false for free-mail, disposable and reserved domains."""

    name = "business_email"
    words = "has a business e-mail address"

    def answer(self, *arguments: Value) -> bool | None:
        if len(arguments) != 1 or not isinstance(arguments[0], str) or "@" not in arguments[0]:
            return None
        domain = domain_of(arguments[0])
        return is_business_domain(domain) and domain not in _disposable()


@hookimpl
def register_rules() -> list[Rule]:
    return [BusinessEmail()]


@cache
def _disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
