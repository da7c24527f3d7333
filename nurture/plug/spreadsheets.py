"""CSV for spreadsheets, in which nothing is calculated: what leads wrote is only ever a text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

_FORMULA = re.compile(r"[=@\t\r\n]|[+-](?![\d\s().-]*$)")
"""How a text begins that a spreadsheet would calculate; a telephone number is none."""
_HIDDEN = re.compile(r"([;\t\r\n][\s\"]*)(?=[=@+-])")
"""Where one would begin, were the file parted at semicolons (as in most of Europe), or a quote overlooked."""


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A header and the rows; None is empty, times are ISO 8601."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = _HIDDEN.sub(r"\1'", text)
    return f"'{text}" if _FORMULA.match(text) else text
