"""The bundled sources keep the contract, and read what real programs write."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from nurture import Payload, Record, SourceError, Unreadable
from nurture.testing.suites_ingest import SourceSuite
from plugins import csv_files
from plugins.csv_files import CsvFiles
from plugins.vcard_files import VcardFiles
from plugins.web_forms import WebForms
from plugins.xlsx_files import XlsxFiles

CARDS = b"""BEGIN:VCARD
VERSION:3.0
N:van der Berg;Jan;;;
FN:Jan van der Berg
ORG:Berg B.V.;Verkoop
EMAIL;TYPE=INTERNET,WORK:jan@berg.nl
EMAIL:jan@gmail.com
TEL;TYPE=CELL:+31 6 12345678
ADR;TYPE=WORK:;;Straat 1;Utrecht;;3511;Nederland
NOTE:een lange regel die
  gevouwen is
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:J\xc3\xbcrgen Gro\xc3\x9f
EMAIL:j@gross.de
TEL;VALUE=uri;TYPE=cell:tel:+49-171-1234567
END:VCARD
"""


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


class TestCsvKeepsTheContract(SourceSuite):
    source = CsvFiles()
    sample = b"Naam;E-mail\nAn;an@example.com\nBo;bo@example.com\n"


class TestXlsxKeepsTheContract(SourceSuite):
    source = XlsxFiles()
    sample = workbook(("Naam", "E-mail"), ("An", "an@example.com"), ("Bo", "bo@example.com"))


class TestVcardKeepsTheContract(SourceSuite):
    source = VcardFiles()
    sample = CARDS


class TestWebformKeepsTheContract(SourceSuite):
    source = WebForms()
    sample = b'[{"name": "An"}, {"name": "Bo"}]'
    media_type = "application/json"


def csv(content: bytes) -> list[Record | Unreadable]:
    return list(CsvFiles().read(Payload(io.BytesIO(content), "leads.csv")))


def fields(content: bytes) -> list[dict[str, str]]:
    return [dict(record.fields) for record in csv(content) if isinstance(record, Record)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_is_found(delimiter: str) -> None:
    rows = (("Naam", "Bedrag", "Plaats"), ("Jansen, An", "1.000,50", "Den Haag; ZH"), ("Bo", "5", "Ede"))
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert fields(text.encode())[0] == {"Naam": "Jansen, An", "Bedrag": "1.000,50", "Plaats": "Den Haag; ZH"}


def test_decimal_commas_do_not_hide_a_semicolon() -> None:
    assert fields(b"a;b\n1,5;2,5\n3,5;4,5\n") == [{"a": "1,5", "b": "2,5"}, {"a": "3,5", "b": "4,5"}]


def test_what_excel_says_of_the_separator_is_believed() -> None:
    assert fields(b"sep=;\na,x;b\n1;2\n") == [{"a,x": "1", "b": "2"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    text = "Voornaam;Plaats\nJürgen;Köln\nZoë;Ede\n"
    assert fields(text.encode(encoding))[0] == {"Voornaam": "Jürgen", "Plaats": "Köln"}


def test_a_pasted_line_of_cp1252_is_read_in_a_file_of_utf8() -> None:
    assert [row["n"] for row in fields(b"n;m\nJ\xc3\xbcrgen;1\nJ\xfcrgen;2\n")] == ["Jürgen", "Jürgen"]


def test_lines_that_end_in_a_carriage_return_alone_are_lines() -> None:
    assert fields(b"a\tb\r1\t2\r3\t4\r") == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_record_has_the_line_on_which_it_begins() -> None:
    records = csv(b'a,b\n"one\ntwo\nthree",x\n\n4,5\n')
    assert [record.line for record in records] == [2, 6]


def test_an_unclosed_quote_costs_only_its_own_line() -> None:
    rows = b"".join(b"%d,x\n" % number for number in range(3000))
    records = csv(b'a,b\n1,"ok"\n2,"open\n' + rows)
    assert [record.line for record in records if isinstance(record, Unreadable)] == [3]
    assert len(records) == 3002


def test_a_quote_that_a_later_one_closes_by_accident_costs_only_its_own_line() -> None:
    records = csv(b'a,b\n"open,1\n3,4\n"x, y",5\n6,7\n')
    assert [(type(record).__name__, record.line) for record in records] == [
        ("Unreadable", 2),
        ("Record", 3),
        ("Record", 4),
        ("Record", 5),
    ]


def test_text_around_a_quoted_part_is_kept() -> None:
    assert fields(b'a,b\nfoo "bar" x,2\n"foo" bar,3\n') == [
        {"a": 'foo "bar" x', "b": "2"},
        {"a": "foo bar", "b": "3"},
    ]


def test_a_row_with_too_many_cells_is_unreadable_with_its_text() -> None:
    (piece,) = csv(b"a,b\n1,2,3\n")
    assert piece == Unreadable("3 cells where the header has 2 columns", 2, "1\t2\t3")


def test_too_many_empty_cells_are_no_matter() -> None:
    assert fields(b"a,b\n1,2,,\n") == [{"a": "1", "b": "2"}]


def test_missing_cells_are_empty() -> None:
    assert fields(b"a,b,c\n1\n") == [{"a": "1", "b": "", "c": ""}]


def test_columns_without_a_name_or_with_the_same_get_one_of_their_own() -> None:
    assert fields(b"a,a,,b\n1,2,3,4\n") == [{"a": "1", "a (2)": "2", "column 3": "3", "b": "4"}]


def test_nul_bytes_vanish_and_the_rest_stays() -> None:
    assert fields(b"a,b\n1\x00\x00,2\n") == [{"a": "1", "b": "2"}]


def test_a_line_without_end_is_unreadable_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_files, "LONGEST_LINE", 1_000)
    records = csv(b"a,b\n" + b"x" * 10_000 + b"\n1,2\n")
    assert [(type(record).__name__, record.line) for record in records] == [("Unreadable", 2), ("Record", 3)]


def test_a_header_alone_is_no_record() -> None:
    assert csv(b"a,b\n") == []


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_with_what_is_expected(content: bytes) -> None:
    with pytest.raises(SourceError, match="empty") as caught:
        csv(content)
    assert "first row" in caught.value.hint


def test_a_file_without_a_header_is_refused() -> None:
    with pytest.raises(SourceError, match="the first row holds data"):
        csv(b"An,an@example.com\nBo,bo@example.com\n")


def test_a_workbook_called_csv_is_named_as_what_it_is() -> None:
    with pytest.raises(SourceError, match="an Excel workbook"):
        csv(workbook(("a",), ("b",)))


def test_csv_is_streamed() -> None:
    class Endless(io.RawIOBase):
        """A file that never ends: reading it whole would never come back."""

        start = io.BytesIO(b"a,b\n" + b"1,2\n" * 50_000)

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            return self.start.seek(offset, whence)

        def readinto(self, buffer: Any) -> int:
            if not (chunk := self.start.read(len(buffer))):
                raise AssertionError("read further than it was asked to")
            buffer[: len(chunk)] = chunk
            return len(chunk)

    records = CsvFiles().read(Payload(io.BufferedReader(Endless()), "endless.csv"))
    assert isinstance(next(records), Record)


def test_numbers_and_dates_of_a_workbook_read_as_people_write_them() -> None:
    content = workbook(
        ("n", "m", "d", "t", "b"), (3, 2.5, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), True)
    )
    (record,) = XlsxFiles().read(Payload(io.BytesIO(content), "x.xlsx"))
    assert isinstance(record, Record)
    assert list(record.fields.values()) == ["3", "2.5", "2026-01-02", "2026-01-02 03:04:00", "true"]


def test_the_line_in_a_workbook_is_its_row() -> None:
    content = workbook((), ("a", "b"), (), ("1", "2"))
    (record,) = XlsxFiles().read(Payload(io.BytesIO(content), "x.xlsx"))
    assert record.line == 4


def test_what_is_no_workbook_is_refused_with_advice() -> None:
    with pytest.raises(SourceError, match="not a workbook") as caught:
        list(XlsxFiles().read(Payload(io.BytesIO(b"a,b\n1,2\n"), "x.xlsx")))
    assert "save it as" in caught.value.hint


def cards(content: bytes) -> list[Record | Unreadable]:
    return list(VcardFiles().read(Payload(io.BytesIO(content), "fair.vcf")))


def test_a_card_of_version_3_gives_its_parts() -> None:
    card = cards(CARDS)[0]
    assert isinstance(card, Record)
    assert dict(card.fields) == {
        "First name": "Jan",
        "Last name": "van der Berg",
        "Name": "Jan van der Berg",
        "Company": "Berg B.V.",
        "Department": "Verkoop",
        "Email": "jan@berg.nl",
        "Email 2": "jan@gmail.com",
        "Mobile": "+31 6 12345678",
        "Street": "Straat 1",
        "Postcode": "3511",
        "City": "Utrecht",
        "Country": "Nederland",
        "Note": "een lange regel die gevouwen is",
    }


def test_a_card_of_version_4_gives_its_telephone_number() -> None:
    card = cards(CARDS)[1]
    assert isinstance(card, Record)
    assert card.fields["Mobile"] == "+49-171-1234567"


def test_quoted_printable_of_old_telephones_is_read() -> None:
    (card,) = cards(
        b"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =\nM=C3=BCller\n"
        b"TEL;CELL:0171 234\nEND:VCARD\n"
    )
    assert isinstance(card, Record)
    assert card.fields == {"Name": "Jörg Müller", "Mobile": "0171 234"}


def test_a_broken_card_is_kept_and_the_next_is_read() -> None:
    broken = b"BEGIN:VCARD\nVERSION:3.0\nthis is no line\nEND:VCARD\n"
    first, second, _ = cards(broken + CARDS)
    assert isinstance(first, Unreadable)
    assert (first.line, second.line) == (1, 5)
    assert isinstance(second, Record)


def test_a_card_without_an_end_does_not_swallow_the_next() -> None:
    first, second, _ = cards(b"BEGIN:VCARD\nFN:Half\n" + CARDS)
    assert isinstance(first, Unreadable)
    assert isinstance(second, Record)


def test_a_file_without_cards_is_refused() -> None:
    with pytest.raises(SourceError, match="no business cards"):
        cards(b"hello\n")


def posted(
    content: bytes, media_type: str = "application/x-www-form-urlencoded"
) -> list[Record | Unreadable]:
    return list(WebForms().read(Payload(io.BytesIO(content), "quote", media_type)))


def test_repeated_fields_of_a_form_are_joined() -> None:
    (record,) = posted(b"name=An+B%C3%B6ll&interest=website&interest=webshop&empty=")
    assert isinstance(record, Record)
    assert record.fields == {"name": "An Böll", "interest": "website, webshop", "empty": ""}


def test_the_delivery_of_a_form_is_its_key() -> None:
    (record,) = posted(b"name=An&_id=42")
    assert record == Record({"name": "An"}, 1, "42")


def test_json_is_flattened_to_text() -> None:
    (record,) = posted(b'{"a": {"b": [1, true, "x"]}, "c": null, "d": 2.5}', "application/json")
    assert isinstance(record, Record)
    assert record.fields == {"a.b": "1, true, x", "c": "", "d": "2.5"}


def test_an_entry_that_is_no_object_is_kept_as_unreadable() -> None:
    first, second = posted(b'[{"a": "1"}, 3]', "application/json")
    assert isinstance(first, Record)
    assert second == Unreadable("not an object with fields", 2, "3")


@pytest.mark.parametrize("content", [b'{"a": ', b"[" * 100_000])
def test_json_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(SourceError, match="not valid JSON"):
        posted(content, "application/json")


def test_a_form_with_endless_fields_is_refused() -> None:
    with pytest.raises(SourceError):
        posted("&".join(f"f{number}=1" for number in range(10_000)).encode())
