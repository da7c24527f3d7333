"""What ruamel.yaml says of a text that is no YAML, as findings in plain words."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from nurture.language import codes
from nurture.language.findings import Report, Spot

_KEY = re.compile(r"(?:^|[\s{,])([A-Za-z_]\w*)\s*:\s")
_CONDITIONS = frozenset({"when", "where", "wait_for", "promote", "goal"})
_COMMENT = re.compile(r"[{\[].*?\s#")


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
    if "stream end" in problem and (cut := _cut_by_comment(lines)) is not None:
        report.add(
            codes.NOT_YAML, cut, "from the # on, this line is a comment", "put the text between quotes"
        )
        return
    opening = error.context_mark
    if opening and opening.line + 1 < place.line and _was_never_closed(error, lines, place):
        at = Spot(opening.line + 1, opening.column + 1)
        report.add(codes.NOT_YAML, at, _never_closed(lines, at), _NEVER_CLOSED)
        return
    report.add(codes.NOT_YAML, place, _in_words(problem), _yaml_hint(problem, line[: place.column - 1], line))


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


_NEVER_CLOSED = "a closing quote, ] or } is missing"


def _yaml_hint(problem: str, before: str, line: str) -> str:
    """What to write instead, by the key `before` the place in its line where reading failed."""
    key = _key_of(before)
    if key in _CONDITIONS or (key == "exit" and line.startswith("exit")):
        return f"put the whole condition between single quotes: {key}: '…'"
    if key == "exit":
        # A step's says why in words; only that of a campaign, at the very left, is a condition.
        quote = '"' if "'" in line else "'"
        return f"put the whole reason between quotes: exit: {quote}…{quote}"
    if "stream end" in problem or "end of stream" in problem:
        return _NEVER_CLOSED
    if "cannot start any token" in problem:
        return "put the text between quotes"
    return "check the indentation; put a text with : [ ] { } # or quotes in it between single quotes"


def _key_of(before: str) -> str:
    found = _KEY.findall(before)
    return found[-1] if found else ""


def _cut_by_comment(lines: list[str]) -> Spot | None:
    """Where a comment begins in the last line that has any text, within brackets that it keeps open."""
    for number, line in reversed(list(enumerate(lines, 1))):
        if line.strip() and not line.lstrip().startswith("#"):
            found = _COMMENT.search(line)
            is_open = found is not None and found[0].count("{") + found[0].count("[") > found[0].count(
                "}"
            ) + found[0].count("]")
            return Spot(number, found.end()) if found is not None and is_open else None
    return None


def report_character(error: ReaderError, text: str, report: Report) -> None:
    before = text[: error.position]
    place = Spot(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    report.add(codes.NOT_YAML, place, "a character that YAML does not allow", "remove it")
