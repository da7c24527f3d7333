"""What SQLite is taught, so that its answers are Python's: each function is the very one that `core` uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

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


_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("nurture_lower", 1, _lower),
    ("nurture_number", 1, _number),
    ("nurture_real", 1, _real),
    ("nurture_member", 2, _member),
    ("nurture_same", 2, _same),
)
