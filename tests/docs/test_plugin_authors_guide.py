"""The plugin author's guide, followed word for word: its plugins load, and their suites pass."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from nurture.bundled import bundled
from nurture.plug import hookspecs
from nurture.plug.discover import find_plugins
from tests.docs.blocks import ROOT, all_blocks
from tests.docs.reader import a_reader

GUIDE = ROOT / "docs/plugin-authors-guide.md"
HOOKS = [name for name, value in vars(hookspecs).items() if hasattr(value, "nurture_spec")]


def test_every_command_of_the_plugin_authors_guide_does_what_it_shows(tmp_path: Path) -> None:
    with a_reader(tmp_path, quick=True) as reader:
        assert reader.follow(GUIDE) >= 4


@pytest.mark.parametrize("hook", HOOKS)
def test_the_guide_and_the_reference_carry_each_hooks_exact_signature(hook: str) -> None:
    exact = str(inspect.signature(getattr(hookspecs, hook))).replace("'", "")
    carried = {
        block.document.name
        for block in all_blocks("python", marked="signature")
        if f"def {hook}{exact}: ..." in block.text
    }
    assert carried == {"hooks.md", GUIDE.name}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_bundled_plugin_uses_each_hook(hook: str) -> None:
    assert [name for name, plugin in _bundled_plugins().items() if _implements(plugin, hook)]


@pytest.mark.parametrize("hook", HOOKS)
def test_an_example_of_the_guide_uses_each_hook_or_names_one_that_does(hook: str, tmp_path: Path) -> None:
    if hook == "configure":
        assert "[`decision_log`](../plugins/decision_log.py)" in GUIDE.read_text(encoding="utf-8")
        assert _implements(_bundled_plugins()["decision_log"], hook)
        return
    examples = [block for block in all_blocks("python") if (block.path or "").startswith("plugins/")]
    assert [block for block in examples if _implements(_as_module(block.text, tmp_path), hook)]


def _bundled_plugins() -> dict[str, ModuleType]:
    return {candidate.name: candidate.load() for candidate in find_plugins([bundled("plugins")])}


def _implements(plugin: ModuleType, hook: str) -> bool:
    return hasattr(vars(plugin).get(hook), "nurture_impl")


def _as_module(text: str, folder: Path) -> ModuleType:
    file = folder / "example.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("example", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
