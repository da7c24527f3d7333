from __future__ import annotations

import pytest

from nurture.core.truth import compile_test
from nurture.language.conditions import parse
from nurture.language.witness import witness


def holds_together(one: str, other: str, *, never: str = "false") -> bool:
    return witness((parse(one).root, parse(other).root), (parse(never).root,)) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"website" in contact.interests', '"webshop" in contact.interests'),
        ('contact.country == "NL"', "account.employees > 5"),
        ("account.employees < 50", "account.employees >= 49"),
        ('contact.city.lower() == "ede"', 'answers.role != "student"'),
        ('contact.company.startswith("web")', "known(contact.company)"),
        ('visited("/prices") >= 3', "consent.marketing"),
        ("not known(contact.city)", 'contact.country in ["NL", "BE"]'),
    ],
)
def test_somebody_in_both_is_found(one: str, other: str) -> None:
    somebody = witness((parse(one).root, parse(other).root))
    assert somebody is not None
    assert compile_test(parse(f"({one}) and ({other})").root)(somebody)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('contact.country == "NL"', 'contact.country == "BE"'),
        ("account.employees < 50", "account.employees >= 50"),
        ('"website" in contact.interests', '"website" not in contact.interests'),
        ("known(contact.city)", "not known(contact.city)"),
    ],
)
def test_nobody_is_found_where_nobody_can_be(one: str, other: str) -> None:
    assert not holds_together(one, other)


@pytest.mark.parametrize(
    "text",
    [
        "fit >= 60",
        "engagement > 5",
        'lifecycle == "contact"',
        'clicked("welcome")',
    ],
)
def test_nothing_is_said_of_what_follows_from_other_facts(text: str) -> None:
    assert not holds_together(text, 'contact.country == "NL"')


def test_who_would_leave_at_once_is_no_example() -> None:
    website, webshop = '"website" in contact.interests', '"webshop" in contact.interests'
    assert not holds_together(website, webshop, never=webshop)
