"""What ruamel.yaml says of a text that is no YAML, as findings in plain words."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from nurture.language import codes
from nurture.language.findings import Report, Spot

_CONDITION_LINE = re.compile(r"\b(when|where|wait_for|promote|goal)\s*:|^exit\s*:")
"""A step's `exit` says why in words; at the top of a campaign it is a condition."""


def report_syntax(error: MarkedYAMLError, text: str, report: Report) -> None:
    if "could not find expected ':'" in str(error.problem) and error.context_mark:
        # Told where the next line begins; its reader looks for the line without a colon.
        mark = error.context_mark
        place = Spot(mark.line + 1, mark.column + 1)
        report.add(codes.NOT_YAML, place, "a `:` is missing", "write `key: value`")
        return
    mark = error.problem_mark or error.context_mark
    place = Spot(mark.line + 1, mark.column + 1) if mark else Spot()
    problem = str(error.problem or error.context or "this cannot be read")
    if r"'\t'" in problem:
        report.add(codes.TAB, place, "there is a tab here", "indent with spaces")
        return
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    opening = error.context_mark
    if opening and opening.line + 1 < place.line and _was_never_closed(error, lines, place):
        at = Spot(opening.line + 1, opening.column + 1)
        report.add(codes.NOT_YAML, at, _never_closed(lines, at), _yaml_hint("end of stream", ""))
        return
    report.add(codes.NOT_YAML, place, _in_words(problem), _yaml_hint(problem, line))


def _was_never_closed(error: MarkedYAMLError, lines: list[str], place: Spot) -> bool:
    """Whether what was opened above must have ended long before the place where reading failed.

    A quote that is never closed runs on to the end; a bracket, into lines that stand no deeper than its own.
    """
    context, problem = str(error.context), str(error.problem)
    if "quoted scalar" in context:
        return True
    if "flow" not in context:
        return False
    opened = lines[error.context_mark.line]
    failed = lines[place.line - 1] if place.line <= len(lines) else ""
    return "end of stream" in problem or "stream end" in problem or _depth(failed) <= _depth(opened)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _never_closed(lines: list[str], at: Spot) -> str:
    opened = lines[at.line - 1][at.column - 1 : at.column]
    return f"the {opened} that is opened here is never closed" if opened else "this is never closed"


def _in_words(problem: str) -> str:
    if "mapping values are not allowed" in problem:
        return "a second `key: value` starts here, in the middle of a value"
    if "stream end" in problem or "end of stream" in problem:
        return "the file ends in the middle of something"
    if unexpected := re.search(r"but (?:found|got) '(.+)'$", problem):
        return f"{_TOKENS.get(unexpected[1], unexpected[1])} is not expected here"
    return problem


_TOKENS = {
    "<scalar>": "more text",
    "<block end>": "the end of this block",
    "<block sequence start>": "a list",
    "<block mapping start>": "a table",
    "?": "a key",
    "-": "a list entry",
    ":": "a colon",
}


def _yaml_hint(problem: str, line: str) -> str:
    if _CONDITION_LINE.search(line):
        return "put the whole condition between single quotes: when: '…'"
    if "stream end" in problem or "end of stream" in problem:
        return "a closing quote, ] or } is missing"
    if "cannot start any token" in problem:
        return "put the text between quotes"
    return "check the indentation; put a text with : [ ] { } # or quotes in it between single quotes"


def report_character(error: ReaderError, text: str, report: Report) -> None:
    before = text[: error.position]
    place = Spot(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    report.add(codes.NOT_YAML, place, "a character that YAML does not allow", "remove it")
