"""The channel `csv`: a file a notice, once, whole, and without formulas."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from nurture import HandoverChannel, NoticeKind
from nurture.testing.suites_handover import HandoverChannelSuite, example_notice
from plugins.csv_drop import COLUMNS, CsvDrop


def drop(folder: Path) -> CsvDrop:
    return CsvDrop(folder / "handovers")


class TestCsvDrop(HandoverChannelSuite):
    make = staticmethod(drop)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "handovers").glob("*.csv"))


def row(file: Path) -> dict[str, str]:
    (read,) = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    return read


def test_a_notice_is_one_row_with_all_columns(tmp_path: Path) -> None:
    drop(tmp_path).notify(example_notice(key="handover-12-csv"))
    (file,) = files(tmp_path)
    read = row(file)
    assert (file.name, tuple(read)) == ("handover-12_handover-12-csv.csv", COLUMNS)
    assert (read["name"], read["event"], read["for_email"], read["fit"]) == (
        "An de Vries",
        "opened",
        "sanne@example.com",
        "40",
    )
    assert read["answer_by"] == "2026-03-02T13:30:00+00:00"


@pytest.mark.parametrize(
    "evil", ["=HYPERLINK(1)", "@SUM(1)", "+1+cmd|' /C calc'!A0", "-1+1", "\t=1", '=1";"=2', "=1\n=2"]
)
def test_no_cell_is_a_formula(tmp_path: Path, evil: str) -> None:
    drop(tmp_path).notify(example_notice(name=evil))
    read = row(files(tmp_path)[0])
    assert read["name"].startswith("'")
    assert not [cell for cell in read.values() if cell.startswith(("=", "@", "\t"))]


@pytest.mark.parametrize("evil", ["An;=HYPERLINK(1)", 'An;" =1', "An\n@SUM(1)", "An\t+1+1", "\n=1"])
def test_no_formula_appears_where_the_file_is_parted_at_semicolons(tmp_path: Path, evil: str) -> None:
    drop(tmp_path).notify(example_notice(name=evil))
    text = files(tmp_path)[0].read_text(encoding="utf-8-sig")
    pieces = [piece.strip(' "') for piece in re.split(r"[;\t\r\n]", text)]
    assert not [piece for piece in pieces if piece.startswith(("=", "@", "+", "-"))]


def test_a_telephone_number_stays_one(tmp_path: Path) -> None:
    drop(tmp_path).notify(example_notice())
    assert row(files(tmp_path)[0])["phone"] == "+31201234567"


def test_the_same_notice_again_is_not_written_again_even_when_it_was_taken(tmp_path: Path) -> None:
    drop(tmp_path).notify(example_notice())
    files(tmp_path)[0].unlink()
    outcome = drop(tmp_path).notify(example_notice())
    assert (outcome.done, outcome.reply, files(tmp_path)) == (True, "written before", [])


def test_a_reminder_is_a_row_of_its_own(tmp_path: Path) -> None:
    for kind in (NoticeKind.OPENED, NoticeKind.REMINDER):
        drop(tmp_path).notify(example_notice(kind, key=f"handover-12-csv-{kind}"))
    assert [row(file)["event"] for file in files(tmp_path)] == ["opened", "reminder"]


def test_a_withdrawal_takes_away_what_lies_there_and_says_to_erase(tmp_path: Path) -> None:
    channel = drop(tmp_path)
    channel.notify(example_notice())
    channel.notify(example_notice(NoticeKind.WITHDRAWN, key="handover-12-gone"))
    (file,) = files(tmp_path)
    read = row(file)
    assert (read["event"], read["name"], read["subject"]) == ("withdrawn", "", "Erase: Hand-over 12")


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    drop(tmp_path).notify(example_notice(key="../../etc/passwd"))
    assert [path.parent.name for path in tmp_path.rglob("*.csv")] == ["handovers"]


def test_what_is_not_whole_does_not_look_like_a_csv_file(tmp_path: Path) -> None:
    drop(tmp_path).notify(example_notice())
    assert not [path for path in tmp_path.rglob("*") if path.suffix not in (".csv", "") and path.is_file()]


def test_a_folder_that_cannot_be_used_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "handovers").write_text("a file")
    channel: HandoverChannel = drop(tmp_path)
    outcome = channel.notify(example_notice())
    assert (outcome.done, outcome.again) == (False, True)
