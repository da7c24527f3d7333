from __future__ import annotations

from pathlib import Path

import pytest

from nurture.bundled import bundled
from nurture.core.model import Record, Unreadable
from nurture.demo.leads import LeadFiles, write_lead_files
from nurture.demo.world import make_world
from nurture.ingest.mapping import from_document
from nurture.ingest.mapping_file import load_mapping
from nurture.plug.contracts import Payload
from nurture.plug.discover import find_plugins
from nurture.plug.manager import Registry, load_plugins

SOURCES = ["csv_files", "vcard_files", "web_forms", "xlsx_files"]


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> LeadFiles:
    return write_lead_files(tmp_path_factory.mktemp("leads"), make_world(1), 1)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_plugins(SOURCES, find_plugins([bundled("plugins")]), {})


@pytest.fixture(scope="module")
def read(leads: LeadFiles, registry: Registry) -> dict[str, list[Record | Unreadable]]:
    """File name → what its source makes of it."""
    found = {}
    for file in leads.files:
        with file.path.open("rb") as stream:
            found[file.path.name] = list(registry.sources[file.source].read(Payload(stream, file.path.name)))
    return found


def test_the_same_seed_makes_the_same_bytes(leads: LeadFiles, tmp_path: Path) -> None:
    again = write_lead_files(tmp_path, make_world(1), 1)
    assert again.posts == leads.posts
    assert [file.path.read_bytes() for file in again.files] == [
        file.path.read_bytes() for file in leads.files
    ]


def test_another_seed_makes_other_bytes(leads: LeadFiles, tmp_path: Path) -> None:
    others = write_lead_files(tmp_path, make_world(2), 2)
    assert others.files[0].path.read_bytes() != leads.files[0].path.read_bytes()


def test_there_are_some_500_people_and_repetitions_in_them(
    leads: LeadFiles, read: dict[str, list[Record | Unreadable]]
) -> None:
    assert 500 < len(leads.posts) + sum(len(records) for records in read.values()) < 600


def test_the_dutch_file_is_not_utf_8(leads: LeadFiles) -> None:
    with pytest.raises(UnicodeDecodeError):
        leads.files[0].path.read_bytes().decode()


def test_a_workbook_is_called_csv(leads: LeadFiles) -> None:
    assert leads.files[1].path.suffix == ".csv"
    assert leads.files[1].path.read_bytes().startswith(b"PK")


def test_the_cards_are_of_two_versions(leads: LeadFiles) -> None:
    content = leads.files[2].path.read_text(encoding="utf-8")
    assert {"VERSION:3.0", "VERSION:4.0"} <= set(content.splitlines())


@pytest.mark.parametrize(
    ("name", "unreadable"),
    [
        ("website-aanvragen.csv", 3),
        ("partner-lijst.csv", 0),
        ("beurs-kaartjes.vcf", 1),
        ("english-enquiries.csv", 0),
    ],
)
def test_only_the_lines_that_were_broken_are_unreadable(
    read: dict[str, list[Record | Unreadable]], name: str, unreadable: int
) -> None:
    assert sum(isinstance(found, Unreadable) for found in read[name]) == unreadable


def test_every_mapping_names_columns_that_its_file_has(
    leads: LeadFiles, read: dict[str, list[Record | Unreadable]]
) -> None:
    for file in leads.files:
        columns = {
            column for found in read[file.path.name] if isinstance(found, Record) for column in found.fields
        }
        load_mapping(file.mapping).check_columns(columns, file.path.name)


def test_a_mapping_survives_being_stored(leads: LeadFiles) -> None:
    mapping = load_mapping(leads.files[0].mapping)
    assert from_document(mapping.document) == mapping


def test_the_posts_are_in_the_order_of_time(leads: LeadFiles) -> None:
    times = [post.after for post in leads.posts]
    assert times == sorted(times)


def test_some_forms_are_sent_twice(leads: LeadFiles) -> None:
    assert len({post.body for post in leads.posts}) < len(leads.posts)
