"""Logging: one line an event on standard error, readable on a terminal, JSON when piped. No secrets.

structlog is imported at the first event: it takes longer than most of what commands do, and most of them have
nothing to log.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from types import ModuleType
from typing import Any

_wanted: list[int] = []
"""The level that `set_up_logs` was last given; without any, structlog stays as it is by itself."""


class Log:
    """A module's log."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **values: Any) -> None:
        _structlog().get_logger(self._name).info(event, **values)

    def warning(self, event: str, **values: Any) -> None:
        _structlog().get_logger(self._name).warning(event, **values)

    def error(self, event: str, **values: Any) -> None:
        _structlog().get_logger(self._name).error(event, **values)

    def exception(self, event: str, **values: Any) -> None:
        """An error, with the exception that is being handled."""
        _structlog().get_logger(self._name).exception(event, **values)


def set_up_logs(level: int = logging.WARNING) -> None:
    """Sends our events and the libraries' warnings to standard error."""
    _wanted[:] = [level]
    _structlog.cache_clear()
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")


def reset_logs() -> None:
    """As if they had never been set up: for those who run several commands in one process."""
    _wanted.clear()
    if _structlog.cache_info().currsize:
        _structlog().reset_defaults()
        _structlog.cache_clear()


@cache
def _structlog() -> ModuleType:
    import structlog

    if not _wanted:
        return structlog
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_wanted[-1]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    return structlog
