"""Every record lies in the inbox once, and nothing is lost on the way there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import openpyxl
import pytest

from nurture.core.model import Record, Unreadable
from nurture.errors import MappingError, SourceError
from nurture.ingest import receive as receiving
from nurture.ingest.mapping_file import read_mapping
from nurture.store import inbox, schema
from tests.ingest.conftest import Desk

LEADS = "Naam;E-mail\nAn;an@jansen.nl\nBo;bo@bakker.nl\n"


def test_every_record_waits_in_the_inbox_before_anything_judges_it(desk: Desk) -> None:
    receipt = desk.receive(LEADS)
    assert (receipt.received, receipt.new, receipt.duplicate) == (2, 2, 0)
    assert [row["fields"] for row in desk.rows(schema.inbox)] == [
        {"Naam": "An", "E-mail": "an@jansen.nl"},
        {"Naam": "Bo", "E-mail": "bo@bakker.nl"},
    ]


def test_the_same_file_again_adds_nothing(desk: Desk) -> None:
    desk.bring(LEADS)
    again = desk.bring(LEADS)
    assert (again.received, again.new, again.duplicate) == (2, 0, 2)
    assert len(desk.contacts()) == 2


def test_rows_that_differ_only_in_their_line_are_one(desk: Desk) -> None:
    receipt = desk.receive(LEADS + "An;an@jansen.nl\n")
    assert (receipt.new, receipt.duplicate) == (2, 1)


def test_the_order_of_columns_and_empty_ones_make_no_new_record(desk: Desk) -> None:
    desk.receive(LEADS)
    assert desk.receive("E-mail;Extra;Naam\nan@jansen.nl;;An\n").duplicate == 1


def test_two_deliveries_with_one_key_are_one(desk: Desk) -> None:
    desk.receive(b"name=An&_id=1", source="webform", media_type="", name="quote")
    receipt = desk.receive(b"name=Bo&_id=1", source="webform", media_type="", name="quote")
    assert receipt.duplicate == 1


def test_the_same_post_within_the_hour_is_one(desk: Desk) -> None:
    desk.receive(b"name=An", source="webform", media_type="", name="quote")
    desk.clock.advance(timedelta(minutes=59))
    assert desk.receive(b"name=An", source="webform", media_type="", name="quote").duplicate == 1


def test_the_same_form_sent_again_later_is_another_signal_of_the_same_person(desk: Desk) -> None:
    desk.bring(b"name=An&email=an@wit.nl", source="webform", media_type="", name="quote")
    desk.clock.advance(timedelta(days=30))
    desk.bring(b"name=An&email=an@wit.nl", source="webform", media_type="", name="quote")
    assert (len(desk.contacts()), len(desk.rows(schema.signal))) == (1, 2)


def test_the_same_words_in_two_forms_are_two_posts(desk: Desk) -> None:
    desk.receive(b"name=An", source="webform", media_type="", name="quote")
    assert desk.receive(b"name=An", source="webform", media_type="", name="brochure").new == 1


def test_a_key_is_one_delivery_however_late_it_comes_again(desk: Desk) -> None:
    desk.receive(b"name=An&_id=1", source="webform", media_type="", name="quote")
    desk.clock.advance(timedelta(days=30))
    assert desk.receive(b"name=An&_id=1", source="webform", media_type="", name="quote").duplicate == 1


def test_a_file_is_the_same_whenever_it_comes_again(desk: Desk) -> None:
    desk.receive(LEADS)
    desk.clock.advance(timedelta(days=30))
    assert desk.receive(LEADS).duplicate == 2


def test_all_posts_of_one_form_are_one_import(desk: Desk) -> None:
    first = desk.receive(b"name=An", source="webform", media_type="", name="quote")
    second = desk.receive(b"name=Bo", source="webform", media_type="", name="quote")
    other = desk.receive(b"name=Bo", source="webform", media_type="", name="brochure")
    assert first.import_id == second.import_id != other.import_id


def test_what_cannot_be_read_is_kept_with_its_line_and_reason(desk: Desk) -> None:
    receipt = desk.receive(LEADS + "a;b;c;d\n")
    assert receipt.unreadable == ((4, "4 cells where the header has 2 columns"),)
    (row,) = [row for row in desk.rows(schema.inbox) if row["state"] == inbox.UNREADABLE]
    assert (row["line"], row["raw"]) == (4, "a\tb\tc\td")


def test_figures_add_up_when_the_same_unreadable_row_comes_again(desk: Desk) -> None:
    desk.bring(LEADS + "a;b;c;d\n")
    again = desk.bring(LEADS + "a;b;c;d\nCo;co@jansen.nl\n")
    outcome = desk.intake.outcome(again.import_id)
    assert (again.received, again.new, again.duplicate, again.unreadable_count) == (4, 1, 3, 0)
    assert (outcome.received, outcome.new, outcome.duplicate, outcome.unreadable_count) == (4, 1, 3, 0)


def test_text_that_no_database_stores_is_kept_without_its_nul(desk: Desk) -> None:
    desk.receive('{"name": "An\\u0000a", "x": "\\ud83d"}', source="webform")
    (row,) = desk.rows(schema.inbox)
    assert row["fields"] == {"name": "Ana", "x": "?"}


def test_a_file_of_several_batches_comes_in_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "BATCH", 7)
    told: list[int] = []
    rows = "".join(f"P{number};p{number}@jansen.nl\n" for number in range(20))
    payload = receiving.Payload(io.BytesIO(f"Naam;E-mail\n{rows}".encode()), "leads.csv")
    receipt = desk.intake.receive("csv", payload, progress=told.append)
    assert (receipt.new, told) == (20, [7, 14, 20])
    assert [row["line"] for row in desk.rows(schema.inbox)] == list(range(2, 22))


def test_what_was_read_before_a_source_failed_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "BATCH", 2)

    def failing() -> Iterator[Record | Unreadable]:
        for number in range(5):
            yield Record({"n": str(number)}, number)
        raise SourceError("the disk is gone")

    payload = receiving.Payload(io.BytesIO(), "x")
    with pytest.raises(SourceError):
        receiving.receive(desk.store, "csv", payload, failing(), None, desk.clock.now())
    assert len(desk.rows(schema.inbox)) == 4


def test_a_file_that_cannot_be_read_leaves_no_import_behind(desk: Desk) -> None:
    with pytest.raises(SourceError):
        desk.receive("")
    assert desk.rows(schema.imports) == []


def test_a_workbook_called_csv_is_read_as_what_it_is_and_said_so(desk: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(("Naam", "E-mail"))  # type: ignore[union-attr]  # a new workbook has a sheet
    book.active.append(("An", "an@jansen.nl"))  # type: ignore[union-attr]  # as above
    content = io.BytesIO()
    book.save(content)
    receipt = desk.bring(content.getvalue())
    assert receipt.source == "xlsx"
    assert "read with the source xlsx" in receipt.notice
    assert desk.contact()["email"] == "an@jansen.nl"


def test_an_unknown_source_is_answered_with_what_there_is(desk: Desk) -> None:
    with pytest.raises(SourceError, match="did you mean csv"):
        desk.receive(LEADS, source="csvv")


def test_a_mapping_of_a_column_that_is_not_there_is_refused_before_anything_is_stored(desk: Desk) -> None:
    mapping = read_mapping("fields:\n  name: Name\n  email: E-mial\n", "map.yaml")
    with pytest.raises(
        MappingError, match=r"map\.yaml:2:3: leads\.csv has no column 'Name'; did you mean Naam"
    ):
        desk.receive(LEADS, mapping)
    assert desk.rows(schema.inbox) == []


def test_the_outcome_counts_what_became_of_each(desk: Desk) -> None:
    receipt = desk.bring(LEADS + ";co@jansen.nl\nDe Wit;\na;b;c\nAn;an@jansen.nl\nAnna;an@jansen.nl\n")
    assert desk.intake.outcome(receipt.import_id).as_json() == {
        "received": 7,
        "new": 5,
        "duplicate": 1,
        "contacts": 3,
        "junk": {"no name": 1, "no email or phone": 1},
        "unreadable": [{"line": 6, "reason": "3 cells where the header has 2 columns"}],
    }


def test_the_inbox_can_be_listed_by_state_and_reason(desk: Desk) -> None:
    desk.bring(LEADS + ";co@jansen.nl\nDe Wit;\n")
    with desk.store.read() as connection:
        junk = inbox.listed(connection, state=inbox.JUNK)
        nameless = inbox.listed(connection, reason="no name")
    assert [item.line for item in junk] == [5, 4]
    assert [item.fields for item in nameless] == [{"Naam": "", "E-mail": "co@jansen.nl"}]


def test_the_inbox_is_counted_by_source_state_and_reason(desk: Desk) -> None:
    desk.bring(LEADS + ";co@jansen.nl\n")
    with desk.store.read() as connection:
        assert set(inbox.counts(connection)) == {
            ("csv", inbox.CONTACT, None, 2),
            ("csv", inbox.JUNK, "no name", 1),
        }


def test_what_waits_is_counted_no_further_than_asked(desk: Desk) -> None:
    desk.receive(LEADS)
    with desk.store.read() as connection:
        assert (inbox.count_new(connection, 1), inbox.count_new(connection, 10)) == (1, 2)
        assert inbox.oldest_new(connection) == desk.clock.now()
    desk.sort()
    with desk.store.read() as connection:
        assert inbox.oldest_new(connection) is None
