"""The core decides and knows no world; and every module can be read in one sitting."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nurture

PACKAGE = Path(nurture.__file__).parent
CORE = sorted((PACKAGE / "core").rglob("*.py"))
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if "bundled_files" not in path.parts]

ALLOWED = {
    *("__future__", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "decimal", "enum"),
    *("functools", "hashlib", "itertools", "json", "math", "operator", "re", "types", "typing"),
    *("urllib.parse", "zoneinfo"),
}
"""What the core may import beside itself: nothing that reads, waits, logs, or comes out differently twice."""

RAPIDFUZZ = {
    *(
        (f"core/{name}.py", "rapidfuzz.distance")
        for name in ("merging", "alike_names", "alike_firms", "alike_mail")
    ),
    *(("core/alike_firms.py", "rapidfuzz.fuzz"), ("core/spelling.py", "unicodedata")),
}
ALLOWED_ONCE = {("core/schedule.py", "holidays"), *RAPIDFUZZ}
"""A table of dates, and how far two texts are apart: as pure as ones of our own would be."""

CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}
TOUCHING = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}

LONGEST = 350
LONGER = {
    "core/model.py": "the values of every room side by side, each a few lines",
    "store/outbox.py": "the states of a message and who moves them belong in one place",
    "store/schema.py": "one table after the other: a catalogue",
    "store/migrations/versions/0001_first.py": "a migration is written once and never read in one go",
}
"""Modules beyond it, with the reason."""


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def is_allowed(module: str) -> bool:
    return module.startswith(("nurture.core", "nurture.errors")) or module in ALLOWED


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_imports_nothing_that_touches_the_world(path: Path) -> None:
    foreign = {(name_of(path), module) for module in imported(tree_of(path)) if not is_allowed(module)}
    assert foreign <= ALLOWED_ONCE


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_asks_no_clock_and_opens_nothing(path: Path) -> None:
    calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    touching = [call.id for call in calls if isinstance(call, ast.Name) and call.id in TOUCHING]
    # `moment.time()` of a datetime is pure; a clock is asked without anything to ask it of.
    clocks = [
        f"{call.value.id}.{call.attr}"
        for call in calls
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.attr in CLOCKS
        if call.value.id in ("datetime", "date", "time")
    ]
    assert touching + clocks == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


def test_no_module_is_too_long_to_read_at_once() -> None:
    lengths = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name for name, lines in lengths.items() if lines > LONGEST} <= set(LONGER)


def test_no_exemption_has_outlived_its_reason() -> None:
    lengths = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert [name for name in LONGER if lengths[name] <= LONGEST] == []
