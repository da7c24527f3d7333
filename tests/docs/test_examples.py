"""Every YAML, TOML and condition of the documents is understood by the code that reads such things."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from pydantic import BaseModel
from ruamel.yaml import YAML

from nurture.bundled import bundled
from nurture.deliver.templates import TemplateLibrary
from nurture.ingest.mapping_file import read_mapping
from nurture.ingest.outcomes.mapping_file import read_outcome_mapping
from nurture.language.conditions import parse
from nurture.language.findings import Report
from nurture.language.jsonschema import json_schema
from nurture.language.mentions import Known
from nurture.language.workspace import compile_source, load_documents
from nurture.language.yamlio import load_yaml, plain_data
from nurture.plug.discover import find_plugins
from nurture.plug.manager import load_plugins
from nurture.settings import load_settings
from tests.docs.blocks import Block, all_blocks

YAML_BLOCKS = all_blocks("yaml")
PARTS = [block for block in YAML_BLOCKS if {"steps", "campaign", "profile"} & set(block.words)]
MAPPINGS = [block for block in YAML_BLOCKS if "map" in block.words or ".map." in (block.path or "")]
OUTCOMES = [block for block in MAPPINGS if "outcomes" in block.words]
LEADS = [block for block in MAPPINGS if block not in OUTCOMES]
FRAGMENTS = [block for block in YAML_BLOCKS if "fragment" in block.words]
CASES = [block for block in YAML_BLOCKS if (block.path or "").startswith("tests/")]
"""Tests of campaigns: whoever follows the guide runs them."""

TRIAL = "campaigns/trial.yaml"
"""A profile in a workspace of its own, without campaigns."""

DOCUMENTS = [block for block in YAML_BLOCKS if (block.path or "").startswith("campaigns/")]

TEMPLATES = ("welcome", "costs", "tasting", "beans")
RULES = frozenset({"business_email", "role_address"})

PROFILE = """\
kind: profile
name: any
lead: {require: [name]}
fit: {prospect_at: 1, rules: [{id: any, when: known(contact.email), points: 1}]}
signals: [{id: comes, on: submitted, stage: comparison, points: 1}]
"""
CAMPAIGN = """\
kind: campaign
name: any
profile: any
purpose: marketing
locale: en
timezone: Europe/Amsterdam
audience: {when: known(contact.email)}
stages: {orientation: [{id: welcome, send: welcome}]}
handover: {team: sales-nl}
"""


def test_every_yaml_block_is_of_a_kind_that_is_checked() -> None:
    assert {str(block) for block in YAML_BLOCKS} == {
        str(block) for block in (*PARTS, *MAPPINGS, *FRAGMENTS, *DOCUMENTS, *CASES)
    }


def test_every_campaign_and_profile_compiles_without_a_finding(tmp_path: Path) -> None:
    texts = {str(block.path): block.text for block in DOCUMENTS}
    assert len(texts) == len(DOCUMENTS) >= 2
    assert compile_source(texts.pop(TRIAL), TRIAL, rules=RULES)
    assert _findings(tmp_path, texts) == []


@pytest.mark.parametrize("block", PARTS, ids=str)
def test_every_part_of_a_campaign_or_profile_compiles(block: Block, tmp_path: Path) -> None:
    assert _findings(tmp_path, _within(block)) == []


@pytest.mark.parametrize("block", [*DOCUMENTS, *PARTS, *CASES], ids=str)
def test_every_document_and_part_is_what_the_schema_of_editors_allows(block: Block) -> None:
    texts = _within(block).values() if block in PARTS else [block.text]
    validator = Draft7Validator(json_schema(_known(), {}))
    found = [
        error.message
        for text in texts
        for document in load_yaml(text, Report("x"))
        for error in validator.iter_errors(plain_data(document.root))
    ]
    assert found == []


def _within(block: Block) -> dict[str, str]:
    """The files of a small workspace in which a part of a document stands."""
    texts = {"campaigns/profile.yaml": PROFILE, "campaigns/campaign.yaml": CAMPAIGN}
    if "steps" in block.words:
        indented = "".join(f"    {line}\n" for line in block.text.splitlines())
        part = f"stages:\n  orientation:\n{indented}"
    else:
        part = block.text
    name = "profile" if "profile" in block.words else "campaign"
    texts[f"campaigns/{name}.yaml"] = _replaced(texts[f"campaigns/{name}.yaml"], part)
    return texts


@pytest.mark.parametrize("block", LEADS, ids=str)
def test_every_mapping_can_be_read(block: Block) -> None:
    assert read_mapping(block.text, str(block))


@pytest.mark.parametrize("block", OUTCOMES, ids=str)
def test_every_mapping_of_outcomes_can_be_read(block: Block) -> None:
    assert read_outcome_mapping(block.text, str(block))


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_every_toml_block_is_settings_whose_plugins_load(block: Block, tmp_path: Path) -> None:
    if "pyproject" in block.words:
        assert "nurture.plugins" in block.text
        return
    (tmp_path / "nurture.toml").write_text(block.text, encoding="utf-8")
    settings = load_settings(tmp_path)
    there = find_plugins([bundled("plugins")])
    wanted = [name for name in settings.plugins.load if name in {candidate.name for candidate in there}]
    read = {name: options for name, options in settings.plugin.items() if name in wanted}
    assert load_plugins(wanted, there, read).plugins.keys() == set(wanted)


@pytest.mark.parametrize(
    "line",
    [line for block in all_blocks("text", marked="condition") for line in block.text.splitlines()],
)
def test_every_condition_can_be_parsed(line: str) -> None:
    assert parse(line.partition("#")[0], rules=RULES)


def test_every_template_of_the_documents_is_sound(tmp_path: Path) -> None:
    blocks = [block for language in ("html", "jinja") for block in all_blocks(language) if block.path]
    for block in blocks:
        file = tmp_path / str(block.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
    library = TemplateLibrary([tmp_path / "templates", bundled("templates")])
    assert sorted(TEMPLATES) == sorted({Path(str(block.path)).stem for block in blocks})
    assert library.problems() == []


def _findings(folder: Path, texts: Mapping[str, str]) -> list[str]:
    (folder / "campaigns").mkdir()
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    found = load_documents(folder / "campaigns", known=_known()).findings
    return [f"{each.file}:{each.line} {each.code} {each.message}" for each in found]


def _known() -> Known:
    return Known(
        templates={name: frozenset({"en"}) for name in TEMPLATES},
        teams=frozenset({"sales-nl"}),
        channels=frozenset({"email", "webhook", "note"}),
        enrichers=frozenset({"company_from_email_domain", "country_from_phone"}),
        rules=RULES,
        actions=_actions(),
    )


@cache
def _actions() -> Mapping[str, type[BaseModel]]:
    wanted = ["tagging", "set_field", "membership", "webhook_notice", "email_notice"]
    registry = load_plugins(wanted, find_plugins([bundled("plugins")]), {})
    return {name: action.parameters for name, action in registry.actions.items()}


def _replaced(text: str, part: str) -> str:
    """`text` with the keys that `part` has, as `part` has them."""
    yaml = YAML(typ="rt")
    document = yaml.load(text)
    for key in yaml.load(part):
        document.pop(key, None)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue() + part
