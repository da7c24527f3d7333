"""Lower case as Python has it, for PostgreSQL: its own depends on the server's locale and version.

The tables are made by asking Python, so they are those of the Python that runs: which letters become which,
and around which ones a capital sigma is a final one. PostgreSQL looks each letter of a text up by trying one
letter of the table after the other, so a text is given the shortest table that has all it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

_SIGMA, _DOTTED_I = "Σ", "İ"
_ALPHABETS = ((0x80, 0xFF), (0x80, 0x17F), (0x370, 0x3FF), (0x400, 0x42F))
"""First and last letter of those with a table of their own: western, other Latin, Greek, Cyrillic."""


class _Table(NamedTuple):
    """`upper` and the `lower` they become; `beyond` finds what changes and is not in this table."""

    upper: str
    lower: str
    beyond: str


class _Tables(NamedTuple):
    """`capitals` finds what has a lower case beyond ASCII; `short` are a table an alphabet."""

    capitals: str
    short: tuple[_Table, ...]
    whole: _Table
    final_sigma: str


def lower(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`str.lower` of a text, as an expression for PostgreSQL."""
    tables = _tables()
    # Nearly all texts are ASCII, or have no capital letter beyond it.
    ascii_only = sa.func.octet_length(text) == sa.func.length(text)
    ascii_lower = sa.func.lower(sa.collate(text, "C"))
    # One letter becomes two, and the sigma depends on its neighbours; all others go letter by letter.
    ended = sa.func.regexp_replace(ascii_lower, tables.final_sigma, "ς", "g")
    letters = sa.case((sa.func.strpos(text, _SIGMA) > 0, ended), else_=ascii_lower)
    spelt = sa.func.replace(letters, _DOTTED_I, _DOTTED_I.lower())
    return sa.case(
        # Said first: the text may be dear to reckon, and every arm would ask for it.
        (text.is_(None), sa.cast(sa.null(), sa.Text)),
        (sa.or_(ascii_only, sa.not_(text.regexp_match(tables.capitals))), ascii_lower),
        *((sa.not_(text.regexp_match(one.beyond)), _translated(letters, one)) for one in tables.short),
        else_=_translated(spelt, tables.whole),
    )


def _translated(text: sa.ColumnElement[str], table: _Table) -> sa.ColumnElement[str]:
    return sa.func.translate(text, sa.literal(table.upper, sa.Text), sa.literal(table.lower, sa.Text))


@cache
def _tables() -> _Tables:
    every = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    capitals = [one for one in every if one.lower() != one and not one.isascii()]
    short = tuple(_table(capitals, *ends) for ends in _ALPHABETS)
    return _Tables(_class(capitals), short, _table(capitals, 0, sys.maxunicode), _final_sigma(every))


def _table(capitals: Iterable[str], first: int, last: int) -> _Table:
    upper = [one for one in capitals if first <= ord(one) <= last and one != _DOTTED_I]
    beyond = set(capitals).difference(upper)
    return _Table("".join(upper), "".join(one.lower() for one in upper), _class(beyond))


def _final_sigma(every: Iterable[str]) -> str:
    """A regular expression for the sigmas that end a word: behind letters, and not before one."""
    passed = {one for one in every if f"A{one}{_SIGMA}".lower().endswith("ς")}
    before = {one for one in passed if f"{one}{_SIGMA}".lower().endswith("ς")}
    ignored = {one for one in passed if f"A{_SIGMA}{one}A".lower()[1] == "σ" and not _ends(one)}
    cased = before - ignored
    after = f"(?<={_class(cased)}{_class(ignored)}*)"
    return f"{after}{_SIGMA}(?!{_class(ignored)}*{_class(cased)})"


def _ends(letter: str) -> bool:
    """Whether a sigma before this letter is no final one: the letter itself is one that counts."""
    return f"A{_SIGMA}{letter}".lower()[1] == "σ"


def _class(letters: Iterable[str]) -> str:
    """A bracket expression for these letters, as ranges."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, letters)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return f"[{''.join(_range(*pair) for pair in ranges)}]"


def _range(first: int, last: int) -> str:
    return f"\\U{first:08x}" if first == last else f"\\U{first:08x}-\\U{last:08x}"
