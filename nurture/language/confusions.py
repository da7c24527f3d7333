"""What lark says of a text that is no condition, as a sentence with the hint that helps."""

from __future__ import annotations

import re

from lark import UnexpectedInput, UnexpectedToken

from nurture.errors import ConditionError

_CONFUSIONS = (
    (r"=>", "write >="),
    (r"=<", "write <="),
    (r"=", "to compare, write =="),
    (r"&&?", "write and"),
    (r"\|\|?", "write or"),
    (r"!", "write not"),
    (r"[“”„‘’«»]", "use straight quotes"),
    (r"[\"']", "the text that starts here has no closing quote"),
    (r"(?i:and|or|not|in)\b", "write and, or, not, in with small letters, between two comparisons"),
    (r"is\b", "to compare, write =="),
    (r"(contains|startswith|endswith)\b", 'write NAME.contains("text")'),
    (r"%", "there is no arithmetic; write a plain number"),
    (r"[-+*/]", "there is no arithmetic"),
)
"""What people write from habit: a pattern at the place of the error → what to write instead."""


def syntax_error(error: UnexpectedInput, text: str) -> ConditionError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _unfinished(text)
    position = min(error.pos_in_stream or 0, len(text) - 1)
    found = str(error.token) if isinstance(error, UnexpectedToken) else text[position]
    return ConditionError(
        f"{found!r} is not expected here", column=position + 1, hint=_confusion(text, position)
    )


def _unfinished(text: str) -> ConditionError:
    bare = re.sub(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", "", text, flags=re.DOTALL)
    for opening, closing in ("()", "[]"):
        if bare.count(opening) > bare.count(closing):
            return ConditionError(
                "the condition stops too early", column=len(text), hint=f"a closing {closing} is missing"
            )
    return ConditionError(
        "the condition stops too early", column=len(text), hint="something is missing at the end"
    )


def _confusion(text: str, position: int) -> str:
    if text[max(position - 1, 0) : position + 1] == "<>":
        return "write !="
    if position and text[position - 1].isdigit() and text[position].isalpha():
        return "durations are written 3d, 4h, 30m, 2w; texts stand in quotes"
    for pattern, hint in _CONFUSIONS:
        if re.match(pattern, text[position:]):
            return hint
    before = text[:position].rstrip()
    if before.endswith(("==", "!=", "<", ">", "=")) or before[-1:].isalnum():
        return "texts stand in quotes; comparisons are joined with and, or"
    return ""
