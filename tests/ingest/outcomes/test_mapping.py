"""Which column holds what: read from YAML with its mistakes told, and applied to rows without guessing."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from nurture.core.model import Record, Result
from nurture.core.outcomes import ToldOutcome
from nurture.errors import MappingError
from nurture.ingest.outcomes.mapping import OutcomeMapping, UnusableRow
from nurture.ingest.outcomes.mapping_file import read_outcome_mapping

LEAST = "contact: {email: Mail}\nresult: won\nat: Date\n"


def mapping(text: str) -> OutcomeMapping:
    return read_outcome_mapping(text, "deals.yaml")


def told(text: str, **cells: str) -> ToldOutcome | None:
    row = {"Mail": "an@example.com", "Date": "2026-03-02T10:00", **cells}
    return mapping(text).told(Record(row, line=3), "csv")


def whole(text: str, **cells: str) -> ToldOutcome:
    found = told(text, **cells)
    assert found is not None
    return found


# --- rows -------------------------------------------------------------------------------------------


def test_a_row_says_who_what_and_when() -> None:
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert told(LEAST) == ToldOutcome(Result.WON, at, (("email", "an@example.com"),), line=3)


def test_columns_are_found_whatever_their_capitals() -> None:
    record = Record({"MAIL": "an@example.com", "date": "2026-03-02"}, 2)
    assert mapping(LEAST).told(record, "csv") is not None


@pytest.mark.parametrize(
    ("contact", "who"),
    [
        ("{external_id: Id}", ("external:csv", "7")),
        ("{external_id: {system: crm, from: 'D-{Id}'}}", ("external:crm", "D-7")),
        ("{phone: Id}", ("phone", "7")),
        ("{id: Id}", ("contact", "7")),
        ("{handover: Id}", ("handover", "7")),
    ],
)
def test_people_are_known_in_many_ways(contact: str, who: tuple[str, str]) -> None:
    found = whole(f"contact: {contact}\nresult: won\nat: Date\n", Id="7")
    assert found.who == (who,)


@pytest.mark.parametrize(
    ("said", "result"), [("Closed Won ", Result.WON), ("dead", Result.LOST), ("open", None), ("", None)]
)
def test_a_column_says_the_result_and_all_else_is_passed_over(said: str, result: Result | None) -> None:
    text = "contact: {email: Mail}\nresult: {column: Status, won: closed won, lost: [Dead, Gone]}\nat: Date\n"
    found = told(text, Status=said)
    assert (found and found.result) == result


@pytest.mark.parametrize(
    ("at", "cell", "wanted"),
    [
        pytest.param("Date", "03-02-2026 10:00", "2026-02-03T10:00:00", id="day first"),
        pytest.param("Date", "2026-03-02", "2026-03-02T23:59:59.999999", id="a day is its end"),
        pytest.param("Date", "3.2.2026", "2026-02-03T23:59:59.999999", id="a day, day first"),
        pytest.param("Date", "2026-03-02T10:00+01:00", "2026-03-02T09:00:00", id="its own zone"),
        pytest.param(
            "{column: Date, timezone: America/Sao_Paulo}",
            "2026-03-02 10:00",
            "2026-03-02T13:00:00",
            id="zone",
        ),
        pytest.param(
            '{column: Date, format: "%m/%d/%Y"}', "03/02/2026", "2026-03-02T23:59:59.999999", id="month first"
        ),
    ],
)
def test_a_time_is_read_as_the_mapping_says(at: str, cell: str, wanted: str) -> None:
    found = whole(LEAST.replace("at: Date", f"at: {at}"), Date=cell)
    assert found.at == datetime.fromisoformat(wanted).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("decimal", "cell", "wanted"),
    [
        (".", "2400", "2400"),
        (".", "2,400.50", "2400.50"),
        (".", "1'200 000.5", "1200000.5"),
        (",", "2.400,50", "2400.50"),
        (",", "2400", "2400"),
    ],
)
def test_an_amount_is_exact(decimal: str, cell: str, wanted: str) -> None:
    text = LEAST + f'value: {{column: Worth, decimal: "{decimal}"}}\ncurrency: EUR\n'
    assert whole(text, Worth=cell).value == Decimal(wanted)


@pytest.mark.parametrize("cell", ["1.200", "12,34", "EUR 5", "-5", "1e3", "５", "2.400,50", "NaN"])
def test_what_may_mean_two_things_is_no_amount(cell: str) -> None:
    with pytest.raises(UnusableRow, match=r"expected an amount like 1,200.00 \(decimal: '.'\)"):
        told(LEAST + "value: Worth\ncurrency: EUR\n", Worth=cell)


def test_without_an_amount_there_is_no_currency() -> None:
    found = whole(LEAST + "value: Worth\ncurrency: EUR\n", Worth="")
    assert (found.value, found.currency) == (None, None)


def test_the_currency_may_stand_in_a_column() -> None:
    found = whole(LEAST + "value: Worth\ncurrency: {column: Coin}\n", Worth="5", Coin="usd")
    assert found.currency == "USD"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"Date": "soon"}, "Date is 'soon', expected 2026-03-02 14:30, or day first"),
        ({"Date": ""}, "Date is '', expected 2026-03-02 14:30, or day first"),
        ({"Date": "31-02-2026"}, "Date is '31-02-2026', expected 2026-03-02 14:30, or day first"),
        ({"Mail": " "}, "it names nobody: what `contact` names is empty"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(cells: dict[str, str], problem: str) -> None:
    with pytest.raises(UnusableRow) as refused:
        told(LEAST, **cells)
    assert str(refused.value) == problem


def test_a_format_that_does_not_fit_is_named() -> None:
    with pytest.raises(UnusableRow, match="expected a time like %d-%m-%Y"):
        told(LEAST.replace("at: Date", 'at: {column: Date, format: "%d-%m-%Y"}'), Date="2026-03-02")


# --- the file ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "deals.yaml:1:1: the mapping is empty"),
        ("result: won\nat: Date\n", "deals.yaml:1:1: contact is missing"),
        ("contact: {mail: Mail}\n" + LEAST[23:], "there is no key 'mail'; did you mean email?"),
        ("contact: {}\n" + LEAST[23:], "deals.yaml:1:1: contact names no column"),
        (LEAST + "worth: Amount\n", "deals.yaml:4:1: there is no part 'worth'"),
        (LEAST.replace("won", "one"), "'one' is no result; did you mean won?"),
        (LEAST.replace("won", "{column: Status}"), "which texts mean what is missing"),
        (LEAST.replace("won", "{won: [x]}"), "deals.yaml:2:1: column is missing"),
        (LEAST.replace("at: Date", 'at: {column: Date, format: "%d-%m"}'), "'%d-%m' is no format of a date"),
        (LEAST.replace("at: Date", "at: {column: Date, timezone: Mars}"), "there is no time zone 'Mars'"),
        (LEAST + "value: Amount\n", "deals.yaml:4:1: a value needs a currency"),
        (LEAST + "value: {column: A, decimal: ;}\ncurrency: EUR\n", "';' separates no decimals"),
        (LEAST + 'value: {column: A, decimal: [","]}\ncurrency: EUR\n', "separates no decimals"),
        (LEAST + "value: A\ncurrency: euro\n", "deals.yaml:5:1: 'euro' is no currency"),
    ],
)
def test_a_mapping_that_is_wrong_says_where_and_what(text: str, problem: str) -> None:
    with pytest.raises(MappingError) as refused:
        mapping(text)
    assert problem in refused.value.message


def test_a_column_that_the_file_lacks_is_named_with_its_place() -> None:
    with pytest.raises(MappingError) as refused:
        mapping(LEAST).check_columns(["Mial", "Date"], "deals.csv")
    assert refused.value.message == "deals.yaml:1:11: deals.csv has no column 'Mail'; did you mean Mial?"
