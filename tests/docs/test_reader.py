"""The reader notices what a document promises and a program does not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.reader import a_reader, commands_of, first_missing


def test_a_line_that_is_not_printed_is_missed() -> None:
    assert first_missing(("one", "three"), "one\ntwo\n") == "three"


def test_lines_in_another_order_are_missed() -> None:
    assert first_missing(("two", "one"), "one\ntwo\n") == "one"


def test_a_line_of_which_only_a_part_is_printed_is_missed() -> None:
    assert first_missing(("sent 2",), "mails sent 2 today\n") == "sent 2"


def test_dates_and_versions_and_widths_are_not_compared() -> None:
    shown = ("2026-03-02 09:15  sent   welcome@0a1b2c3d …",)
    assert first_missing(shown, "2031-12-24 23:59 sent welcome@ffffffff at last\n") is None


def test_a_heredoc_and_a_continued_line_belong_to_their_command() -> None:
    text = "$ cat > a <<'EOF'\n$ not a command\nEOF\n$ echo \\\n  two\nshown\n"
    assert [(each.text, each.shown) for each in commands_of(text)] == [
        ("cat > a <<'EOF'\n$ not a command\nEOF", ()),
        ("echo \\\n  two", ("shown",)),
    ]


def test_a_command_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    document = _document(tmp_path, "```console\n$ mkdir deeper && cd deeper\n$ basename $PWD\ndeeper\n```\n")
    with a_reader(tmp_path) as reader:
        assert reader.follow(document) == 2


@pytest.mark.parametrize(
    "text",
    ["```console\n$ false\n```\n", "```console fails\n$ true\n```\n", "```console\n$ echo a\nb\n```\n"],
)
def test_a_command_that_does_otherwise_is_noticed(text: str, tmp_path: Path) -> None:
    with a_reader(tmp_path) as reader, pytest.raises(AssertionError, match=r"document\.md:1"):
        reader.follow(_document(tmp_path, text))


def test_a_block_that_is_never_closed_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="never closed"):
        blocks_of(_document(tmp_path, "```console\n$ true\n"))


def _document(folder: Path, text: str) -> Path:
    file = folder / "document.md"
    file.write_text(text, encoding="utf-8")
    return file
