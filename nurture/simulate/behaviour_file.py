"""Reads the YAML of `--behaviour FILE`, every key checked; `nurture.simulate.behaviour` tells its form."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from nurture.core.model import Stage
from nurture.errors import NurtureError, Position, did_you_mean
from nurture.language.values import parse_duration
from nurture.simulate.behaviour import CHANCES, Behaviour, ByStage, SalesHabit

_SALES = ("accept", "not_now", "no_fit", "after")


def read_behaviour(file: Path) -> Behaviour:
    """The behaviour in a file; what it does not mention is as by default.

    Raised when it is not there or anything in it is wrong: NurtureError, with file, line and column.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NurtureError(f"{file} cannot be read: {error}", hint="write it in UTF-8") from error
    try:
        root = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = Position(str(file), mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)
        raise NurtureError(f"{where}: not valid YAML: {error.problem}") from error
    except (YAMLError, ValueError) as error:
        raise NurtureError(f"{file}: not valid YAML: {error}") from error
    return _Checker(str(file)).behaviour(root if root is not None else CommentedMap())


class _Checker:
    def __init__(self, file: str) -> None:
        self._file = file

    def behaviour(self, root: Any) -> Behaviour:
        found, default = Behaviour(), Behaviour()
        readers: Mapping[str, Callable[[Any, Position], dict[str, Any]]] = {
            "bounce": lambda value, at: {"bounce": self._chance(value, at)},
            "spread": lambda value, at: {"spread": self._number(value, at, 3)},
            "templates": lambda value, at: {"templates": self._templates(value, at)},
            "delay": lambda value, at: {"delays": {**default.delays, **self._delays(value, at)}},
            "awake": lambda value, at: {"awake": self._awake(value, at)},
            "forms": lambda value, at: {"forms": self._forms(value, at)},
            "sales": lambda value, at: {"sales": self._sales(value, at)},
        }
        chances = dict(default.chances)
        for name, value, at in self._entries(root, Position(self._file, 1), (*CHANCES, *readers)):
            if name in CHANCES:
                chances[name] = self._by_stage(value, at, chances[name])
            else:
                found = replace(found, **readers[name](value, at))
        return replace(found, chances=chances)

    def _templates(self, node: Any, where: Position) -> dict[str, Mapping[str, ByStage]]:
        none = dict.fromkeys(Stage, 0.0)
        return {
            template: {
                name: self._by_stage(value, at, none)
                for name, value, at in self._entries(chances, place, CHANCES)
            }
            for template, chances, place in self._entries(node, where)
        }

    def _by_stage(self, value: Any, where: Position, otherwise: ByStage) -> ByStage:
        if not isinstance(value, CommentedMap):
            return dict.fromkeys(Stage, self._chance(value, where))
        stages = [stage.value for stage in Stage]
        given = {Stage(name): self._chance(one, at) for name, one, at in self._entries(value, where, stages)}
        return {**otherwise, **given}

    def _delays(self, node: Any, where: Position) -> dict[str, timedelta]:
        known = tuple(Behaviour().delays)
        return {name: self._duration(value, at) for name, value, at in self._entries(node, where, known)}

    def _sales(self, node: Any, where: Position) -> SalesHabit:
        given: dict[str, Any] = {}
        for name, value, at in self._entries(node, where, _SALES):
            given[name] = self._duration(value, at) if name == "after" else self._chance(value, at)
        habit = SalesHabit(**given)
        if habit.accept + habit.not_now + habit.no_fit > 1:
            raise NurtureError(f"{where}: sales: accept, not_now and no_fit are more than 1 together")
        return habit

    def _forms(self, node: Any, where: Position) -> dict[str, str]:
        forms = {}
        for path, form, at in self._entries(node, where):
            if not isinstance(form, str) or not path.startswith("/"):
                raise NurtureError(f"{at}: expected a page and the name of its form, like /quote: quote")
            forms[path] = form
        return forms

    def _awake(self, value: Any, where: Position) -> tuple[time, time]:
        try:
            begins, ends = (time.fromisoformat(part.strip()) for part in str(value).split("-"))
        except ValueError:
            raise NurtureError(f"{where}: awake: expected hours like 07:00-23:00, not {value!r}") from None
        if begins >= ends:
            raise NurtureError(f"{where}: awake: the day must begin before it ends, not {value!r}")
        return begins, ends

    def _duration(self, value: Any, where: Position) -> timedelta:
        found = parse_duration(value) if isinstance(value, str) else None
        if found is None:
            raise NurtureError(f"{where}: expected a duration like 30m, 5h or 2d, not {value!r}")
        return found

    def _chance(self, value: Any, where: Position) -> float:
        return self._number(value, where, 1)

    def _number(self, value: Any, where: Position, most: int) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise NurtureError(f"{where}: expected a number from 0 to {most}, not {value!r}")
        return float(value)

    def _entries(
        self, node: Any, where: Position, known: Collection[str] = ()
    ) -> list[tuple[str, Any, Position]]:
        """Key, value and place of each entry of a table; with `known` no other keys may be there."""
        if not isinstance(node, CommentedMap):
            raise NurtureError(f"{where}: expected a table of keys and values, not {node!r}")
        entries = []
        for key, value in node.items():
            line, column = node.lc.key(key)
            at = Position(self._file, line + 1, column + 1)
            if known and key not in known:
                raise NurtureError(f"{at}: there is no key {key!r}{did_you_mean(str(key), known)}")
            entries.append((str(key), value, at))
        return entries
