"""Parses the text of a condition: `5 <= account.employees <= 250 and not visited("/jobs", within=30d)`.

Length is capped here and depth in `syntax`, so that no text can do more than raise a ConditionError. There is
no eval anywhere.
"""

from __future__ import annotations

from collections.abc import Collection

from nurture.core.expression import HISTORY_KINDS, History, Name, Node, RuleCall, walk
from nurture.core.predicate import Condition
from nurture.errors import ConditionError
from nurture.language.names import CONTACT_NAMES, NameTable, did_you_mean
from nurture.language.syntax import parse_tree

MAX_LENGTH = 2_000


def parse(text: str, *, rules: Collection[str] | None = (), names: NameTable = CONTACT_NAMES) -> Condition:
    """The condition that `text` says.

    `rules` are the plugin rules that may be called; None lets any name be one (for text that was checked
    when it was published). Raised when it cannot be understood, with the column: ConditionError.
    """
    if not text.strip():
        raise ConditionError("the condition is empty", hint="write a comparison, such as fit >= 60")
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            f"the condition has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed",
            hint="split it into several rules",
        )
    root = parse_tree(text)
    _check_names(root, rules, names)
    return Condition(text, root)


def _check_names(root: Node, rules: Collection[str] | None, names: NameTable) -> None:
    """Raised when a name, function or rule is not known, with what was probably meant: ConditionError."""
    functions = (*HISTORY_KINDS, "known") if names.history else ("known",)
    for node in walk(root):
        if isinstance(node, Name) and (problem := names.problem(node.path)):
            raise ConditionError(problem[0], column=node.column, hint=problem[1])
        if isinstance(node, RuleCall) and rules is not None and node.rule not in rules:
            raise ConditionError(
                f"there is no function or rule {node.rule}()",
                column=node.column,
                hint=did_you_mean(node.rule, (*functions, *rules)),
            )
        if isinstance(node, History) and not names.history:
            raise ConditionError(
                f"{node.kind}() cannot be asked about one signal",
                column=node.column,
                hint="`on:` says what happened; `where:` looks at that one signal",
            )
