"""A compiled piece of a template: how it is rendered, and where a line of it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from nurture.deliver.hiding import source
from nurture.deliver.pieces import Piece, Spot
from nurture.deliver.sandbox import MailEnvironment
from nurture.errors import TemplateError

SUFFIXES = (".html", ".mjml", ".txt")


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled piece. `where` is its file; `lines` say for lines of what was compiled where they are
    from."""

    compiled: jinja2.Template
    environment: MailEnvironment
    where: str
    lines: Sequence[tuple[int, Spot]] = ()

    def __post_init__(self) -> None:
        # Jinja's chained map of globals is copied for every mail; a plain one in a quarter of the time.
        self.compiled.globals = dict(self.compiled.globals)

    def render(self, values: Mapping[str, Any]) -> str:
        """Raised when anything in it fails: TemplateError, with file and line."""
        self.environment.begin()
        try:
            return self.compiled.render(values)
        except Exception as error:
            # Whatever an expression in a template raises is that template's mistake, and one mail's only.
            raise TemplateError(f"{self._place(error)}: {_told(error)}") from error

    def _place(self, error: Exception) -> str:
        """The line that failed; Jinja puts a frame with the template's file into the traceback."""
        found, trace = self.where, error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if file == self.compiled.filename and self.lines:
                found = self.origin(trace.tb_lineno)
            elif file.endswith(SUFFIXES):
                found = f"{file}:{trace.tb_lineno}"
            trace = trace.tb_next
        return found

    def origin(self, line: int) -> str:
        """File and line that a line of what was compiled came from."""
        return origin_of(self.lines, line) or self.where


def origin_of(lines: Sequence[tuple[int, Spot]], line: int) -> str:
    """File and line from which `line` came; empty where there is no tag up to it."""
    index = bisect_right(lines, line, key=lambda each: each[0]) - 1
    if index < 0:
        return ""
    start, spot = lines[index]
    return f"{spot.file}:{spot.line + line - start}"


def compiled(
    environment: MailEnvironment, name: str, where: str, prologue: Iterable[Piece], body: Iterable[Piece]
) -> Part:
    """The part of these pieces; `name` decides whether values are escaped in it.

    Raised when they do not go together: TemplateError, with file and line.
    """
    text, tags = source(prologue, body)
    lines = [(line, tag.spot) for line, tag in tags]
    try:
        code = environment.compile(text, name, where)
    except jinja2.TemplateSyntaxError as error:
        place = origin_of(lines, error.lineno) or where
        raise TemplateError(f"{place}: {error.message}") from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise TemplateError(f"{where}: too deep or too large to be a template") from error
    template = jinja2.Template.from_code(environment, code, environment.make_globals(None))
    return Part(template, environment, where, lines)


def _told(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "this template calls itself without end"
    return str(error)
