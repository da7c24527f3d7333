"""What is wrong with a document, and where: collected all together, never only the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from nurture.language.codes import Code, Severity


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One problem. `line` and `column` count from 1; `hint` says what to write instead."""

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    hint: str = ""


class Place(Protocol):
    """Anything that knows where it stands."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that is no node."""

    line: int = 1
    column: int = 1


@dataclass(slots=True)
class Report:
    """The findings of one file, or of one document in it."""

    file: str
    findings: list[CheckFinding] = field(default_factory=list)

    def add(self, code: Code, place: Place, message: str, hint: str = "") -> None:
        self.findings.append(
            CheckFinding(self.file, place.line, place.column, code.code, code.severity, message, hint)
        )

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)
