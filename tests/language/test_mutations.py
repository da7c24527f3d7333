"""Spoils the example workspace in 400 ways: each must be found, and named where it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nurture.bundled import bundled
from nurture.core.expression import Or
from nurture.deliver.templates import TemplateLibrary
from nurture.errors import ConditionError
from nurture.language.conditions import parse
from nurture.language.findings import CheckFinding, Report
from nurture.language.render import render_findings
from nurture.language.workspace import Known, load_documents
from nurture.language.yamlio import load_yaml, plain_data
from tests.language.examples import CAMPAIGN, KNOWN
from tests.language.mutations import KINDS, Mutation, mutations

COUNT, SEED = 400, 20261124
PROFILE = (bundled("campaigns") / "profile.yaml").read_text(encoding="utf-8")
SPLIT = CAMPAIGN[: CAMPAIGN.index("tests:")].replace("name: new-website", "name: with-split")
SPLIT = SPLIT.replace("priority: 10", "priority: 15")
TEXTS = [
    PROFILE,
    SPLIT,
    *(
        (bundled("campaigns") / f"{name}.yaml").read_text(encoding="utf-8")
        for name in ("new-website", "webshop")
    ),
]
IN_WORKSPACE = Known(
    templates=TemplateLibrary([bundled("templates")]).index(),
    teams=KNOWN.teams,
    channels=KNOWN.channels,
    enrichers=frozenset({"company_from_email_domain", "country_from_phone"}),
    reasons=KNOWN.reasons,
)


@dataclass(frozen=True)
class Tried:
    mutation: Mutation
    findings: tuple[CheckFinding, ...]
    shown: str

    @property
    def harmless(self) -> bool:
        """Whether the text still says the same, or lacks a step that nothing asks for."""
        if self.mutation.kind == "step removed":
            return not self.mutation.also
        report = Report("x")
        documents = [_meant(plain_data(each.root)) for each in load_yaml(self.mutation.text, report)]
        return not report.findings and documents in MEANINGS

    @property
    def found(self) -> bool:
        return bool(self.findings)

    @property
    def named(self) -> bool:
        return any(self.mutation.names(finding.line) for finding in self.findings)

    def __str__(self) -> str:
        mutation = self.mutation
        said = [f"{each.line} {each.code} {each.message}" for each in self.findings]
        return f"{mutation.kind}, line {mutation.line}: {mutation.before!r} -> {mutation.after!r}: {said}"


def _meant(value: Any) -> Any:
    """The data with what its conditions say in place of their texts: white space, or the same said twice in
    one `or`, changes nothing."""
    match value:
        case dict():
            return {key: _meant(each) for key, each in value.items()}
        case list():
            return [_meant(each) for each in value]
        case str():
            try:
                said = parse(value, rules=None).root
            except ConditionError:
                return value
            return Or(tuple(dict.fromkeys(said.operands))) if isinstance(said, Or) else said
    return value


MEANINGS = [[_meant(plain_data(each.root)) for each in load_yaml(text, Report("x"))] for text in TEXTS]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> list[Tried]:
    folder = tmp_path_factory.mktemp("mutations") / "campaigns"
    folder.mkdir()
    return [_try(folder, mutation) for mutation in mutations(TEXTS, COUNT, SEED)]


def _try(folder: Path, mutation: Mutation) -> Tried:
    spoilt = folder / "spoilt.yaml"
    spoilt.write_text(mutation.text, encoding="utf-8")
    other = folder / "profile.yaml"
    other.unlink(missing_ok=True)
    if "prospect_at" not in mutation.text and "rules:" not in mutation.text:
        other.write_text(PROFILE, encoding="utf-8")
    findings = load_documents(folder, known=IN_WORKSPACE).findings
    of_file = tuple(finding for finding in findings if finding.file.endswith("spoilt.yaml"))
    return Tried(mutation, of_file, render_findings(findings, folder.parent))


def test_the_texts_themselves_have_no_findings(tmp_path: Path) -> None:
    folder = tmp_path / "campaigns"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    assert load_documents(folder, known=IN_WORKSPACE).findings == ()


def test_every_kind_of_mistake_is_tried(tried: list[Tried]) -> None:
    assert {each.mutation.kind for each in tried} == set(KINDS)


def test_no_mistake_is_accepted(tried: list[Tried]) -> None:
    assert [str(each) for each in tried if not each.found and not each.harmless] == []


def test_mistakes_are_named_where_they_are_made(tried: list[Tried]) -> None:
    harmful = [each for each in tried if not each.harmless]
    astray = [each for each in harmful if not each.named]
    share = 1 - len(astray) / len(harmful)
    told = f"{len(harmful)} of {COUNT} mutations do harm; {share:.1%} are named at their line or beside it"
    print(told)  # noqa: T201 - the figure is worth seeing with pytest -s
    assert share >= 0.95, "\n".join([told, *map(str, astray)])


def test_every_finding_is_shown_with_its_line(tried: list[Tried]) -> None:
    hidden = [
        each for each in tried if each.found and f"spoilt.yaml:{each.findings[0].line}" not in each.shown
    ]
    assert [str(each) for each in hidden] == []
