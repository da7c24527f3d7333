"""Asks other systems what became of people, every few minutes, and applies what they tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from nurture.clock import Clock
from nurture.errors import NurtureError, SourceError, did_you_mean
from nurture.ingest.outcomes.book import Applied, OutcomeBook, together
from nurture.logs import Log
from nurture.plug.contracts import OutcomeSource
from nurture.store import outcome_sources
from nurture.store.engine import Store

EVERY = timedelta(minutes=5)
MOST_PAGES = 200
"""Pages in one turn: what is left then comes in the next one."""

log = Log(__name__)


class OutcomeAsker:
    """Asks each source in its turn; one that cannot be asked disturbs no other."""

    def __init__(
        self, store: Store, clock: Clock, sources: Mapping[str, OutcomeSource], book: OutcomeBook
    ) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._book = book

    def ask_due(self) -> int:
        """Asks those whose turn it is; answers with how many these were."""
        asked = 0
        for name in sorted(self._sources):
            try:
                asked += self._ask(name, EVERY) is not None
            except SourceError as error:
                asked += 1
                log.error("what became of people could not be asked", source=name, reason=error.message)
        return asked

    def ask(self, name: str) -> Applied:
        """Asks one now, whenever its turn is. Raised when there is none of that name, or it cannot be asked:
        NurtureError.
        """
        if name not in self._sources:
            raise NurtureError(
                f"there is no outcome source {name!r}{did_you_mean(name, self._sources)}",
                hint="a source is there when its plugin is in plugins.load",
            )
        return self._ask(name, timedelta(0)) or Applied()

    def next_turn(self) -> datetime | None:
        """When the next one is to be asked; None where there is none."""
        if not self._sources:
            return None
        with self._store.read() as connection:
            return outcome_sources.next_turn(connection, list(self._sources), EVERY)

    def _ask(self, name: str, every: timedelta) -> Applied | None:
        with self._store.write() as connection:
            position = outcome_sources.take_turn(connection, name, self._clock.now(), every)
        if position is None:
            return None
        try:
            return together(list(self._pages(name, position)))
        except Exception as error:
            # A source is somebody else's code: whatever it raises is one turn that came to nothing.
            words = error.message if isinstance(error, NurtureError) else f"{type(error).__name__}: {error}"
            with self._store.write() as connection:
                outcome_sources.failed(connection, name, words)
            raise SourceError(words) from error

    def _pages(self, name: str, position: str) -> Iterator[Applied]:
        """Each page is applied before its position is noted: what is told twice changes nothing."""
        for _ in range(MOST_PAGES):
            page = self._sources[name].ask(position)
            yield self._book.apply(page.outcomes, name) if page.outcomes else Applied()
            position = page.position
            with self._store.write() as connection:
                outcome_sources.come_to(connection, name, position)
            if not page.more:
                return
