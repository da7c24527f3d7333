"""The source `csv`: text files with separated columns, as spreadsheets and CRM systems write them.

Read as a stream, so a file may be far larger than memory. What cannot be told from the file for certain is
decided in favour of losing nothing: a line that is not UTF-8 is read as cp1252, and a quote that is never
closed costs its own line, not the rest of the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import math
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from nurture import Payload, Record, Source, SourceError, Unreadable, hookimpl, table_records

API_VERSION = 1

SAMPLE_BYTES = 65_536
SAMPLE_LINES = 50
LONGEST_LINE = 1_048_576
LONGEST_RECORD_LINES = 1_000
DELIMITERS = ",;\t|"
QUOTE = '"'

_SEPARATOR_TOLD = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_OTHER_FORMATS = {
    b"PK\x03\x04": ("an Excel workbook", "import it with the source xlsx"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "import it with the source xlsx"),
    b"%PDF": ("a PDF", "export the table itself as CSV"),
}


class CsvFiles:
    """Reads comma, semicolon, tab and pipe separated files in UTF-8, UTF-16 and cp1252."""

    name = "csv"
    media_types = ("text/csv", "text/tab-separated-values")
    extensions = (".csv", ".tsv", ".txt")

    def read(self, payload: Payload) -> Iterator[Record | Unreadable]:
        sample = payload.stream.read(SAMPLE_BYTES)
        payload.stream.seek(0)
        for magic, (what, hint) in _OTHER_FORMATS.items():
            if sample.startswith(magic):
                raise SourceError(f"{payload.name} is {what}, not a CSV file", hint=hint)
        lines = _Lines(_text_lines(payload.stream, sample))
        yield from table_records(_rows(lines), payload.name)


@hookimpl
def register_sources() -> list[Source]:
    return [CsvFiles()]


# --- bytes to lines ---------------------------------------------------------------------------------

_TOO_LONG = ""
"""Stands for a line longer than LONGEST_LINE; no real line is empty, since each has its end."""


def _text_lines(stream: BinaryIO, sample: bytes) -> Iterator[str]:
    """The file's lines with their ends, without a byte order mark."""
    if encoding := _utf16(sample):
        return _wrapped(stream, encoding)
    if sample.startswith(codecs.BOM_UTF8):
        stream.seek(len(codecs.BOM_UTF8))
    if b"\n" not in sample and b"\r" in sample:
        # Lines end in CR alone (Excel for Mac): such files are old, short, and of one encoding throughout.
        return _wrapped(stream, "utf-8" if _is_utf8(sample) else "cp1252")
    return _decoded(stream)


def _utf16(sample: bytes) -> str | None:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = sample[0:2000:2], sample[1:2000:2]
    # Without a mark: plain letters have a zero in every other byte, and no other text has.
    if odd.count(0) > 0.6 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.6 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _wrapped(stream: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
                while (rest := text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                    pass
                line = _TOO_LONG
            yield line
    finally:
        text.detach()


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """Decodes line by line: real exports are UTF-8 with a few pasted lines of cp1252 in between."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield _TOO_LONG
            continue
        try:
            yield line.decode()
        except UnicodeDecodeError:
            yield _cp1252(line)


def _cp1252(line: bytes) -> str:
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        # Five bytes mean nothing in cp1252; latin-1 gives every byte a character, so nothing is lost.
        return line.decode("latin-1")


# --- lines to rows ----------------------------------------------------------------------------------


class _Lines:
    """The lines with their numbers, of which some can be put back; remembers what one record has taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._back: deque[str] = deque()
        self.number = 0
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._lines)
        if "\0" in line:
            # Padding from a program written in C: it means nothing, and no database stores it.
            line = line.replace("\0", "") or "\n"
        self.number += 1
        self.taken.append(line)
        return line

    def record(self, first: str) -> Iterator[str]:
        """The lines of one record. Raised when it goes on for longer than any real record: csv.Error."""
        yield first
        for line in self:
            if line == _TOO_LONG or len(self.taken) > LONGEST_RECORD_LINES:
                raise csv.Error("the record does not end")
            yield line

    def put_back(self, start: int) -> None:
        """Gives back what this record has taken from its line number `start` (0 is the first) on."""
        back = self.taken[start:]
        self._back.extendleft(reversed(back))
        self.number -= len(back)
        self.taken.clear()


def _rows(lines: _Lines) -> Iterator[tuple[int, list[str]] | Unreadable]:
    delimiter = _delimiter(lines)
    for line in lines:
        start = lines.number
        if line == _TOO_LONG:
            yield Unreadable(f"the line is longer than {LONGEST_LINE:,} bytes", start)
        elif QUOTE not in line:
            # Most lines: nothing is quoted, so the delimiter separates and nothing else matters.
            yield start, line.rstrip("\r\n").split(delimiter)
        elif (cells := _quoted(line, lines, delimiter)) is not None:
            yield start, cells
        else:
            lines.put_back(1)
            yield Unreadable('a quote (") is opened and not closed properly', start, line.rstrip("\r\n"))
        lines.taken.clear()


def _quoted(line: str, lines: _Lines, delimiter: str) -> list[str] | None:
    """The cells of a record that begins with `line`; None where its quotes make no sense."""
    # Strict, so that a quote which is closed by accident far below is noticed by what follows it.
    reader = csv.reader(lines.record(line), delimiter=delimiter, strict=True)
    try:
        return next(reader)
    except csv.Error:
        if len(lines.taken) > 1 or line.count(QUOTE) % 2:
            return None
    try:
        # One line with text around a closed quote: Excel takes it, and nothing is lost.
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return None


def _delimiter(lines: _Lines) -> str:
    """What separates the cells: as `sep=` says, else what splits the first lines most evenly."""
    sample = list(itertools.islice(lines, SAMPLE_LINES))
    lines.put_back(0)
    if sample and (told := _SEPARATOR_TOLD.fullmatch(sample[0].rstrip("\r\n"))):
        next(lines)
        lines.taken.clear()
        return told[1]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: list[str], delimiter: str) -> float:
    """How well `delimiter` explains the sample: the share of rows as wide as the first, more for wider."""
    try:
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0.0
    if not rows:
        return 0.0
    width = len(rows[0])
    return sum(len(row) == width for row in rows) / len(rows) * math.log(width)
