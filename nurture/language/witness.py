"""Finds somebody for whom conditions hold together: what `logic` cannot rule out is shown by an example.

Only of conditions on what is independent of each other (fields, answers, facts of the account, consent,
visits and forms): fit and engagement follow from the rest, so that an example of them may be impossible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from math import prod
from typing import TypeAlias

from nurture.core.expression import UNKNOWN, Comparison, History, Known, Literal, Name, Node, TextTest, walk
from nurture.core.model import Stage, Value
from nurture.core.truth import compile_test

MOST_TRIED = 512
"""So many people are tried, and no more."""

Path: TypeAlias = tuple[str, ...]

_ROOTS = frozenset({"contact", "account", "answers", "consent", "stage"})
_LISTS = frozenset({("contact", "interests"), ("contact", "tags")})
_HISTORIES = frozenset({"visited", "submitted"})


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody of whom just this is known; what happened, happened `times` times."""

    known: Mapping[Path, Value]
    times: int = 0

    def lookup(self, path: Path) -> Known:
        value = self.known.get(path)
        return UNKNOWN if value is None else value

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        return self.times

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        return UNKNOWN

    def words(self) -> str:
        """`contact.interests website, webshop`; empty for anybody."""
        told = {path: value for path, value in self.known.items() if value not in (None, ())}
        return " and ".join(f"{'.'.join(path)} {_shown(value)}" for path, value in told.items())


def witness(wanted: Sequence[Node], unwanted: Sequence[Node] = ()) -> Witness | None:
    """Somebody for whom all of `wanted` hold and none of `unwanted` does; None where nobody was found."""
    parts = [part for node in (*wanted, *unwanted) for part in walk(node)]
    names = {part.path for part in parts if isinstance(part, Name)}
    histories = {(part.kind, part.what, part.within) for part in parts if isinstance(part, History)}
    if not _is_independent(names, histories):
        return None
    choices = {path: _choices(path, parts) for path in sorted(names)}
    counts = _counts(parts) if histories else [0]
    if prod(len(values) for values in choices.values()) * len(counts) > MOST_TRIED:
        return None
    tests, against = [compile_test(node) for node in wanted], [compile_test(node) for node in unwanted]
    for times, values in product(counts, product(*choices.values())):
        somebody = Witness(dict(zip(choices, values, strict=True)), times)
        if all(test(somebody) for test in tests) and not any(test(somebody) for test in against):
            return somebody
    return None


def _is_independent(names: set[Path], histories: set[tuple[str, str | None, timedelta | None]]) -> bool:
    """Whether each can be as it likes: a stage follows from what happened, and one visit from another."""
    kinds = [kind for kind, _, _ in histories]
    happened = _HISTORIES.issuperset(kinds) and len(kinds) == len(set(kinds))
    return happened and _ROOTS.issuperset(path[0] for path in names) and not (kinds and ("stage",) in names)


def _choices(path: Path, parts: Sequence[Node]) -> list[Value]:
    """Values that could matter: those that a name is compared with, those beside them, and none at all."""
    if path == ("stage",):
        return [stage.value for stage in Stage]
    if path[0] == "consent":
        return [True, False]
    spoken = dict.fromkeys(_spoken_of(path, parts))
    if path in _LISTS:
        texts = tuple(value for value in spoken if isinstance(value, str))
        return [(), texts, *((text,) for text in texts)]
    numbers = [value for value in spoken if not isinstance(value, str | bool)]
    beside = [value + step for value in numbers for step in (-1, 1)]
    other = [f"no {value}" for value in spoken if isinstance(value, str)][:1]
    return list(dict.fromkeys([*spoken, *beside, *other, None]))


def _spoken_of(path: Path, parts: Sequence[Node]) -> Iterator[str | int | float | bool]:
    for part in parts:
        if isinstance(part, Comparison):
            for left, _, right in part.pairs():
                for name, other in ((left, right), (right, left)):
                    if isinstance(other, Literal) and _speaks(name, path):
                        yield from _single(other.value)
        elif (
            isinstance(part, TextTest) and isinstance(part.argument, Literal) and _speaks(part.subject, path)
        ):
            yield from _single(part.argument.value)


def _speaks(term: Node, path: Path) -> bool:
    return any(isinstance(each, Name) and each.path == path for each in walk(term))


def _single(value: Value) -> Iterator[str | int | float | bool]:
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, str | int | float | bool):
            yield each


def _counts(parts: Sequence[Node]) -> list[int]:
    values = [part.value for part in parts if isinstance(part, Literal)]
    numbers = {int(value) for value in values if isinstance(value, int | float)}
    return sorted(count for count in {0, 1, *numbers, *(each + 1 for each in numbers)} if 0 <= count <= 100)


def _shown(value: Value) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, tuple) else str(value)
