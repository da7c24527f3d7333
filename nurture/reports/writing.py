"""A report as text, as JSON and as flat rows: the same numbers in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nurture.core.difference import Difference
from nurture.core.proportion import Share
from nurture.reports.report import Cell, Column, Kind, Report

_DIGITS = 4
"""Of shares, for programs."""


def as_json(report: Report) -> dict[str, Any]:
    """What JSON knows: shares become objects with their interval."""
    rows = [{key: _plain(cell) for key, cell in row.items()} for row in report.by_key()]
    return {"report": report.name, "title": report.title, "rows": rows, "notes": list(report.notes)}


def flat(report: Report) -> tuple[list[str], list[list[Any]]]:
    """Keys and rows of plain values; a share takes three columns: itself, `_low` and `_high`."""
    keys = [key for column in report.columns for key in _keys(column)]
    rows = [
        [value for column, cell in zip(report.columns, row, strict=True) for value in _values(column, cell)]
        for row in report.rows
    ]
    return keys, rows


def shown(cell: Cell) -> str:
    """One cell for people: `12 % (9–16)`, `1,234`, `–` where nothing is known."""
    match cell:
        case None | Share(value=None) | Difference(value=None):
            return "–"
        case Share(value=float(value), low=float(low), high=float(high)):
            return f"{100 * value:.1f} % ({100 * low:.0f}–{100 * high:.0f})"
        case Difference(value=float(value), low=float(low), high=float(high)):
            return f"{_points(value)} ({_points(low)} to {_points(high)})"
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:.1f}"
    return str(cell)


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _keys(column: Column) -> Iterator[str]:
    yield column.key
    if column.kind in (Kind.SHARE, Kind.DIFFERENCE):
        yield f"{column.key}_low"
        yield f"{column.key}_high"


def _values(column: Column, cell: Cell) -> list[Any]:
    if column.kind not in (Kind.SHARE, Kind.DIFFERENCE):
        return [cell]
    return [None, None, None] if cell is None else list(_three(cell))


def _three(cell: Cell) -> tuple[float | None, float | None, float | None]:
    """A share, or a difference of shares, and the ends of its interval."""
    assert isinstance(cell, Share | Difference)
    value, low, high = (
        None if part is None else round(part, _DIGITS) for part in (cell.value, cell.low, cell.high)
    )
    return value, low, high


def _plain(cell: Cell) -> Any:
    if not isinstance(cell, Share | Difference):
        return cell
    value, low, high = _three(cell)
    shown = {"value": value, "low": low, "high": high}
    return {**shown, "hits": cell.hits, "of": cell.of} if isinstance(cell, Share) else shown
