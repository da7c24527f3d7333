from __future__ import annotations

import io

from python_calamine import CalamineWorkbook

from nurture.demo.xlsx import workbook

ROWS = [("Naam", "Tel."), ("Zoë & <Co>", 612345678), ("", "030 123")]


def test_a_workbook_holds_what_was_written() -> None:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook(ROWS))).get_sheet_by_index(0)
    assert sheet.to_python() == [["Naam", "Tel."], ["Zoë & <Co>", 612345678.0], ["", "030 123"]]


def test_the_same_rows_are_the_same_bytes() -> None:
    assert workbook(ROWS) == workbook(ROWS)
