"""What a kind of finding is, and the catalogue of all kinds; they stand in `codes` and `foresight`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of finding. An error keeps the document from being published, a warning does not.

    `wrong` and `right` are an example: keys of a document, or steps of a track, before and after.
    """

    code: str
    severity: Severity
    title: str
    explanation: str
    wrong: str = ""
    right: str = ""


CATALOGUE: dict[str, Code] = {}
"""All codes."""


def define(
    code: str,
    title: str,
    explanation: str,
    severity: Severity = "error",
    *,
    wrong: str = "",
    right: str = "",
) -> Code:
    """A new kind of finding, added to the catalogue; no code can be there twice."""
    assert code not in CATALOGUE, f"{code} is there twice"
    CATALOGUE[code] = Code(code, severity, title, explanation, wrong, right)
    return CATALOGUE[code]
