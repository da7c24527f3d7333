"""What SQLite is taught, so that its answers are Python's: each function is the very one that `core` uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil, log2
from typing import Any

from nurture.core.engagement import decayed
from nurture.core.truth import compare, plain_number


def register(connection: Any) -> None:
    """Makes the functions known to a fresh SQLite connection."""
    for name, arguments, function in _FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)


def _lower(text: Any) -> str | None:
    return text.lower() if isinstance(text, str) else None


def _number(text: Any) -> float | None:
    return plain_number(text) if isinstance(text, str) else None


def _real(text: Any) -> float | None:
    """A number of JSON, rounded as Python rounds it: SQLite's own reading is off in the last bit at times."""
    return None if text is None else float(text)


def _member(document: Any, name: str) -> str | None:
    """The JSON text of a member whose name SQLite's own paths cannot say, as it has quotes in it."""
    if document is None or name not in (members := json.loads(document)):
        return None
    return json.dumps(members[name], ensure_ascii=False)


def _same(left: Any, right: Any) -> bool | None:
    return None if left is None or right is None else compare(json.loads(left), "==", json.loads(right))


def _share(at: str, now: str, half_life: float) -> float:
    age = datetime.fromisoformat(now) - datetime.fromisoformat(at)
    return decayed(1, age, timedelta(seconds=half_life))


def _faded_at(now: str, half_life: float, times: float | None) -> str | None:
    if times is None or times <= 0:
        return None
    return _later(now, ceil(half_life * log2(times)) + 1)


def _later(at: str | None, seconds: float) -> str | None:
    if at is None:
        return None
    return (datetime.fromisoformat(at) + timedelta(seconds=seconds)).isoformat(" ", "microseconds")


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("nurture_lower", 1, _lower),
    ("nurture_number", 1, _number),
    ("nurture_real", 1, _real),
    ("nurture_member", 2, _member),
    ("nurture_same", 2, _same),
    ("nurture_share", 3, _share),
    ("nurture_faded_at", 3, _faded_at),
    ("nurture_later", 2, _later),
)
