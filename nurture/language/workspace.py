"""All documents of a workspace: read, compiled and checked together; and single ones that were published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nurture.core.campaign import Campaign
from nurture.core.profile import Profile
from nurture.errors import CampaignError
from nurture.language import codes
from nurture.language.cases import Case
from nurture.language.documents import DocumentText, Draft, read_document
from nurture.language.findings import CheckFinding, Report, Spot
from nurture.language.lint import lint
from nurture.language.mentions import Known
from nurture.language.names import did_you_mean
from nurture.language.yamlio import load_yaml, read_text

__all__ = [
    "Compiled",
    "CompiledCampaign",
    "CompiledProfile",
    "DocumentText",
    "Known",
    "compile_source",
    "load_documents",
]


@dataclass(frozen=True, slots=True)
class CompiledProfile:
    profile: Profile
    text: DocumentText


@dataclass(frozen=True, slots=True)
class CompiledCampaign:
    """A campaign with its text, its `tests:`, and where its steps begin, or its `moved:` if there is one."""

    campaign: Campaign
    text: DocumentText
    tests: tuple[Case, ...] = ()
    place: Spot = field(default=Spot(), compare=False)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a workspace says: the documents without errors, and all findings in the order of the files."""

    profiles: tuple[CompiledProfile, ...]
    campaigns: tuple[CompiledCampaign, ...]
    findings: tuple[CheckFinding, ...]

    @property
    def errors(self) -> tuple[CheckFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def campaign_texts(self) -> tuple[DocumentText, ...]:
        return tuple(each.text for each in self.campaigns)

    def the_profile(self, name: str = "") -> DocumentText:
        """The text of the profile that runs: the one of that name, else the only one.

        Raised when there is none, or no name says which of several: CampaignError.
        """
        texts = {each.text.name: each.text for each in self.profiles}
        if name in texts:
            return texts[name]
        if name:
            raise CampaignError(f"profile: there is no profile {name}", hint=did_you_mean(name, texts))
        if not texts:
            raise CampaignError("there is no profile", hint="write a document with kind: profile")
        if len(texts) > 1:
            raise CampaignError(
                f"there are {len(texts)} profiles: {', '.join(sorted(texts))}",
                hint='say which one runs in nurture.toml: profile = "…"',
            )
        return next(iter(texts.values()))


def load_documents(folder: Path, *, known: Known, today: date | None = None) -> Compiled:
    """Reads every .yaml file in `folder` and beneath; a missing folder is a finding too.

    Without `today` nothing is said of what depends on the day: whether a window ever opens again.

    Files are named in findings by their path from the folder that `folder` stands in.
    """
    files = [
        path for path in sorted(folder.rglob("*")) if path.suffix in (".yaml", ".yml") and path.is_file()
    ]
    read = [_read_file(path, f"{folder.name}/{path.relative_to(folder).as_posix()}", known) for path in files]
    drafts = [draft for file in read for draft in file.drafts]
    lint(drafts, known, today)
    sound = [
        draft for file in read if not file.report.has_errors for draft in file.drafts if _is_sound(draft)
    ]
    findings = [finding for file in read for finding in file.findings()]
    # What stands in a file that could not be read is not known: perhaps the campaign.
    if not any(draft.kind == "campaign" for draft in drafts) and not any(f.report.has_errors for f in read):
        findings.append(_no_campaign(folder, nothing=not drafts and not findings))
    return Compiled(
        profiles=tuple(
            CompiledProfile(draft.value, draft.text) for draft in sound if isinstance(draft.value, Profile)
        ),
        campaigns=tuple(
            CompiledCampaign(draft.value, draft.text, draft.tests, _steps_of(draft))
            for draft in sound
            if isinstance(draft.value, Campaign)
        ),
        findings=tuple(findings),
    )


def compile_source(text: str, file: str, *, rules: Collection[str] | None = None) -> Campaign | Profile:
    """One document whose text comes back from the database.

    It was checked when it was published, so nothing outside it is looked at; `rules` None lets conditions
    call any plugin's rule. Raised when it cannot be used after all, naming the first problem: CampaignError.
    """
    report = Report(file)
    drafts = [read_document(document, report, rules) for document in load_yaml(text, report)]
    for finding in report.findings:
        if finding.severity == "error":
            where = f"{file}:{finding.line}:{finding.column}"
            raise CampaignError(f"{where}: {finding.code} {finding.message}", hint=finding.hint)
    values = [draft.value for draft in drafts if draft is not None and draft.value is not None]
    if len(values) != 1:
        raise CampaignError(f"{file}: one document was expected, and there are {len(values)}")
    return values[0]


@dataclass(frozen=True, slots=True)
class _File:
    """What was read of one file: findings on the file itself, and each document with findings of its own."""

    report: Report
    reports: tuple[Report, ...]
    drafts: tuple[Draft, ...]

    def findings(self) -> list[CheckFinding]:
        found = [finding for report in (self.report, *self.reports) for finding in report.findings]
        return sorted(found, key=lambda finding: (finding.line, finding.column, finding.code))


def _read_file(path: Path, name: str, known: Known) -> _File:
    report = Report(name)
    text = read_text(path, report)
    documents = load_yaml(text, report) if text is not None else []
    reports = tuple(Report(name) for _ in documents)
    drafts = [
        read_document(document, own, known.rules) for document, own in zip(documents, reports, strict=True)
    ]
    return _File(report, reports, tuple(draft for draft in drafts if draft is not None))


def _no_campaign(folder: Path, *, nothing: bool) -> CheckFinding:
    report = Report(folder.name)
    if nothing:
        hint = "write a profile (kind: profile), or begin with the example: nurture init DIR"
        report.add(codes.NOTHING_TO_RUN, Spot(), f"there is no profile and no campaign in {folder}", hint)
    else:
        report.add(codes.NO_CAMPAIGNS, Spot(), f"there is no campaign in {folder}", "see: nurture init")
    return report.findings[0]


def _steps_of(draft: Draft) -> Spot:
    return draft.place_of("moved" if "moved" in draft.root else "stages")


def _is_sound(draft: Draft) -> bool:
    return draft.value is not None and not draft.reader.report.has_errors
