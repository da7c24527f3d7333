"""What can be told from an address alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from nurture.core.addresses import FREE_MAIL, country_of_domain, is_mistyped_free_mail


@st.composite
def slips(draw: st.DrawFn) -> str:
    """Outlook's domain with one slip of the fingers."""
    meant = "outlook.com"
    place = draw(st.integers(0, len(meant) - 2))
    letter = draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    swapped = meant[:place] + meant[place + 1] + meant[place] + meant[place + 2 :]
    left_out, added = meant[:place] + meant[place + 1 :], meant[:place] + letter + meant[place:]
    return draw(st.sampled_from([swapped, left_out, added, meant[:place] + letter + meant[place + 1 :]]))


@given(slips())
def test_one_slip_makes_no_company_of_free_mail(domain: str) -> None:
    assert OSA.distance(domain, "outlook.com") <= 1
    assert is_mistyped_free_mail(domain) is (domain not in FREE_MAIL)


@given(st.from_regex(r"[a-z]{4,12}\.(nl|com|de)", fullmatch=True))
def test_two_slips_make_another_domain(domain: str) -> None:
    near = [known for known in FREE_MAIL if OSA.distance(domain, known) <= 1]
    assert near or not is_mistyped_free_mail(domain)


@pytest.mark.parametrize(
    ("domain", "country"),
    [("jansen.nl", "NL"), ("jansen.co.uk", "GB"), ("jansen.com", None), ("jansen.io", None), ("", None)],
)
def test_an_ending_tells_the_country_unless_it_is_sold_as_a_word(domain: str, country: str | None) -> None:
    assert country_of_domain(domain) == country
