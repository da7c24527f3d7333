"""The source `xlsx`: the first sheet of a workbook (also .xls, .xlsb, .ods), whatever its name is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from nurture import Payload, Record, Source, SourceError, Unreadable, hookimpl, table_records

API_VERSION = 1


class XlsxFiles:
    """Reads workbooks. Whole numbers are written without a point, dates as ISO 8601."""

    name = "xlsx"
    media_types = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
    )
    extensions = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

    def read(self, payload: Payload) -> Iterator[Record | Unreadable]:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        try:
            sheet = CalamineWorkbook.from_filelike(payload.stream).get_sheet_by_index(0)
        except PasswordError as error:
            raise SourceError(
                f"{payload.name} is protected with a password", hint="save it without a password"
            ) from error
        except (CalamineError, OSError, IndexError) as error:
            raise SourceError(
                f"{payload.name} is not a workbook that can be read: {error}",
                hint="open it in a spreadsheet program and save it as .xlsx or .csv",
            ) from error
        rows = ((number, [_text(cell) for cell in row]) for number, row in enumerate(sheet.iter_rows(), 1))
        yield from table_records(rows, payload.name)


@hookimpl
def register_sources() -> list[Source]:
    return [XlsxFiles()]


Cell = str | float | int | bool | datetime | date | time | timedelta


def _text(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            # A date cell that was formatted with a time has midnight in it.
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case _:
            return str(cell)
