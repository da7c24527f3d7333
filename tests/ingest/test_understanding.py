"""What a record's columns come to mean, by their names and by a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from nurture.core.model import ImportedSignal, Lead
from nurture.ingest.columns import NAMES
from nurture.ingest.mapping import ColumnMapping, form_mapping, from_document
from nurture.ingest.mapping_file import read_mapping
from nurture.ingest.normalise import Origin, normalise
from nurture.ingest.plan import make_plan
from nurture.ingest.text import fold

RECEIVED = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def lead(fields: Mapping[str, str], mapping: ColumnMapping | str | None = None) -> Lead:
    if isinstance(mapping, str):
        mapping = read_mapping(mapping, "map.yaml")
    plan = make_plan(tuple(fields), mapping or from_document(None))
    return normalise(fields, plan, Origin("csv", RECEIVED, "NL"))


def test_every_name_of_a_column_is_written_as_it_is_compared() -> None:
    names = [name for some in NAMES.values() for name in some]
    assert [name for name in names if fold(name) != name] == []


def test_no_name_of_a_column_means_two_fields() -> None:
    names = [name for some in NAMES.values() for name in some]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("first", "last", "email", "phone"),
    [
        ("First name", "Last Name", "E-mail", "Mobile phone"),
        ("Voornaam", "Achternaam", "E-mailadres", "Telefoonnummer"),
        ("Vorname", "Nachname", "E-Mail-Adresse", "Handy-Nr."[:5]),
        ("VORNAME", "Name", "EMAIL", "Rufnummer"),
    ],
)
def test_columns_are_known_by_their_names(first: str, last: str, email: str, phone: str) -> None:
    found = lead({first: "An", last: "Wit", email: "an@wit.nl", phone: "0612345678"})
    assert (found.first_name, found.last_name, found.email, found.phone) == (
        *("An", "Wit", "an@wit.nl"),
        "+31612345678",
    )


def test_columns_that_fit_no_field_are_answers() -> None:
    assert lead({"Wat is uw budget?": "10k+", "Aantal pagina's": "12"}).answers == {
        "wat_is_uw_budget": "10k+",
        "aantal_pagina_s": 12,
    }


def test_a_second_address_is_used_only_when_the_first_is_empty_and_kept_otherwise() -> None:
    assert lead({"E-mail 2": "b@x.nl", "E-mail": ""}).email == "b@x.nl"
    both = lead({"E-mail 2": "b@x.nl", "E-mail": "a@x.nl"})
    assert (both.email, both.answers) == ("a@x.nl", {"e_mail_2": "b@x.nl"})


def test_a_number_without_country_code_is_from_the_leads_own_country() -> None:
    assert lead({"Telefon": "0171 1234567", "Land": "Deutschland"}).phone == "+491711234567"


def test_a_number_of_employees_is_the_least_that_is_said() -> None:
    assert lead({"Aantal medewerkers": "11-50"}).account == {"employees": 11}
    assert lead({"Mitarbeiter": "ca. 1.200"}).account == {"employees": 1200}


def test_what_is_unusable_is_a_problem_with_a_code() -> None:
    found = lead({"Naam": "n/a", "E-mail": "test@test", "Tel": "12", "Land": "Atlantis", "Taal": "Elvish"})
    assert found.problems == {
        "name": "unusable",
        "email": "placeholder",
        "phone": "malformed",
        "country": "unknown",
        "locale": "unknown",
    }


def test_interests_are_split_and_small() -> None:
    assert lead({"Interesse": "Website, Webshop;SEO"}).interests == ("website", "webshop", "seo")


@pytest.mark.parametrize(
    ("said", "purposes"),
    [("ja", ("marketing",)), ("nee", ()), ("marketing, service", ("marketing", "service")), ("", ())],
)
def test_a_column_of_consent_names_purposes_or_says_yes(said: str, purposes: tuple[str, ...]) -> None:
    assert lead({"Toestemming": said}).consents == purposes


def test_fields_of_a_form_that_are_for_the_machine_are_no_answers() -> None:
    assert lead({"name": "An", "_next": "https://x.nl"}).answers == {}


def test_a_robot_falls_into_the_trap() -> None:
    assert lead({"name": "An", "_gotcha": "x"}).problems == {"record": "robot"}
    assert lead({"name": "An", "_gotcha": ""}).problems == {}


def test_a_post_of_a_form_is_a_signal_with_its_answers() -> None:
    (signal,) = lead({"name": "An", "Budget": "10k"}, form_mapping("quote")).signals
    assert signal == ImportedSignal("submitted", RECEIVED, {"form": "quote", "answers": {"budget": "10k"}})


# --- with a mapping ---------------------------------------------------------------------------------


def test_a_mapping_overrules_the_names() -> None:
    found = lead({"Name": "Firma X", "Contact": "An Wit"}, "fields: {name: Contact, company: Name}\n")
    assert (found.name, found.company) == ("An Wit", "Firma X")


def test_a_value_is_composed_from_columns() -> None:
    assert lead({"Nr": "7"}, 'fields: {email: "lead-{nr}@example.com"}\n').email == "lead-7@example.com"


def test_a_field_can_be_taken_from_nowhere() -> None:
    found = lead({"City": "Ede"}, "fields: {city: null}\n")
    assert (found.city, found.answers) == (None, {"city": "Ede"})


def test_values_are_translated_everywhere_and_in_one_column() -> None:
    found = lead(
        {"Land": "Oranje", "Stad": "Select", "Bron": "select", "Soort": "Oranje"},
        'values:\n  "*": {Select: null}\n  Land: {oranje: NL}\n',
    )
    assert (found.country, found.city, found.answers) == ("NL", None, {"soort": "Oranje"})


def test_an_external_id_has_its_system() -> None:
    assert lead({"Nr": "7"}, "external_id: {system: crm, from: Nr}\n").external_ids == (("crm", "7"),)
    assert lead({"Nr": "7"}, "external_id: Nr\n").external_ids == (("csv", "7"),)


def test_consent_is_granted_by_what_a_column_says() -> None:
    mapping = 'consent:\n  marketing: {column: Do Not Email, granted_when: ["No"]}\n'
    assert lead({"Do Not Email": "no"}, mapping).consents == ("marketing",)
    assert lead({"Do Not Email": "Yes"}, mapping).consents == ()


def test_a_column_becomes_a_dated_signal() -> None:
    mapping = "signals: [{column: Activity, value: [Clicked, Link], kind: clicked, at: Date}]\n"
    (signal,) = lead({"Activity": "link", "Date": "26-02-2018 19:58"}, mapping).signals
    assert (signal.kind, signal.at) == ("clicked", datetime(2018, 2, 26, 19, 58, tzinfo=UTC))
    assert lead({"Activity": "Opened", "Date": "26-02-2018"}, mapping).signals == ()


def test_a_signal_is_never_later_than_it_was_told() -> None:
    mapping = "signals: [{kind: visited, at: Date}]\n"
    (signal,) = lead({"Date": "2030-01-01"}, mapping).signals
    assert signal.at == RECEIVED


def test_a_signal_whose_date_makes_no_sense_is_a_problem() -> None:
    found = lead({"Date": "31-31-2018"}, "signals: [{kind: visited, at: Date}]\n")
    assert (found.signals, found.problems) == ((), {"signals": "date"})


def test_the_format_of_a_date_can_be_said() -> None:
    mapping = 'signals: [{kind: visited, at: Date, format: "%m/%d/%Y"}]\n'
    (signal,) = lead({"Date": "02/03/2026"}, mapping).signals
    assert signal.at.date().isoformat() == "2026-02-03"


def test_ignored_columns_are_no_answers() -> None:
    assert lead({"Tags": "x", "Bron": "y"}, "ignore: [Tags]\n").answers == {"bron": "y"}


def test_a_column_becomes_an_answer_of_another_name() -> None:
    found = lead({"ROL": "inkoper", "Aantal": "12"}, "answers: {role: Rol, seats: Aantal}\n")
    assert found.answers == {"role": "inkoper", "seats": 12}


def test_an_answer_is_composed_from_columns() -> None:
    mapping = 'answers: {budget: "{Min} - {Max}"}\n'
    assert lead({"Min": "5k", "Max": "10k"}, mapping).answers == {"budget": "5k - 10k"}
    assert lead({"Min": "5k", "Max": ""}, mapping).answers == {}


def test_an_answer_can_be_left_out() -> None:
    assert lead({"Tags": "x", "Bron": "y"}, "answers: {tags: null}\n").answers == {"bron": "y"}
    unused = {"E-mail": "a@x.nl", "E-mail 2": "b@x.nl"}
    assert lead(unused, "answers: {e_mail_2: null}\n").answers == {}


def test_an_answer_that_a_mapping_names_wins_over_a_column_of_that_name() -> None:
    assert lead({"Role": "x", "Rol": "y"}, "answers: {role: Rol}\n").answers == {"role": "y"}


def test_a_column_that_is_told_to_be_an_answer_fills_no_field() -> None:
    found = lead({"City": "Ede"}, "answers: {branch: City}\n")
    assert (found.city, found.answers) == (None, {"branch": "Ede"})


def test_a_name_that_a_mapping_numbers_is_a_name() -> None:
    found = lead({"Nr": "660737"}, 'fields: {name: "Lead {Nr}"}\n')
    assert (found.name, found.problems) == ("Lead 660737", {})
