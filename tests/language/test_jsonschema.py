"""The schema that editors use: what is right passes, what is wrong does not, and every key has its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel

from nurture.app import build_app
from nurture.language import campaigns, profiles, steps
from nurture.language.findings import Report
from nurture.language.jsonschema import json_schema
from nurture.language.keywords import DESCRIPTIONS, STEP_DESCRIPTIONS
from nurture.language.yamlio import load_yaml, plain_data
from nurture.settings import load_settings
from nurture.workspace import create_workspace
from tests.language.examples import BOTH, CAMPAIGN, KNOWN, PROFILE
from tests.language.test_more_steps import Tag

NAMES = {"profile": ["web-agency"], "campaign": ["new-website"]}
SCHEMA = json_schema(replace(KNOWN, actions={"tag": Tag}), NAMES)
VALIDATOR = Draft7Validator(SCHEMA)


def documents(text: str) -> Iterator[Any]:
    return (plain_data(document.root) for document in load_yaml(text, Report("x")))


def problems(text: str) -> list[str]:
    return [error.message for document in documents(text) for error in VALIDATOR.iter_errors(document)]


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_the_documents_of_the_design_pass() -> None:
    assert problems(BOTH) == []


def test_the_example_workspace_passes(tmp_path: Path) -> None:
    create_workspace(tmp_path / "w")
    app = build_app(load_settings(tmp_path / "w"))
    validator = Draft7Validator(json_schema(app.known(), {"profile": ["web-agency"]}))
    texts = [path.read_text(encoding="utf-8") for path in (tmp_path / "w" / "campaigns").glob("*.yaml")]
    found = [
        error.message for text in texts for each in documents(text) for error in validator.iter_errors(each)
    ]
    assert (len(texts), found) == (4, [])


STEPS = [
    "{id: x, wait: {until: tue 09:00}}",
    "{id: x, wait: {until: answers.renewal, minus: 14d, at: 09:00}}",
    "{id: x, wait_for: clicked(), up_to: 4d, on_timeout: [{id: y, wait: 1d}]}",
    "{id: x, do: {tag: hot}}",
    "{id: x, do: {tag: {tag: hot}}}",
    "{id: x, goal: visited()}",
    "{id: x, exit: bought elsewhere}",
    "{id: 7, exit: 404}",
    "{id: x, go_to: pause}",
    "{id: x, hand_over: sales-nl}",
    "{id: x, hand_over: true}",
    "{id: x, hand_over: {team: sales-nl, because: asked}}",
]


@pytest.mark.parametrize("step", STEPS)
def test_every_kind_of_step_passes(step: str) -> None:
    assert problems(CAMPAIGN.replace("- {id: pause,    wait: 3d}", f"- {step}")) == []


WRONG = [
    (CAMPAIGN, old, new)
    for old, new in [
        ("kind: campaign", "kind: campain"),
        ("name: new-website", "nam: new-website"),
        ("profile: web-agency", "profile: web-agencie"),
        ("purpose: marketing", "purpose: [marketing]"),
        ("reenter: after 180d", "reentry: after 180d"),
        ("days: mon-fri", "day: mon-fri"),
        ("hours: 09:00-17:30", "hours: 9 to 5"),
        ("messages: 2", "messages: two"),
        ("messages: 2", "messages: 0"),
        ("per: 7d", "per: 7"),
        ("priority: 10", "priority: high"),
        ("orientation:", "orientaton:"),
        ("wait: 3d", "wait: 3 dys"),
        ("wait: 3d", "wait: {untill: tue 09:00}"),
        ("wait: 3d", "wate: 3d"),
        ("{id: pause,    wait: 3d}", "{wait: 3d}"),
        ("{id: pause,    wait: 3d}", "{id: pause, wait: 3d, up_to: 4d}"),
        ("{id: pause,    wait: 3d}", "{id: pause, do: {tga: hot}}"),
        ("{id: pause,    wait: 3d}", "{id: pause, do: {tag: {tags: hot}}}"),
        ("{id: pause,    wait: 3d}", "{id: pause, do: {tag: a, untag: b}}"),
        ("{id: pause,    wait: 3d}", "{id: pause, hand_over: sales-xx}"),
        (", up_to: 4d}", "}"),
        ("send: orientation/welcome", "send: orientation/welcom"),
        ("{a: 45, b: 45, holdout: 10}", "{a: half, b: half}"),
        ("{else: [", "{els: ["),
        ("team: sales-nl\n", "team: sales-xx\n"),
        ("assign: round_robin", "assign: random"),
        ("notify: [email, webhook]", "notify: [fax]"),
        ("no_fit: disqualify", "no_fit: forget"),
        ("{at: 0d, sent: welcome}", "{at: 0d, snt: welcome}"),
        ("given: {now:", "givn: {now:"),
    ]
]
WRONG += [
    (PROFILE, old, new)
    for old, new in [
        ("prospect_at: 60", "prospect_at: lots"),
        ("points: 30", "points: thirty"),
        ("stage: orientation", "stage: orienation"),
        ("half_life: 21d", "half_life: 3 weeks"),
        ("buying: true", "buying: maybe"),
        ("enrich: [company_from_email_domain]", "enrich: [company]"),
        ("fit:", "fitt:"),
    ]
]


@pytest.mark.parametrize(("text", "old", "new"), WRONG)
def test_what_is_wrong_does_not_pass(text: str, old: str, new: str) -> None:
    assert old in text
    assert problems(text.replace(old, new, 1)) != []


def test_every_key_of_a_document_has_its_words() -> None:
    assert set(DESCRIPTIONS) == {*profiles.KEYS, *campaigns.KEYS}


def test_every_key_of_a_step_has_its_words() -> None:
    assert set(STEP_DESCRIPTIONS) == set(steps.STEP_KEYS)


def test_an_editor_is_offered_every_kind_of_step_with_what_each_key_means() -> None:
    kinds = SCHEMA["definitions"]["steps"]["items"]["anyOf"]
    assert [kind["title"] for kind in kinds] == list(steps.STEP_KINDS)
    assert all(part["description"] for kind in kinds for part in kind["properties"].values())


class Line(BaseModel):
    """One line of an order."""

    item: str
    number: int = 1


class Order(BaseModel):
    lines: list[Line]


def test_parameters_within_parameters_are_known_too() -> None:
    schema = json_schema(replace(KNOWN, actions={"order": Order, "again": Order}), NAMES)
    step = "- {id: x, do: {order: {lines: [{item: cup, number: ¦}]}}}"
    old = "- {id: pause,    wait: 3d}"
    found = [
        [
            error.message
            for each in documents(CAMPAIGN.replace(old, step.replace("¦", number)))
            for error in Draft7Validator(schema).iter_errors(each)
        ]
        for number in ("2", "two")
    ]
    assert (found[0], bool(found[1])) == ([], True)
