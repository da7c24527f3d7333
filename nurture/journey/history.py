"""What was published when and by whom, what was taken back, and what changed in the text."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.errors import CampaignError
from nurture.store import campaigns
from nurture.store.engine import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One publication. `version` is empty where the campaign was stopped; `diff` a unified diff.

    `standing` is "live" where this is what runs now, "taken back" where a later one took it back.
    """

    at: datetime
    campaign: str
    version: str
    author: str
    note: str
    standing: str
    diff: str


def history(store: Store, name: str | None = None) -> list[Entry]:
    """Every publication, oldest first: of one campaign, or of all."""
    with store.read() as connection:
        rows = campaigns.history_of(connection, name)
        sources = _sources(connection, rows)
    hashes = {row.id: row.hash or "" for row in rows}
    last = {row.campaign: row.id for row in rows}
    undone = {row.undoes for row in rows if row.undoes is not None}
    return [
        Entry(
            at=row.at,
            campaign=row.campaign,
            version=row.hash or "",
            author=row.author or "",
            note=_note(row, hashes),
            standing="live"
            if last[row.campaign] == row.id and row.version_id
            else "taken back"
            if row.id in undone
            else "",
            diff=_diff(sources.get(row.before_id, ""), sources.get(row.version_id, "")),
        )
        for row in rows
    ]


def compare(store: Store, name: str, a: str = "", b: str = "") -> str:
    """What differs between two versions of a campaign, as a unified diff; each is the start of its hash.

    Without `b` the second one is the live version, without either they are the last two that were live.
    Raised when there is no such version, or only one: CampaignError.
    """
    with store.read() as connection:
        rows = campaigns.history_of(connection, name)
        sources = _sources(connection, rows)
    by_hash = {row.hash: row.version_id for row in rows if row.version_id is not None}
    ran = [row.version_id for row in rows if row.version_id is not None]
    if a:
        first, second = _version(a, name, by_hash), _version(b, name, by_hash) if b else ran[-1]
    else:
        before = next((one for one in reversed(ran) if one != ran[-1]), None)
        if before is None:
            raise CampaignError(f"there is only one version of {name}", hint="see: nurture versions")
        first, second = before, ran[-1]
    return _diff(sources[first], sources[second])


def _version(start: str, name: str, by_hash: dict[str, int]) -> int:
    found = [version for each, version in by_hash.items() if each.startswith(start)]
    if len(found) != 1:
        many = "more than one version" if found else "no version"
        known = ", ".join(each[:8] for each in by_hash)
        raise CampaignError(f"{many} of {name} begins with {start}", hint=f"there are: {known}")
    return found[0]


def _note(row: Any, hashes: dict[int, str]) -> str:
    """What was said of it; of one that takes another back also which."""
    parts = [row.note or ("" if row.version_id else "stopped")]
    if row.undoes is not None:
        parts.insert(0, f"takes {hashes.get(row.undoes, '')[:8] or 'a stop'} back")
    return ": ".join(part for part in parts if part)


def _sources(connection: sa.Connection, rows: Sequence[Any]) -> dict[int, str]:
    wanted = {each for row in rows for each in (row.version_id, row.before_id) if each is not None}
    return {one.version_id: one.text.source for one in campaigns.load_versions(connection, wanted)}


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=1)
    return "\n".join(lines)
