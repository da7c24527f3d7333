"""The condition language as a typed tree, and its reader that answers with a Finding.

A condition reads like Python. `language.conditions` parses the text into the tree of `core.expression`;
nothing here knows text, files or a database. Missing data is unknown, and unknown is three-valued as in SQL:
`not unknown` is unknown, `unknown or true` is true (Kleene, "Introduction to Metamathematics", 1952, §64).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nurture.core.expression import UNKNOWN, And, Facts, History, Known, Name, Node, RuleCall, Unknown, walk
from nurture.core.model import Finding
from nurture.core.reasons import Reason, compile_reason
from nurture.core.truth import Test, compile_test
from nurture.core.wording import words

__all__ = ["UNKNOWN", "Condition", "Facts", "Known", "Unknown", "Used"]


@dataclass(frozen=True, slots=True)
class Used:
    """What a condition asks for: dotted names, what happened, and plugin rules."""

    paths: tuple[tuple[str, ...], ...]
    histories: tuple[History, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition with its source text.

    Made once and asked often: the tree is compiled here. Two conditions are equal when text and tree are.
    """

    source: str
    root: Node
    _test: Test = field(init=False, repr=False, compare=False)
    _reason: Reason = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_test", compile_test(self.root))
        object.__setattr__(self, "_reason", compile_reason(self.root))

    def test(self, facts: Facts) -> bool | None:
        """Whether it holds; None for unknown. The fast way, without words."""
        return self._test(facts)

    def evaluate(self, facts: Facts) -> Finding:
        """Whether it holds, and why in plain words with the values seen.

        The reason of a failed `and` names what failed, of a matched `or` what matched.
        """
        matched, reason = self._reason(facts)
        return Finding(matched, reason)

    def words(self) -> str:
        """The condition itself in plain words: `account.employees is between 5 and 250`."""
        return words(self.root)

    def lacking(self, facts: Facts) -> str:
        """The parts that would have to come true, in plain words: of an `and` only those that do not hold."""
        if not isinstance(self.root, And):
            return words(self.root)
        parts = [part for part in self.root.operands if compile_test(part)(facts) is not True]
        return words(parts[0] if len(parts) == 1 else And(tuple(parts)))

    def names(self) -> Used:
        """What it asks for, in the order of the text."""
        nodes = tuple(walk(self.root))
        return Used(
            tuple(node.path for node in nodes if isinstance(node, Name)),
            tuple(node for node in nodes if isinstance(node, History)),
            tuple(node.rule for node in nodes if isinstance(node, RuleCall)),
        )
