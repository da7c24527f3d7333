"""What people typed, in its one usable form."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.ingest.companies import (
    business_domain,
    clean_company,
    clean_website,
    company_key,
    legal_form,
    own_domain,
)
from nurture.ingest.emails import clean_email
from nurture.ingest.names import join_name, kindly, names_differ, split_name
from nurture.ingest.normalise import typed
from nurture.ingest.phones import clean_phone
from nurture.ingest.places import clean_country, clean_locale, clean_timezone
from nurture.ingest.text import fold, is_placeholder, repaired

# --- text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Jürgen", "Café € 5", "Zoë’s “Æble”", "Łódź"])
@pytest.mark.parametrize("times", [1, 2])
def test_text_that_was_encoded_twice_is_repaired(text: str, times: int) -> None:
    spoiled = text
    for _ in range(times):
        spoiled = "".join(_as_cp1252(byte) for byte in spoiled.encode())
    assert repaired(spoiled) == text


def _as_cp1252(byte: int) -> str:
    """As browsers do: the five bytes that mean nothing in cp1252 go through unchanged."""
    return chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252")


@given(st.text(alphabet="abc ÄÖÜäöüßéèêëïçñø€’", max_size=30))
def test_sound_text_is_left_alone(text: str) -> None:
    assert repaired(text) == text


def test_folding_forgets_case_accents_and_punctuation() -> None:
    assert fold("  E-Mail-Adreßé! ") == "e mail adresse"


@pytest.mark.parametrize("text", ["n/a", "N.v.t.", "-", "???", "Unknown", "test", "k.A."])
def test_a_placeholder_is_no_answer(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("5.0", 5.0),
        ("-2.5", -2.5),
        ("007", "007"),
        ("1.10", "1.10"),
        ("0612", "0612"),
        ("true", True),
    ],
)
def test_only_what_is_exactly_a_number_becomes_one(text: str, value: object) -> None:
    assert typed(text) == value
    assert type(typed(text)) is type(value)


# --- e-mail -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" An@Example.COM ", "an@example.com"),
        ("Jan Jansen <jan@x.nl>", "jan@x.nl"),
        ("mailto:jan@x.nl.", "jan@x.nl"),
        ("jan @ x.nl", "jan@x.nl"),
        ("a@b.nl; c@d.nl", "a@b.nl"),
        ("jan@bücher.de", "jan@xn--bcher-kva.de"),
        ("o'brien+tag@x.co.uk", "o'brien+tag@x.co.uk"),
    ],
)
def test_a_usable_address_comes_out_plain(text: str, address: str) -> None:
    assert clean_email(text) == (address, None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("n/a", "placeholder"),
        ("test@test", "placeholder"),
        ("test@test.nl", "placeholder"),
        ("x@x.nl", "placeholder"),
        ("jan@jansen", "malformed"),
        ("jan..p@x.nl", "malformed"),
        ("jan@x_y.nl", "malformed"),
        ("jan@host.local", "malformed"),
        ("bel maar", "malformed"),
        ("x@mailinator.com", "disposable"),
        ("no-reply@x.nl", "no_reply"),
    ],
)
def test_an_unusable_address_has_a_reason(text: str, code: str) -> None:
    assert clean_email(text) == (None, code)


@pytest.mark.parametrize(("length", "expected"), [(254, None), (255, "too_long")])
def test_an_address_has_at_most_254_characters(length: int, expected: str | None) -> None:
    address = "@".join(("a" * (length - 192), f"{'b' * 61}." * 3 + "an.nl"))
    assert len(address) == length
    assert clean_email(address) == (None if expected else address, expected)


def test_an_address_beside_a_long_name_is_found() -> None:
    assert clean_email(f"{'An ' * 100}<an@wit.nl>") == ("an@wit.nl", None)


def test_a_role_address_can_be_used_and_is_flagged() -> None:
    assert clean_email("Info@x.nl") == ("info@x.nl", "role_address")


@given(st.text(max_size=40) | st.emails())
def test_a_cleaned_address_is_clean(text: str) -> None:
    address, _ = clean_email(text)
    assert address is None or clean_email(address)[0] == address


# --- telephone --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("06-12345678", "NL", "+31612345678"),
        ("+31 (0)6 1234 5678", "NL", "+31612345678"),
        ("0031612345678", "DE", "+31612345678"),
        ("(020) 123 45 67", "NL", "+31201234567"),
        ("0171/1234567", "DE", "+491711234567"),
        ("06 12345678 / 020 1234567", "NL", "+31612345678"),
        ("+1 416-555-0123", "NL", "+14165550123"),
    ],
)
def test_numbers_become_e164(text: str, region: str, number: str) -> None:
    assert clean_phone(text, region) == (number, None)


@pytest.mark.parametrize("text", ["0000000000", "1234", "bel mij", "+31 999"])
def test_what_is_no_number_has_a_reason(text: str) -> None:
    assert clean_phone(text, "NL") == (None, "malformed")


@given(
    st.sampled_from(["NL", "BE", "DE", "FR", "GB", "IT", "US"]),
    st.sampled_from(["0", "00", "+31", "+32", "+49", "+33", "+44", "+39", "+1", ""]),
    st.text("0123456789", min_size=5, max_size=11),
)
def test_the_quick_way_answers_like_the_library(region: str, prefix: str, digits: str) -> None:
    text = (prefix + digits).replace("00", "+", 1) if prefix == "00" else prefix + digits
    try:
        parsed = phonenumbers.parse(text, region)
        valid = phonenumbers.is_valid_number(parsed)
    except phonenumbers.NumberParseException:
        valid = False
    expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None
    if not text.startswith("00"):
        assert clean_phone(text, region)[0] == expected


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "full", "first", "last"),
    [
        ("An", "An", "An", None),
        ("Jan Jansen", "Jan Jansen", "Jan", "Jansen"),
        ("JAN VAN DEN BERG", "Jan van den Berg", "Jan", "van den Berg"),
        ("jan jansen", "Jan Jansen", "Jan", "Jansen"),
        ("Jansen, Piet", "Piet Jansen", "Piet", "Jansen"),
        ("Berg, Jan van den", "Jan van den Berg", "Jan", "van den Berg"),
        ("Ronald McDonald", "Ronald McDonald", "Ronald", "McDonald"),
        ("RONALD MCDONALD", "Ronald McDonald", "Ronald", "McDonald"),
        ("SHAUN O'BRIEN", "Shaun O'Brien", "Shaun", "O'Brien"),
        ("JEAN-PIERRE LE GOFF", "Jean-Pierre le Goff", "Jean-Pierre", "le Goff"),
        ("VAN 'T HOFF", "Van 't Hoff", None, "Van 't Hoff"),
        ("Dr. Anna Maria Schmidt", "Anna Maria Schmidt", "Anna Maria", "Schmidt"),
        ("Piet Jansen MSc", "Piet Jansen", "Piet", "Jansen"),
        ("王伟", "王伟", "王伟", None),
    ],
)
def test_a_name_is_split_and_written_kindly(
    text: str, full: str, first: str | None, last: str | None
) -> None:
    name = split_name(text)
    assert name is not None
    assert (name.full, name.first, name.last) == (full, first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("n/a", "-", "an@example.com", "0612345678", "https://x.nl", "<b>x</b>"),
        *("test123", "Test 1", "A1B2C3", "x 12", "7927b2df-8bba-4d29-b9a2-b6e0beafc620"),
    ],
)
def test_what_is_no_name_gives_none(text: str) -> None:
    assert split_name(text) is None


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ('Café "Zoë"', 'Café "Zoë"'),
        ('"De Zon" en "De Maan"', '"De Zon" en "De Maan"'),
        ('"Bakkerij De Zon";', "Bakkerij De Zon"),
        ('"Bakkerij  De Zon, "', "Bakkerij De Zon"),
        ('""', None),
        ('"', None),
    ],
)
def test_only_quotes_around_all_of_a_name_are_taken_off(text: str, cleaned: str | None) -> None:
    assert clean_company(text) == cleaned


@pytest.mark.parametrize(("text", "full"), [('Zoë "Zo"', 'Zoë "Zo"'), ('"Zoë Smit"', "Zoë Smit")])
def test_the_quotes_of_a_person_s_name_are_treated_alike(text: str, full: str) -> None:
    name = split_name(text)
    assert name is not None
    assert name.full == full


@pytest.mark.parametrize("text", ["Lead 660737", "Jan Jansen 2", "Jan2", "Henk de 3e", "Jansen-1"])
def test_a_name_may_have_a_number(text: str) -> None:
    name = split_name(text)
    assert name is not None
    assert name.full == text


@given(st.text(alphabet="abcdeABCDE 'é-.", min_size=1, max_size=30))
def test_kindness_needs_no_repeating(text: str) -> None:
    assert kindly(kindly(text)) == kindly(text)


def test_a_dutch_infix_stands_before_the_last_name() -> None:
    name = join_name("Jan", "van der", "Berg")
    assert name is not None
    assert (name.full, name.last) == ("Jan van der Berg", "van der Berg")


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Jan Jansen", "Piet Jansen", True),
        ("Jan Jansen", "J. Jansen", False),
        ("An", "An de Vries", False),
        ("JAN JANSEN", "Jan Jánsen", False),
        (None, "Jan", False),
    ],
)
def test_names_differ_only_when_they_can_hardly_be_one(one: str | None, other: str, differ: bool) -> None:
    assert names_differ(one, other) is differ


# --- places and companies ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("Nederland", "NL"), ("Holland", "NL"), ("duitsland", "DE"), ("Österreich", "AT")),
        *(("be", "BE"), ("NLD", "NL"), ("United Kingdom", "GB"), ("Atlantis", None)),
    ],
)
def test_a_country_is_known_by_its_names_in_three_languages(text: str, code: str | None) -> None:
    assert clean_country(text) == code


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Nederlands", "nl"),
        ("Deutsch", "de"),
        ("english", "en"),
        ("nl_BE", "nl-BE"),
        ("EN-us", "en-US"),
        ("qq", None),
    ],
)
def test_a_language_becomes_a_tag(text: str, tag: str | None) -> None:
    assert clean_locale(text) == tag


def test_only_real_time_zones_count() -> None:
    assert (clean_timezone("Europe/Amsterdam"), clean_timezone("Europe/Atlantis")) == (
        "Europe/Amsterdam",
        None,
    )


@pytest.mark.parametrize(
    "name", ["Jansen B.V.", "JANSEN BV", "jansen b.v", "Jansen", "V.O.F. Jansen", "Jansen SL"]
)
def test_legal_forms_do_not_make_another_company(name: str) -> None:
    assert company_key(name) == "jansen"


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Jansen B.V.", "Jansen besloten vennootschap", False),
        ("Jansen N.V.", "Jansen S.A.", False),
        ("Jansen BVBA", "Jansen SRL", False),
        ("Jansen B.V.", "Jansen N.V.", True),
        ("Jansen GmbH", "Jansen GmbH & Co. KG", True),
        ("Jansen GmbH", "Jansen Ltd", True),
        ("Jansen Ltd", "Jansen LLP", True),
    ],
)
def test_legal_forms_tell_two_companies_of_one_name_apart(one: str, other: str, differ: bool) -> None:
    forms = legal_form(one), legal_form(other)
    assert forms[0] is not None
    assert forms[1] is not None
    assert (forms[0].differs_from(forms[1]), forms[1].differs_from(forms[0])) == (differ, differ)


def test_a_name_without_a_legal_form_tells_none() -> None:
    assert legal_form("Bakkerij Jansen") is None


def test_a_company_of_legal_words_only_keeps_them() -> None:
    assert company_key("The Company") == "the company"


def test_a_company_whose_key_no_index_could_hold_has_none() -> None:
    assert company_key("\ufdfa" * 150) is None


def test_a_host_that_is_longer_than_any_can_be_is_none() -> None:
    host = "a." * 123 + "wit.nl"
    assert (own_domain(host), own_domain("a." + host)) == ("wit.nl", None)


def test_a_social_network_is_nobodys_company() -> None:
    assert clean_website("facebook.com/jansen") == ("https://facebook.com/jansen", None)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.jansen.nl", "jansen.nl"),
        ("shop.jansen.co.uk", "jansen.co.uk"),
        ("co.uk", None),
        ("a.b.example", "b.example"),
    ],
)
def test_the_registered_domain_counts(host: str, domain: str | None) -> None:
    assert own_domain(host) == domain


@pytest.mark.parametrize(
    "domain", ["gmail.com", "gmial.com", "gmaol.com", "hotmaill.nl", "outloook.com", "gmail.co", "zigo.nl"]
)
def test_free_mail_tells_no_company_nor_when_it_is_mistyped(domain: str) -> None:
    assert business_domain(f"jan@{domain}") is None


@pytest.mark.parametrize("domain", ["ziggy.nl", "yazoo.com", "planets.nl", "hello.at", "outlet.com"])
def test_a_firm_that_is_nearly_called_like_free_mail_is_one(domain: str) -> None:
    assert business_domain(f"jan@{domain}") == domain
