"""A mapping is read as it is written, and what is wrong in it is answered with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture.errors import MappingError
from nurture.ingest.mapping import Composed, from_document
from nurture.ingest.mapping_file import load_mapping, read_mapping

WHOLE = """
fields:
  email: "lead-{Lead Number}@example.com"
  name: "{First} {Last}"
  country: Country
  city: null
account: {employees: Company size}
answers: {role: Rol, budget: "{Min} - {Max}", remarks: null}
external_id: {system: crm, from: Lead Number}
values:
  "*": {Select: null}
  Country: {Holland: NL}
interests: [website, {column: Product}]
consent:
  marketing: {column: Do Not Email, granted_when: ["No"]}
  service: true
signals:
  - {column: Last Activity, value: Email Link Clicked, kind: clicked, at: Date, format: "%d-%m-%Y"}
  - {kind: submitted, data: {form: fair}}
ignore: [Tags]
"""


def test_a_mapping_survives_being_stored() -> None:
    mapping = read_mapping(WHOLE, "map.yaml")
    assert from_document(mapping.document) == mapping


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields:\n  emial: E-mail\n", "map.yaml:2:3: there is no field 'emial'; did you mean email"),
        ("feilds: {}\n", "map.yaml:1:1: there is no part 'feilds'; did you mean fields"),
        ("fields:\n  email: [a]\n", "map.yaml:2:3: expected a text"),
        ("fields:\n  email: '{Open'\n", "map.yaml:2:3: '{Open' is no column"),
        ("fields: email\n", "map.yaml:1:1: expected `name: value` entries"),
        ("consent:\n  marketing: {column: X}\n", "map.yaml:2:3: granted_when is missing"),
        ("signals:\n  - {column: X, kind: clicked}\n", "map.yaml:2:5: column and value belong together"),
        ("signals:\n  - {column: X, value: y}\n", "map.yaml:2:5: kind is missing"),
        ("answers:\n  Your budget: B\n", "map.yaml:2:3: 'Your budget' is no name of an answer"),
        ("answers:\n  role: '{Open'\n", "map.yaml:2:3: '{Open' is no column"),
        ("anwsers: {}\n", "map.yaml:1:1: there is no part 'anwsers'; did you mean answers"),
        ("ignore: Tags\n", "map.yaml:1:1: expected a list"),
        ("fields:\n  a: b\n  a: c\n", "map.yaml:3:3: not valid YAML"),
        ("fields:\n\temail: x\n", "map.yaml:2:1: not valid YAML"),
        ("a: &x [1]\nb: *x\n", "map.yaml: aliases (*name) are not used"),
        ("", "map.yaml:1:1: the mapping is empty"),
        ("- a\n", "expected `name: value` entries"),
    ],
)
def test_what_is_wrong_has_its_place(text: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(text, "map.yaml")
    assert message in caught.value.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"there is no file .*none\.yaml"):
        load_mapping(tmp_path / "none.yaml")


def test_a_composed_text_needs_all_its_columns() -> None:
    assert Composed.of("lead-{Number}@example.com").read({"Other": "x"}) is None


def test_where_only_blanks_stand_between_what_is_there_is_enough() -> None:
    assert Composed.of("{First} {Infix} {Last}").read({"First": "An", "Last": "Wit"}) == "An Wit"


def test_a_column_of_an_answer_must_be_there() -> None:
    mapping = read_mapping("answers:\n  role: Roll\n", "map.yaml")
    with pytest.raises(
        MappingError, match=r"map\.yaml:2:3: leads\.csv has no column 'Roll'; did you mean Rol"
    ):
        mapping.check_columns(["Naam", "Rol"], "leads.csv")
