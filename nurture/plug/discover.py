"""Finds plugins: in folders and behind entry points. Nothing is imported before it is wanted."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ENTRY_POINTS = "nurture.plugins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded: its name, where it was found, and how to import it."""

    name: str
    origin: str
    load: Callable[[], ModuleType]


def find_plugins(folders: Sequence[Path]) -> list[Candidate]:
    """Every plugin in `folders` (modules and packages) and behind the entry points, in a stable order."""
    found = [candidate for folder in folders for candidate in _in_folder(folder)]
    entries = importlib.metadata.entry_points(group=ENTRY_POINTS)
    return found + [Candidate(entry.name, f"entry point {entry.value}", entry.load) for entry in entries]


def _in_folder(folder: Path) -> Iterator[Candidate]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        if path.is_dir() and (path / "__init__.py").is_file():
            yield Candidate(path.name, str(path), _importer(path.name, path / "__init__.py"))
        elif path.suffix == ".py":
            yield Candidate(path.stem, str(path), _importer(path.stem, path))


def _importer(name: str, path: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        # A name of our own, so that a plugin called `csv` cannot hide the standard library's module.
        full_name = f"nurture_plugins.{name}"
        known = sys.modules.get(full_name)
        if known is not None and known.__file__ == str(path):
            return known
        spec = importlib.util.spec_from_file_location(full_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full_name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[full_name]
            raise
        return module

    return load
