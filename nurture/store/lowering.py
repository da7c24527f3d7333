"""Lower case as Python has it, for PostgreSQL: its own depends on the server's locale and version.

The tables are made by asking Python, so they are those of the Python that runs: which letters become which,
and around which ones a capital sigma is a final one.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

_SIGMA, _DOTTED_I = "Σ", "İ"


class _Tables(NamedTuple):
    upper: str
    lower: str
    final_sigma: str


def lower(text: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`str.lower` of a text, as an expression for PostgreSQL."""
    tables = _tables()
    # One letter becomes two; all others are a matter of letter by letter, but for the sigma.
    spelt = sa.func.replace(text, _DOTTED_I, _DOTTED_I.lower())
    ended = sa.func.regexp_replace(spelt, tables.final_sigma, "ς", "g")
    sigma = sa.func.strpos(text, _SIGMA) > 0
    letters = sa.func.translate(
        sa.case((sigma, ended), else_=spelt),
        sa.literal(tables.upper, sa.Text),
        sa.literal(tables.lower, sa.Text),
    )
    # Nearly all texts are ASCII, where the database's own is quick and right.
    ascii_only = sa.func.octet_length(text) == sa.func.length(text)
    return sa.case((ascii_only, sa.func.lower(sa.collate(text, "C"))), else_=letters)


@cache
def _tables() -> _Tables:
    letters = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    changed = [one for one in letters if len(one.lower()) == 1 and one.lower() != one]
    passed = {one for one in letters if f"A{one}{_SIGMA}".lower().endswith("ς")}
    before = {one for one in letters if f"{one}{_SIGMA}".lower().endswith("ς")}
    ignored = {one for one in passed if f"A{_SIGMA}{one}A".lower()[1] == "σ" and not _ends(one)}
    cased = before - ignored
    after = f"(?<={_class(cased)}{_class(ignored)}*)"
    return _Tables(
        "".join(changed),
        "".join(one.lower() for one in changed),
        f"{after}{_SIGMA}(?!{_class(ignored)}*{_class(cased)})",
    )


def _ends(letter: str) -> bool:
    """Whether a sigma before this letter is no final one: the letter itself is one that counts."""
    return f"A{_SIGMA}{letter}".lower()[1] == "σ"


def _class(letters: set[str]) -> str:
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
