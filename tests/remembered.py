"""What is read the same way thousands of times, and kept for as long as the tests run.

Nearly every test of the parts together begins with the example workspace. To read its files took a third of
all such a test does; what the parser makes of one text is always the same, and nobody changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from nurture.language import conditions, yamlio


def remember() -> None:
    """Keeps what the parsers of YAML and of conditions make of the texts that come again."""
    yamlio._events = _kept(yamlio._events)
    conditions.parse_tree = lru_cache(maxsize=2_000)(conditions.parse_tree)


def _kept(read: Callable[[str], Iterator[Any]]) -> Callable[[str], Iterator[Any]]:
    """`read` with a memory for the last texts: the same events, and the same error behind them."""

    @lru_cache(maxsize=100)
    def events_of(text: str) -> tuple[tuple[Any, ...], Exception | None]:
        events = []
        try:
            for event in read(text):
                events.append(event)  # noqa: PERF402 - those before an error must be kept
        except Exception as error:  # whatever the reader would raise at that place
            return tuple(events), error.with_traceback(None)
        return tuple(events), None

    def again(text: str) -> Iterator[Any]:
        events, error = events_of(text)
        yield from events
        if error is not None:
            raise error.with_traceback(None)

    return again
