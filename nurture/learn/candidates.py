"""The signal rules that a card may have: those of the present profile, and what many people do besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nurture.core.profile import SignalRule
from nurture.language.conditions import parse
from nurture.language.names import SIGNAL_NAMES
from nurture.learn.writing import literal
from nurture.store.ended import Habit

MOST = 40
"""So many rules are tried at most: the present ones, and the commonest habits."""
_OF_ONE_PERSON = frozenset({"id", "on", "where", "stage", "points", "buying"})


@dataclass(frozen=True)
class Candidates:
    """The rules as the engine counts them, and as YAML writes them (without points), by id.

    `kept` are those that stand for more than points, with the points they have now: a stage, a buying signal,
    or what several people do together, which is not learned.
    """

    rules: tuple[SignalRule, ...]
    written: Mapping[str, Mapping[str, Any]]
    kept: Mapping[str, int]


def find_candidates(
    present: Sequence[SignalRule], as_yaml: Sequence[Mapping[str, Any]], habits: Iterable[Habit]
) -> Candidates:
    """All signal rules worth trying; `as_yaml` are the present ones as their file has them, in its order.

    Habits that a present rule counts already are not named twice.
    """
    rules: list[SignalRule] = []
    written: dict[str, Mapping[str, Any]] = {}
    kept: dict[str, int] = {}
    for rule, said in zip(present, as_yaml, strict=True):
        written[rule.id] = {key: value for key, value in said.items() if key != "points"}
        of_one = said.keys() <= _OF_ONE_PERSON
        if of_one:
            rules.append(rule)
        if rule.stage is not None or rule.buying or not of_one:
            kept[rule.id] = rule.points
    asked = {_asks(one) for one in written.values()}
    for habit in habits:
        new = _of_habit(habit)
        if len(rules) < MOST and _asks(new) not in asked:
            asked.add(_asks(new))
            id_ = _id(habit, written)
            written[id_] = {"id": id_, **new}
            where = parse(new["where"], names=SIGNAL_NAMES) if "where" in new else None
            rules.append(SignalRule(id_, habit.kind, where, None, 1))
    return Candidates(tuple(rules), written, kept)


def _of_habit(habit: Habit) -> dict[str, Any]:
    if habit.path is not None:
        return {"on": habit.kind, "where": f"url.path == {literal(habit.path)}"}
    if habit.form is not None:
        return {"on": habit.kind, "where": f"form == {literal(habit.form)}"}
    return {"on": habit.kind}


def _asks(written: Mapping[str, Any]) -> tuple[str, str]:
    return str(written["on"]), str(written.get("where", ""))


def _id(habit: Habit, taken: Mapping[str, Any]) -> str:
    words = "-".join(_words(habit))
    number, unique = 1, words
    while unique in taken:
        number += 1
        unique = f"{words}-{number}"
    return unique


def _words(habit: Habit) -> Iterator[str]:
    for word in (habit.kind, habit.path, habit.form):
        plain = re.sub(r"[^a-z0-9]+", "-", (word or "").lower()).strip("-")[:40]
        if plain:
            yield plain
