"""A behaviour in YAML: what it says counts, and what is wrong in it is told with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nurture.core.model import Stage
from nurture.errors import NurtureError
from nurture.simulate import behaviour as module
from nurture.simulate.behaviour import Behaviour
from nurture.simulate.behaviour_file import read_behaviour


def written(folder: Path, text: str) -> Path:
    file = folder / "behaviour.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert read_behaviour(written(tmp_path, "")) == Behaviour()


def test_the_example_of_the_docs_is_read(tmp_path: Path) -> None:
    example = (module.__doc__ or "").partition("\n\n")[2]
    found = read_behaviour(written(tmp_path, example))
    assert found.chance("click", "comparison/costs", Stage.ORIENTATION) == 0.35
    assert found.delays["open"] == timedelta(hours=5)


def test_a_chance_may_differ_by_stage(tmp_path: Path) -> None:
    found = read_behaviour(written(tmp_path, "open: {decision: 0.9}\n"))
    assert found.chances["open"][Stage.DECISION] == 0.9
    assert found.chances["open"][Stage.ORIENTATION] == Behaviour().chances["open"][Stage.ORIENTATION]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("opens: 0.3\n", r":1:1: there is no key 'opens'; did you mean open\?"),
        ("open: 30\n", r":1:1: expected a number from 0 to 1, not 30"),
        ("bounce: yes\n", "expected a number"),
        ("open: {orientatie: 0.3}\n", r":1:8: there is no key"),
        ("awake: 9\n", "expected hours like 07:00-23:00"),
        ("awake: 23:00-07:00\n", "must begin before it ends"),
        ("delay: {open: soon}\n", "expected a duration like"),
        ("forms: {quote: quote}\n", "expected a page"),
        ("sales: {accept: 0.7, no_fit: 0.5}\n", "more than 1 together"),
        ("templates: 3\n", "expected a table"),
        ("open: [\n", "not valid YAML"),
        ("- open\n", "expected a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(NurtureError, match=words):
        read_behaviour(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NurtureError, match="cannot be read"):
        read_behaviour(tmp_path / "none.yaml")
