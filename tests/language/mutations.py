"""Spoils a campaign or profile in one place, as a tired author would; the same seed spoils the same way.

Every mutation knows the lines at which it may rightly be named: its own, and for a step that was removed
those that ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

KEYS = (
    "kind", "name", "profile", "purpose", "locale", "timezone", "audience", "policy", "stages", "handover",
    "when", "reenter", "window", "days", "hours", "holidays", "messages", "priority", "orientation",
    "comparison", "decision", "send", "wait", "wait_for", "up_to", "choose", "else", "team", "assign",
    "notify", "answer_within", "when_rejected", "lead", "require", "enrich", "prospect_at", "rules", "points",
    "disqualify", "reason", "half_life", "signals", "where", "stage", "buying", "promote",
)  # fmt: skip
"""Words of the language, none of them an author's own."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A spoilt text: the kind of spoiling, the line (from 1), and what stood there before."""

    kind: str
    text: str
    line: int
    before: str
    after: str
    also: frozenset[int] = frozenset()

    def names(self, line: int) -> bool:
        """Whether a finding at `line` leads the author there: to the line or the one beside it."""
        return any(abs(line - each) <= 1 for each in (self.line, *self.also))


Change = tuple[int, str]
"""The number of a line (from 0), and what shall stand there."""


def mutations(texts: Sequence[str], count: int, seed: int) -> Iterator[Mutation]:
    """`count` mutations, the kinds in turn, each of a text that has a place for it."""
    random, kinds = Random(seed), sorted(KINDS)
    made, turn = set[str](), 0
    while len(made) < count:
        kind, text = kinds[turn % len(kinds)], random.choice(texts)
        turn += 1
        lines = text.split("\n")
        changes = [
            change
            for number, line in enumerate(lines)
            if not line.lstrip().startswith(("#", "---")) and line.strip()
            for change in ((number, new) for new in KINDS[kind](line, random))
        ]
        mutation = _made(kind, lines, random.choice(changes)) if changes else None
        if mutation is not None and mutation.text not in made:
            made.add(mutation.text)
            yield mutation


def _made(kind: str, lines: list[str], change: Change) -> Mutation:
    number, new = change
    before = lines[number]
    spoilt = [*lines[:number], *([new] if kind != "step removed" else []), *lines[number + 1 :]]
    also = frozenset(_askers(before, spoilt)) if kind == "step removed" else frozenset()
    return Mutation(kind, "\n".join(spoilt), number + 1, before, new, also)


def _askers(removed: str, lines: list[str]) -> Iterator[int]:
    """The lines that ask for the step that was removed."""
    step = re.search(r"id: ([\w-]+)", removed)
    for number, line in enumerate(lines, start=1):
        if step and f'("{step[1]}")' in line:
            yield number


# --- kinds ------------------------------------------------------------------------------------------


def _substituted(pattern: str, replace: Callable[[re.Match[str]], str]) -> Callable[[str, Random], list[str]]:
    """Every line in which one match of `pattern` is replaced."""

    def change(line: str, random: Random) -> list[str]:
        body = line.split("  #")[0]
        return [
            line[: match.start()] + replace(match) + line[match.end() :]
            for match in re.finditer(pattern, body)
        ]

    return change


def _misspelt(word: str) -> str:
    """The word with its second and third letters in the wrong order, or without its second."""
    swapped = word[0] + word[2] + word[1] + word[3:] if len(word) > 2 else word + word
    return swapped if swapped != word else word[0] + word[2:]


def _indented(line: str, random: Random) -> list[str]:
    return [f" {line}", line[1:]] if line.startswith(" ") else [f" {line}"]


def _doubled(line: str, random: Random) -> list[str]:
    return [f"{line}\n{line}"]


def _removed(line: str, random: Random) -> list[str]:
    return [line] if re.match(r" *- \{id: [\w-]+, *(send|wait|wait_for):.*\}$", line) else []


_WRONG = {"==": "=", ">=": "=>", "<=": "=<", "and": "adn", "or": "ro", "in": "inn"}
_BEFORE_KEY = r"(?<![\w\"'/(-])"

KINDS: dict[str, Callable[[str, Random], list[str]]] = {
    "key misspelt": _substituted(
        _BEFORE_KEY + rf"(?:{'|'.join(KEYS)})(?=:( |$))", lambda match: _misspelt(match[0])
    ),
    "colon lost": _substituted(_BEFORE_KEY + rf"({'|'.join(KEYS)}):(?= |$)", lambda match: match[1]),
    "wrong type": _substituted(
        r"(points|prospect_at|priority|messages|buying|notify|require): ([^\s,{}\[\]]+|\[.*\])",
        lambda match: f"{match[1]}: something",
    ),
    "number made a text": _substituted(
        r"(points|prospect_at|priority|messages): (-?\d+)", lambda match: f'{match[1]}: "{match[2]}"'
    ),
    "quote lost": _substituted(r"[\"']", lambda match: ""),
    "bracket dropped": _substituted(r"[\[\]{}()]", lambda match: ""),
    "indentation broken": _indented,
    "line doubled": _doubled,
    "step removed": _removed,
    "step misspelt": _substituted(
        r"((?:clicked|sent)\(\")([\w-]+)(?=\"\))", lambda match: match[1] + _misspelt(match[2])
    ),
    "template misspelt": _substituted(r"(?<=send: )[\w/-]+", lambda match: _misspelt(match[0])),
    "unit dropped": _substituted(
        r"((?:wait|up_to|per|half_life|after): ?|after )(\d+)[dwhm]\b", lambda match: match[1] + match[2]
    ),
    "weights changed": _substituted(
        r"(\b(?:a|b|holdout): )(\d+)(?=[,}])", lambda match: f"{match[1]}{int(match[2]) + 7}"
    ),
    "operator mangled": _substituted(
        r"(?<=[\w\])] )(==|>=|<=|and|or|in)(?= [\w\"\[])", lambda match: _WRONG[match[1]]
    ),
    "value misspelt": _substituted(
        r"(?<=stage: )\w+|(?<=stage in \[\")\w+|(?<=locale: )\w+|(?<=team: )[\w-]+|(?<=holidays: )\w+",
        lambda match: _misspelt(match[0]),
    ),
}
