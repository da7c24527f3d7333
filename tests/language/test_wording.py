"""What people write from habit is told in plain words, with what to write instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from nurture.language.workspace import load_documents
from tests.language.examples import KNOWN
from tests.language.kinds import CAMPAIGN, PROFILE, put


class Parameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tag: str = Field(default="hot", description="The mark.", pattern="^[a-z]+$")
    times: int = Field(default=1, ge=1)
    how: Literal["soft", "loud"] = "soft"
    data: dict[str, str] = {}
    day: str = ""

    @field_validator("day")
    @classmethod
    def _is_no_sunday(cls, day: str) -> str:
        if day == "sun":
            raise ValueError("nothing is done on a Sunday")
        return day


def told(folder: Path, text: str) -> tuple[str, str]:
    """Message and hint of the one error."""
    for name, document in (("a", PROFILE), ("b", put(CAMPAIGN, text))):
        (folder / f"{name}.yaml").write_text(document, encoding="utf-8")
    known = replace(KNOWN, actions={"mark": Parameters})
    (error,) = load_documents(folder, known=known).errors
    return error.message, error.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("- {id: a, exit: bought: elsewhere}", "put the whole reason between quotes: exit: '…'"),
        ('- id: a\n  exit: "done" now', "put the whole reason between quotes: exit: '…'"),
        ("- {id: a, exit: 'it's over'}", 'put the whole reason between quotes: exit: "…"'),
        (
            '- {id: a, choose: [{when: fit > 2, do: [{id: b, exit: "done" now}]}]}',
            "put the whole reason between quotes: exit: '…'",
        ),
        ("- {id: a, exit: done, and happy}", "a comma ends a text between { and }"),
        ("- {id: a, exit: {when: fit > 2}}", "say why in a few words: exit: bought already"),
        ("- {id: a, exit: #1 customer}", "put the text between quotes"),
        ("exit: buys from us already", "why, in words, is for a step's exit"),
        ('exit: answers.x == "a": b', "put the whole condition between single quotes: exit: '…'"),
        ('audience: {on: {signal: submitted, where: "a" == form}}', "single quotes: where: '…'"),
        ('audience: {when: "a" in contact.interests}', "put the whole condition between single quotes"),
        ("- {<<: {wait: 3d}, id: a, wait: 3d}", "tables are not merged here: leave << out"),
        ("- {id: a, hand_over: yes}", "write hand_over: true"),
        ("- {id: a, hand_over: false}", "write hand_over: true"),
        ("- {id: a, wait: 09:00}", "write wait: {until: mon-sun 09:00}"),
        ("- {id: a, wait: tue 09:00}", "write wait: {until: tue 09:00}"),
        ("- {id: a, wait: 3}", "add the unit: 3d are days"),
        ("- {id: a, do: {mark: {tag: HOT}}}", "tag: The mark."),
    ],
)
def test_the_hint_says_what_to_write(tmp_path: Path, text: str, hint: str) -> None:
    assert hint in told(tmp_path, text)[1]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("{tag: [a]}", "mark: tag must be a text: put it between quotes"),
        ("{tag: HOT}", "mark: tag cannot be 'HOT'"),
        ("{times: often}", "mark: times must be a whole number"),
        ("{times: 0}", "mark: times must be at least 1"),
        ("{how: quiet}", "mark: how must be 'soft' or 'loud'"),
        ("{data: x}", "mark: data must be a table: {key: value}"),
        ("{day: sun}", "mark: day cannot be used: nothing is done on a Sunday"),
    ],
)
def test_a_parameter_is_told_without_pydantic_s_words(tmp_path: Path, parameters: str, message: str) -> None:
    assert told(tmp_path, f"- {{id: a, do: {{mark: {parameters}}}}}")[0] == message


def test_a_moment_that_the_hint_names_can_be_read(tmp_path: Path) -> None:
    text = put(CAMPAIGN, "- {id: a, wait: {until: mon-sun 09:00}}\n- {id: b, send: orientation/welcome}")
    for name, document in (("a", PROFILE), ("b", text)):
        (tmp_path / f"{name}.yaml").write_text(document, encoding="utf-8")
    assert load_documents(tmp_path, known=KNOWN).findings == ()
