"""The reference says what the code says."""

from __future__ import annotations

import runpy

import pytest

from nurture.core.model import EnrolmentState, Lifecycle, SignalClass, SignalKind, Stage
from nurture.handover.answers import REASONS
from nurture.store.outbox import State
from tests.docs.blocks import ROOT

GENERATOR = runpy.run_path(str(ROOT / "docs/generate.py"))
PAGES: dict[str, str] = GENERATOR["pages"]()
WORDS = (ROOT / "docs/reference/words.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_what_the_generator_writes(name: str) -> None:
    committed = (GENERATOR["REFERENCE"] / name).read_text(encoding="utf-8")
    assert committed == PAGES[name], "run: make docs"


@pytest.mark.parametrize(
    "word", [*Lifecycle, *Stage, *SignalKind, *SignalClass, *EnrolmentState, *State, *REASONS]
)
def test_every_word_that_people_see_is_in_the_glossary(word: str) -> None:
    assert f"`{word}`" in WORDS


def test_the_help_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert GENERATOR["command_line_page"]() == PAGES["command-line.md"]
