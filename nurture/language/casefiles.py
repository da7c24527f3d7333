"""Reads `tests/*.yaml` of a workspace: documents of `kind: tests`, each for one campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nurture.core.campaign import Campaign
from nurture.language import codes
from nurture.language.cases import Case, read_cases
from nurture.language.findings import CheckFinding, Report
from nurture.language.mentions import Known
from nurture.language.names import did_you_mean
from nurture.language.reading import Reader
from nurture.language.yamlio import Document, load_yaml, read_text

KEYS = ("kind", "campaign", "tests")
KIND = ("tests",)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The tests of one document, for one campaign."""

    campaign: str
    file: str
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """All of them, and what is wrong with any."""

    files: tuple[CaseFile, ...]
    findings: tuple[CheckFinding, ...]


def load_case_files(folder: Path, campaigns: Mapping[str, Campaign], known: Known) -> CaseFiles:
    """Every .yaml file in `folder`; a missing folder has none."""
    files: list[CaseFile] = []
    findings: list[CheckFinding] = []
    for path in sorted(folder.glob("*.y*ml")):
        report = Report(f"{folder.name}/{path.name}")
        text = read_text(path, report)
        for document in load_yaml(text, report) if text is not None else ():
            found = _read(document, report, campaigns, known)
            if found is not None:
                files.append(found)
        findings += report.findings
    return CaseFiles(tuple(files), tuple(findings))


def _read(
    document: Document, report: Report, campaigns: Mapping[str, Campaign], known: Known
) -> CaseFile | None:
    reader = Reader(report, known.rules)
    root = reader.table(document.root, "a document", KEYS)
    if root is None:
        return None
    reader.choice(root.need("kind", "write kind: tests"), "kind", KIND, codes.UNKNOWN_KIND)
    node = root.need("campaign", "name the campaign that the tests are for")
    name = reader.text(node, "campaign")
    campaign = campaigns.get(name or "")
    if campaign is None:
        if name is not None and node is not None:
            report.add(
                codes.UNKNOWN_VALUE, node, f"there is no campaign {name}", did_you_mean(name, campaigns)
            )
        return None
    cases = read_cases(reader, root.need("tests"), campaign.timezone, campaign.steps)
    for mention in reader.mentions:
        if mention.kind == "team" and mention.name not in known.teams:
            hint = did_you_mean(mention.name, known.teams)
            report.add(codes.UNKNOWN_TEAM, mention.place, f"there is no team {mention.name}", hint)
    return CaseFile(campaign.name, report.file, cases)
