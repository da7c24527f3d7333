"""Plugins load as listed, and every problem of every plugin stops the start in one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nurture.core.model import DecisionRecord
from nurture.errors import PluginError
from nurture.plug.discover import find_plugins
from nurture.plug.manager import Registry, load_plugins

GOOD = """
from nurture import hookimpl
API_VERSION = 1
class Greeter:
    name = "greets"
    words = "is greeted"
    def answer(self, *arguments):
        return bool(arguments)
@hookimpl
def register_rules(config):
    return [Greeter()]
"""

Load = Callable[..., Registry]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Writes plugins into a folder and loads them."""

    def load(
        wanted: list[str] | None = None,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        **sources: str,
    ) -> Registry:
        for name, text in sources.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return load_plugins(wanted or list(sources), find_plugins([tmp_path]), options or {})

    return load


def problems(load: Load, *arguments: Any, **sources: Any) -> str:
    with pytest.raises(PluginError) as caught:
        load(*arguments, **sources)
    return caught.value.message


def test_a_listed_plugin_registers_its_objects_by_name(load: Load) -> None:
    assert load(good=GOOD).rules["greets"].answer("x") is True


def test_a_plugin_that_is_not_listed_is_not_even_imported(load: Load) -> None:
    registry = load(["good"], good=GOOD, other="raise RuntimeError('imported')")
    assert set(registry.plugins) == {"good"}


def test_a_package_is_a_plugin_too(tmp_path: Path) -> None:
    package = tmp_path / "greeting"
    package.mkdir()
    (package / "words.py").write_text("WORDS = 'is greeted'", encoding="utf-8")
    (package / "__init__.py").write_text("from .words import WORDS\n" + GOOD, encoding="utf-8")
    assert "greets" in load_plugins(["greeting"], find_plugins([tmp_path]), {}).rules


def test_an_unknown_plugin_is_told_with_what_was_meant(load: Load) -> None:
    assert "plugin goood: not found; did you mean good?" in problems(load, ["goood"], good=GOOD)


def test_a_name_found_twice_stops_the_start(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "good.py").write_text(GOOD, encoding="utf-8")
    with pytest.raises(PluginError, match="found more than once"):
        load_plugins(["good"], find_plugins([tmp_path / "a", tmp_path / "b"]), {})


def test_a_plugin_listed_twice_stops_the_start(load: Load) -> None:
    assert "listed twice" in problems(load, ["good", "good"], good=GOOD)


def test_a_misspelt_hook_stops_the_start(load: Load) -> None:
    misspelt = GOOD.replace("register_rules", "register_rulez")
    assert "no hook register_rulez; did you mean register_rules?" in problems(load, good=misspelt)


def test_a_wrong_api_version_stops_the_start(load: Load) -> None:
    assert "API_VERSION 2" in problems(load, good=GOOD.replace("API_VERSION = 1", "API_VERSION = 2"))


def test_a_plugin_that_cannot_be_imported_is_told_with_the_reason(load: Load) -> None:
    assert "plugin bad: cannot be imported: ZeroDivisionError" in problems(load, bad="1 / 0")


def test_a_failing_registration_stops_the_start(load: Load) -> None:
    failing = GOOD.replace("return [Greeter()]", "raise ValueError('no luck')")
    assert "register_rules failed: ValueError: no luck" in problems(load, good=failing)


def test_an_object_that_breaks_its_contract_is_told_with_what_it_lacks(load: Load) -> None:
    assert "is no Rule: no words" in problems(load, good=GOOD.replace('words = "is greeted"', "pass"))


def test_two_objects_of_one_name_stop_the_start(load: Load) -> None:
    assert "a Rule 'greets' exists already, registered by plugin" in problems(load, good=GOOD, twin=GOOD)


def test_hooks_with_wrong_arguments_stop_the_start(load: Load) -> None:
    assert "plugin good:" in problems(load, good=GOOD.replace("(config)", "(config, colour)"))


def test_every_problem_is_in_one_report(load: Load) -> None:
    report = problems(load, ["bad", "goood"], bad="1 / 0", good=GOOD)
    assert report.count("\n  - ") == 2


def test_options_that_no_plugin_reads_stop_the_start(load: Load) -> None:
    assert "[plugin.good]: no loaded plugin reads" in problems(load, options={"good": {"a": 1}}, good=GOOD)


def test_wrong_options_are_told_with_section_and_key(load: Load) -> None:
    reading = "from pydantic import BaseModel\nclass O(BaseModel):\n    port: int = 1\n" + GOOD.replace(
        "return [Greeter()]", "config.options('good', O); return [Greeter()]"
    )
    assert "[plugin.good] port:" in problems(load, options={"good": {"port": "many"}}, good=reading)


OBSERVER = """
from nurture import hookimpl
API_VERSION = 1
seen = []
@hookimpl
def observe_decisions(contact_ids, records):
    seen.append(contact_ids)
"""


def test_an_observer_that_fails_does_not_silence_the_others(load: Load) -> None:
    failing = OBSERVER.replace("seen.append(contact_ids)", "raise RuntimeError('observer')")
    registry = load(seeing=OBSERVER, failing=failing)
    registry.observe_decisions([7], [DecisionRecord("sent", "because")])
    import sys

    assert sys.modules["nurture_plugins.seeing"].seen == [[7]]
