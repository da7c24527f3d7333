"""The profiles that a backtest compares: a file, a version that was published, or the one in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from nurture.core.profile import Profile
from nurture.errors import CampaignError
from nurture.language.workspace import compile_source
from nurture.store import campaigns

PROMOTE = "promote"
"""What the decision records call the profile's promote condition."""

SHORTEST = 4
"""So much of a version must be given at least."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A profile to be tried, as its text: what is compiled of it does not go from process to process."""

    name: str
    version: str
    text: str
    origin: str

    def compiled(self) -> Profile:
        """The profile. Raised when it cannot be used after all: CampaignError."""
        return _profile_of(self.text, self.origin, None)


def read_candidate(path: Path, rules: Collection[str]) -> Candidate:
    """The profile in a file. Raised when there is none, or it has an error: CampaignError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CampaignError(f"there is no file {path}", hint="name a YAML file with the profile") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(f"{path} cannot be read: {error}", hint="write it in UTF-8") from error
    profile = _profile_of(text, str(path), rules)
    return Candidate(profile.name, profile.version, text, path.name)


def published_candidate(connection: sa.Connection, wanted: str = "") -> Candidate:
    """The published profile whose version begins with `wanted`; without it, the one in force.

    Raised when there is none, or several: CampaignError.
    """
    versions = campaigns.profile_versions(connection)
    if not versions:
        raise CampaignError(
            "no profile has been published", hint="compare with a file: --against FILE, or run: nurture tick"
        )
    if not wanted:
        return _published(versions[-1], "in force")
    wanted = wanted.rpartition("@")[2]
    fitting = [one for one in versions if len(wanted) >= SHORTEST and one.hash.startswith(wanted)]
    if len(fitting) == 1:
        return _published(fitting[0], "published")
    known = ", ".join(f"{one.name}@{one.hash[:8]}" for one in versions)
    problem = "several versions begin" if fitting else "there is no file, and no published version begins"
    raise CampaignError(f"--against: {problem} with {wanted!r}", hint=f"published are: {known}")


def promoting_rules(connection: sa.Connection) -> Mapping[str, frozenset[str]]:
    """For each published version the rules by which it promotes; what promoted else was no profile."""
    found = {}
    for text in campaigns.profile_versions(connection):
        profile = _profile_of(text.source, text.file, None)
        found[text.hash] = frozenset({PROMOTE, *(rule.id for rule in profile.signals if rule.buying)})
    return found


def _published(text: campaigns.StoredText, origin: str) -> Candidate:
    return Candidate(text.name, text.hash, text.source, origin)


def _profile_of(text: str, file: str, rules: Collection[str] | None) -> Profile:
    compiled = compile_source(text, file, rules=rules)
    if not isinstance(compiled, Profile):
        raise CampaignError(
            f"{file} is a campaign, not a profile", hint="a profile begins with kind: profile"
        )
    return compiled
